/**
 * The plain model's reading of events: strings, maps, regular expressions and bigint, written from spec/counters.md 1.2-1.11
 * and nothing of src/. It answers the fields of a valid event, and undefined for one that must be rejected.
 */
import { isIPv4, isIPv6 } from 'node:net';

export type PlainEvent = {
  readonly name: string;
  has(key: string): boolean;
  text(key: string): string;
  /** Integers; 0 if absent. */
  int(key: string): bigint;
  /** Integers and floats; 0 if absent. */
  float(key: string): number;
};

/** `key kind min max`, `!` after a key that must be there, `@2` or `@3` after one that needs that version. */
type Rules = string;

const STREAM_ENDED = 'chan circ stream port read written created ended host ip number';
const STREAM_INTS = ['chan', 'circ', 'stream', 'port', 'read', 'written', 'number'];

const COMMON: Rules = `
NextChannelId int 0; NextCircuitId int 0; PreviousChannelId int 0; PreviousCircuitId int 0;
IsOriginFlag int 0 1; IsEntryFlag int 0 1; IsMidFlag int 0 1; IsEndFlag int 0 1;
IsExitFlag int 0 1; IsDirFlag int 0 1; IsHSDirFlag int 0 1; IsIntroFlag int 0 1; IsRendFlag int 0 1;
IsClientIntroLegacyFlag int 0 1; IsMarkedForCloseFlag int 0 1; HasReceivedCreateCellFlag int 0 1;
IsHSClientSideFlag int 0 1; HiddenServiceVersionNumber int 2 3; OnionHandshakeType int 0 2;
FailureReasonString text 1 50; ExitStreamCount int 1`;

const withPrefix = (prefix: string): Rules => COMMON.replace(/(^|;)\s*(?=\w)/g, `$1 ${prefix}`);

const CIRCUIT_CLOSE: Rules = `EventTimestamp! float 0; CreatedTimestamp! float 0; IsLegacyCircuitEndEventFlag! int 0 1;
StateString! text 1 50; PurposeCode! int 1 20; PurposeString text 1 50; HSStateString text 1 50;
PreviousNodeIPAddress ip; NextNodeIPAddress ip; PreviousNodeFingerprint text 40 40; NextNodeFingerprint text 40 40;
PreviousNodeRelayFlagList list 1 20; NextNodeRelayFlagList list 1 20;
InboundSentCellCount int 0; InboundReceivedCellCount int 0; OutboundSentCellCount int 0; OutboundReceivedCellCount int 0;
InboundExitCellCount int 0; OutboundExitCellCount int 0; InboundExitByteCount int 0; OutboundExitByteCount int 0;
InboundDirByteCount int 0; OutboundDirByteCount int 0;
${COMMON}; ${withPrefix('IntroClientSink')}; ${withPrefix('RendSplice')}`;

const CONNECTION_CLOSE: Rules = `EventTimestamp! float 0; CreatedTimestamp! float 0; ChannelId! int 0;
RemoteIsClientFlag! int 0 1; RemoteIPAddress! ip; RemoteIPAddressConnectionCount! int 0 131072;
PeerIPAddressConsensusRelayCount! int 0 100; PeerIPAddress ip; InboundByteCount int 0; OutboundByteCount int 0;
InboundCircuitCount int 0; OutboundCircuitCount int 0; RemoteCountryCode text 2 2`;

const HSDIR: Rules = `HiddenServiceVersionNumber! int 2 3; EventTimestamp! float 0; CacheReasonString! text 1 50;
HasExistingCacheEntryFlag int 0 1; EncodedIntroPointByteCount int 0; EncodedDescriptorByteCount int 0;
IntroPointCount@2 int 0 10; RequiresClientAuthFlag@2 int 0 1; DescriptorCreationTime@2 float 0;
DescriptorIdBase32String text 32; OnionAddress@2 text 16 16; RevisionNumber@3 int 0;
SupportedProtocolBitfield@2 any; IntroPointFingerprintList@2 any; DescriptorLifetime@3 any;
BlindedEd25519PublicKeyBase64String@3 text 43 43`;

const TAGGED: Readonly<Record<string, Rules>> = {
  PRIVCOUNT_CIRCUIT_CLOSE: CIRCUIT_CLOSE,
  PRIVCOUNT_CONNECTION_CLOSE: CONNECTION_CLOSE,
  PRIVCOUNT_HSDIR_CACHE_STORE: `${HSDIR}; WasAddedToCacheFlag! int 0 1`,
  PRIVCOUNT_HSDIR_CACHE_FETCH: `${HSDIR}; CacheQueryByteCount! int 0; HasCacheEntryFlag int 0 1;
    CacheLastServedTime@2 int 0; CacheCreatedTime@3 int 0`,
  PRIVCOUNT_VITERBI_PACKETS: 'EventTimestamp! float 0; ViterbiPathPackets! text 1',
  PRIVCOUNT_VITERBI_STREAMS: 'EventTimestamp! float 0; ViterbiPathStreams! text 1',
};

const BLANKS = /^[\t\v\f]+|[\t\v\f]+$/g;
const UINT64_MAX = (1n << 64n) - 1n;

