/**
 * A network-status consensus, version 3, flavour `ns` (dir-spec, section 3.4), as far as shares of positions go. Lines
 * that say nothing about these are skipped, so that documents of later versions still load.
 */

/** Real consensuses have some 10,000 relays in 3 MB. */
const DOCUMENT_CHARACTERS_MAX = 64 * 1024 * 1024;
const RELAYS_MAX = 200_000;
const SCALE = 10_000;

export type ConsensusRelay = {
  /** 40 upper-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly flags: ReadonlySet<string>;
  readonly bandwidth: number;
  /** The numbers of Tor's version, as [0, 3, 2, 10]; empty if it states none. */
  readonly version: readonly number[];
  /** Versions of the subprotocols it speaks, as `HSDir` -> `1-2`. */
  readonly protocols: ReadonlyMap<string, string>;
  /** False if its exit policy lets nothing out. */
  readonly allowsExiting: boolean;
};

export type Consensus = {
  readonly validAfter: string;
  readonly relays: readonly ConsensusRelay[];
  readonly parameters: ReadonlyMap<string, number>;
  /** `Wgg` and so on as shares of 1; those that the document lacks count as 1. */
  readonly weights: ReadonlyMap<string, number>;
};

export type ParsedConsensus =
  | { readonly kind: 'consensus'; readonly consensus: Consensus }
  | { readonly kind: 'fault'; readonly reason: string };

type Draft = { -readonly [Key in keyof ConsensusRelay]: ConsensusRelay[Key] };

/** A fault is told without the document's content. */
export function parseConsensus(text: string): ParsedConsensus {
  if (text.length > DOCUMENT_CHARACTERS_MAX)
    return fault(`is longer than ${DOCUMENT_CHARACTERS_MAX} characters`);
  const lines = text.split(/\r?\n/);
  const head = lines.find((line) => line.startsWith('network-status-version '));
  if (head === undefined) return fault('is no consensus: it has no line network-status-version');
  if (!/^network-status-version 3( ns)?$/.test(head)) {
    return fault('is of a flavour without exit policies; use the consensus of flavour ns, not microdesc');
  }
  const relays: Draft[] = [];
  for (const [at, line] of lines.entries()) {
    const wrong = addLine(relays, line);
    if (wrong !== undefined) return fault(`line ${at + 1} ${wrong}`);
  }
  if (relays.length === 0) return fault('has no relays');
  const parameters = numbersOf(lines, 'params');
  const scale = parameters.get('bwweightscale') ?? SCALE;
  const weights = [...numbersOf(lines, 'bandwidth-weights')].map(([key, value]): [string, number] => [
    key,
    value / scale,
  ]);
  const validAfter =
    lines.find((line) => line.startsWith('valid-after '))?.slice('valid-after '.length) ?? '';
  return { kind: 'consensus', consensus: { validAfter, relays, parameters, weights: new Map(weights) } };
}

function fault(reason: string): ParsedConsensus {
  return { kind: 'fault', reason };
}

/** Adds what a line of a relay says to the last relay, or a new one. What is wrong with the line, if anything. */
function addLine(relays: Draft[], line: string): string | undefined {
  const [keyword, ...rest] = line.split(' ');
  if (keyword === 'r') {
    const fingerprint = fingerprintOf(rest[1] ?? '');
    if (fingerprint === undefined) return 'has no identity of 20 bytes in base64';
    if (relays.length === RELAYS_MAX) return `is the relay after ${RELAYS_MAX}, which is too many`;
    relays.push(newRelay(fingerprint));
    return undefined;
  }
  const relay = relays.at(-1);
  if (relay === undefined) return undefined;
  if (keyword === 's') relay.flags = new Set(rest);
  if (keyword === 'v') relay.version = versionOf(rest);
  if (keyword === 'pr') relay.protocols = new Map(rest.map(toPair));
  if (keyword === 'p') relay.allowsExiting = rest.join(' ') !== 'reject 1-65535';
  if (keyword === 'w') {
    const bandwidth = Number(new Map(rest.map(toPair)).get('Bandwidth') ?? NaN);
    if (!(bandwidth >= 0 && bandwidth <= Number.MAX_SAFE_INTEGER)) return 'has no bandwidth';
    relay.bandwidth = bandwidth;
  }
  return undefined;
}

function newRelay(fingerprint: string): Draft {
  return {
    fingerprint,
    flags: new Set(),
    bandwidth: 0,
    version: [],
    protocols: new Map(),
    allowsExiting: false,
  };
}

/** 27 characters of base64 without padding are 20 bytes. */
function fingerprintOf(identity: string): string | undefined {
  if (!/^[A-Za-z0-9+/]{27}$/.test(identity)) return undefined;
  const bytes = atob(`${identity}=`);
  return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

function versionOf([program, version = '']: readonly string[]): number[] {
  const numbers = /^(\d+)\.(\d+)\.(\d+)\.(\d+)/.exec(version);
  return program === 'Tor' && numbers !== null ? numbers.slice(1).map(Number) : [];
}

function toPair(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** The numbers of the first line with this keyword: `params A=1 B=2`. */
function numbersOf(lines: readonly string[], keyword: string): Map<string, number> {
  const line = lines.find((candidate) => candidate.startsWith(`${keyword} `)) ?? keyword;
  const pairs = line.split(' ').slice(1).map(toPair);
  return new Map(
    pairs
      .map(([key, value]): [string, number] => [key, Number(value)])
      .filter(([, value]) => Number.isFinite(value)),
  );
}
