/** What a relay says of itself: goes into a collector's status and a round's outcome. All of it is public. */
import { CELL_EVENTS_MAX, type Command, SAMPLE_RATE } from './commands.js';
import { parseQuotedBytes } from './quoted-string.js';
import { type Reply } from './reply-reader.js';

export type RelayContext = {
  /** 40 upper-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly nickname?: string;
  readonly orPorts: readonly string[];
  readonly dirPorts: readonly string[];
  readonly geoipFile?: string;
  readonly geoipv6File?: string;
  readonly torVersion?: string;
  readonly address?: string;
  /** Absent on a tor without PrivCount's patch. */
  readonly privcountVersion?: string;
  readonly circuitSampleRate?: number;
  readonly maxCellEventsPerCircuit?: number;
  /** From the `s ` line of the consensus; undefined while the relay is not in it. */
  readonly flags: readonly string[] | undefined;
};

/** The context while it is being asked for. */
export type FoundContext = Partial<RelayContext>;

/** A status shows these values as they came, so each is printable and short. */
const VALUE_FORM = /^[\x20-\x7e]{1,512}$/;
const NICKNAME_FORM = /^[A-Za-z0-9]{1,19}$/;
const FINGERPRINT_FORM = /^[0-9A-Fa-f]{40}$/;
const FLAG_FORM = /^[A-Za-z0-9]{1,32}$/;
/** Tor has 15 flags and 64 ports would be much; a relay that says more is cut short. */
const VALUES_MAX = 64;

const decoder = new TextDecoder();

function unquote(value: string): string {
  const quoted = parseQuotedBytes(value, 0);
  return quoted === undefined ? value : decoder.decode(quoted.bytes);
}

/** The values of a key in the reply to GETCONF or GETINFO; none if it is unset (`250 ORPort`) or the reply is a refusal. */
export function valuesOf(reply: Reply, name: string): string[] {
  if (reply.code !== 250) return [];
  const start = `${name}=`.toLowerCase();
  return reply.lines
    .filter(({ text }) => text.toLowerCase().startsWith(start))
    .map(({ text }) => unquote(text.slice(start.length)))
    .filter((value) => VALUE_FORM.test(value))
    .slice(0, VALUES_MAX);
}

function firstOf(reply: Reply, name: string): string | undefined {
  return valuesOf(reply, name)[0];
}

/** Upper-case; undefined if the relay gave none. */
function fingerprintOf(reply: Reply): string | undefined {
  const value = firstOf(reply, 'fingerprint');
  return value !== undefined && FINGERPRINT_FORM.test(value) ? value.toUpperCase() : undefined;
}

/** The flags of `GETINFO ns/id/...`; undefined if the relay is not in the consensus. */
export function flagsOf(reply: Reply): readonly string[] | undefined {
  if (reply.code !== 250) return undefined;
  const line = reply.lines.flatMap(({ data }) => data ?? []).find((data) => data.startsWith('s '));
  return line
    ?.slice(2)
    .split(' ')
    .filter((flag) => FLAG_FORM.test(flag))
    .slice(0, VALUES_MAX);
}

/** A number as tor prints it; undefined if it is none. */
function numberOf(value: string | undefined): number | undefined {
  const number = value === undefined ? NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Leaves out what is undefined. */
function defined(found: {
  readonly [Key in keyof RelayContext]?: RelayContext[Key] | undefined;
}): FoundContext {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function nicknameOf(reply: Reply): string | undefined {
  const value = firstOf(reply, 'Nickname');
  return value !== undefined && NICKNAME_FORM.test(value) ? value : undefined;
}

/** What the reply to a question of the discovery tells; nothing if it was refused. */
export function contextOf(
  command: Extract<Command, { kind: 'get-option' | 'get-info' }>,
  reply: Reply,
): FoundContext {
  const { name } = command;
  switch (name) {
    case 'Nickname':
      return defined({ nickname: nicknameOf(reply) });
    case 'ORPort':
      return { orPorts: valuesOf(reply, name) };
    case 'DirPort':
      return { dirPorts: valuesOf(reply, name) };
    case 'GeoIPFile':
      return defined({ geoipFile: firstOf(reply, name) });
    case 'GeoIPv6File':
      return defined({ geoipv6File: firstOf(reply, name) });
    case SAMPLE_RATE:
      return defined({ circuitSampleRate: numberOf(firstOf(reply, name)) });
    case CELL_EVENTS_MAX:
      return defined({ maxCellEventsPerCircuit: numberOf(firstOf(reply, name)) });
    case 'version':
      return defined({ torVersion: firstOf(reply, name) });
    case 'address':
      return defined({ address: firstOf(reply, name) });
    case 'privcount-version':
      return defined({ privcountVersion: firstOf(reply, name) });
    case 'fingerprint':
      return defined({ fingerprint: fingerprintOf(reply) });
    default:
      return {};
  }
}