export function plainInt(text: string): bigint | undefined {
  const trimmed = text.replace(BLANKS, '');
  if (!/^[+-]?\d+$/.test(trimmed)) return undefined;
  const magnitude = BigInt(trimmed.replace(/^[+-]/, ''));
  if (magnitude > UINT64_MAX) return undefined;
  return trimmed.startsWith('-') ? -magnitude : magnitude;
}

function plainFloat(text: string): number | undefined {
  const trimmed = text.replace(BLANKS, '');
  if (/^[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?)$/i.test(trimmed)) return Number(trimmed);
  if (/^[+-]?inf(inity)?$/i.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity;
  return undefined;
}

/** 4, 6 or 0, by Node's own parser; only the leading zeros of octets follow another rule (1.2). */
export function plainIpVersion(text: string): 0 | 4 | 6 {
  const dotted = /^(.*:)?(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text);
  const octets = dotted?.[2]?.split('.') ?? [];
  if (octets.some((octet) => octet.length > 1 && octet.startsWith('0') && Number(octet) > 7)) return 0;
  const normal = dotted === null ? text : `${dotted[1] ?? ''}${octets.map(Number).join('.')}`;
  if (isIPv4(normal)) return 4;
  return isIPv6(normal) && !text.includes('%') ? 6 : 0;
}

/** The event of a line without its `650 `, or undefined if it must be rejected or is no counted event. */
export function parsePlain(line: string): PlainEvent | undefined {
  const stripped = line.replace(/[ \t\n\v\f\r]+$/, '');
  const space = stripped.indexOf(' ');
  if (space < 0) return undefined;
  const name = stripped.slice(0, space);
  const rest = stripped.slice(space + 1);
  if (name === 'PRIVCOUNT_STREAM_ENDED') return parseStream(name, rest);
  const rules = TAGGED[name];
  return rules === undefined ? undefined : parseTagged(name, rest, rules);
}

function parseStream(name: string, rest: string): PlainEvent | undefined {
  const keys = STREAM_ENDED.split(' ');
  const values = rest.split(' ');
  if (values.length !== keys.length) return undefined;
  const fields = new Map(keys.map((key, at) => [key, values[at]!]));
  const areInts = STREAM_INTS.every((key) => plainInt(fields.get(key)!) !== undefined);
  const areFloats = ['created', 'ended'].every((key) => plainFloat(fields.get(key)!) !== undefined);
  return areInts && areFloats ? toEvent(name, fields) : undefined;
}

function parseTagged(name: string, rest: string, rules: Rules): PlainEvent | undefined {
  const fields = new Map<string, string>();
  for (const token of rest.split(' ').filter((token) => token !== '')) {
    const parts = token.split('=');
    if (/[\r\n\0]/.test(token) || parts.length !== 2 || parts[0] === '' || fields.has(parts[0]!))
      return undefined;
    fields.set(parts[0]!, parts[1]!);
  }
  if (fields.size === 0) return undefined;
  const event = toEvent(name, fields);
  const areValid = rules.split(';').every((rule) => isValid(event, rule.trim()));
  return areValid && areSizesConsistent(event) ? event : undefined;
}

function isValid(event: PlainEvent, rule: string): boolean {
  const [head, kind, min = '-Infinity', max = 'Infinity'] = rule.split(/\s+/);
  const [key, version] = head!.replace('!', '').split('@');
  if (!event.has(key!)) return !head!.includes('!');
  if (version !== undefined && event.int('HiddenServiceVersionNumber') !== BigInt(version)) return false;
  const size = sizeOf(event.text(key!), kind!);
  return size !== undefined && size >= Number(min) && size <= Number(max);
}

function sizeOf(text: string, kind: string): number | undefined {
  if (kind === 'text') return text.length;
  if (kind === 'list') return text === '' ? 0 : text.split(',').length;
  if (kind === 'int') {
    const value = plainInt(text);
    return value === undefined ? undefined : Number(value);
  }
  if (kind === 'float') return plainFloat(text);
  if (kind === 'ip') return plainIpVersion(text) === 0 ? undefined : 0;
  return 0;
}

function areSizesConsistent(event: PlainEvent): boolean {
  if (!event.name.startsWith('PRIVCOUNT_HSDIR_')) return true;
  const max = event.int('HiddenServiceVersionNumber') === 2n ? 40_960n : 1_048_576n;
  const intro = event.int('EncodedIntroPointByteCount');
  const descriptor = event.int('EncodedDescriptorByteCount');
  if (intro > max || descriptor > max) return false;
  const areBoth = event.has('EncodedIntroPointByteCount') && event.has('EncodedDescriptorByteCount');
  return !areBoth || intro <= descriptor;
}

function toEvent(name: string, fields: ReadonlyMap<string, string>): PlainEvent {
  const text = (key: string): string => fields.get(key) ?? '';
  return {
    name,
    has: (key) => fields.has(key),
    text,
    int: (key) => (fields.has(key) ? (plainInt(text(key)) ?? 0n) : 0n),
    float: (key) => (fields.has(key) ? (plainFloat(text(key)) ?? 0) : 0),
  };
}
