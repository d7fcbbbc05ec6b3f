/**
 * `ORCONN` (spec/tor-metrics.md): a connection of this relay with a client or another relay has begun, is open or has ended.
 * The other side is an address and port while nobody has proved an identity, which clients never do, and
 * `$FINGERPRINT~nickname` or `$FINGERPRINT` from then on. Tor 0.4.9 writes IPv6 addresses without brackets, `2001:db8::1:443`:
 * what stands behind the last colon is always the port.
 */
import { COLON, isText, NINE, toLatin1, ZERO } from './ascii.js';
import { readAddress } from './address.js';
import { type EventRule, standardTable } from './event-parser.js';
import { ADDRESS_WORDS, type EventRecord } from './event-record.js';
import { integer, required, text, unchecked } from './fields.js';

export const OR_STATUSES = ['NEW', 'LAUNCHED', 'CONNECTED', 'FAILED', 'CLOSED'] as const;
const STATUS_TEXTS = OR_STATUSES.map(toLatin1);

/** What the record says in the target's number where the other side has proved who it is; else the IP version. */
export const IS_RELAY = 0;
/** `$` and 40 hexadecimal digits; a nickname may follow. */
export const FINGERPRINT_BYTES = 41;

const DOLLAR = 0x24;
const TILDE = 0x7e;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const PORT_DIGITS_MAX = 5;
const PORT_MAX = 65_535;

type Leading = 'target' | 'status';
type Keyword = 'REASON' | 'NCIRCS' | 'ID' | 'COUNTRY';

/** Reads both leading values: the target's address, and the place of the status in `OR_STATUSES`. */
const readLeading: EventRule<Leading | Keyword> = (record, at) => {
  const { bytes, starts, ends, numbers } = record;
  const from = starts[at.status]!;
  const to = ends[at.status]!;
  const status = STATUS_TEXTS.findIndex((name) => isText(bytes, from, to, name));
  if (status < 0) return { field: 'status', reason: 'malformed-field' };
  numbers[at.status] = status;
  return readTarget(record, at.target) ? undefined : { field: 'target', reason: 'not-an-address' };
};

export const OR_CONNECTION = standardTable<Leading, Keyword>(
  'ORCONN',
  // The longest target is a fingerprint with a nickname of 19 letters; tor's longest status has 9.
  { target: text({ min: 1, max: 64 }), status: text({ min: 1, max: 16 }) },
  {
    /** Why it ended; tor may add reasons. */
    REASON: unchecked(),
    NCIRCS: integer({ min: 0 }),
    /** Of this connection alone, for as long as this tor runs. */
    ID: required(integer({ min: 0 })),
    /** Ours, not tor's: what tor said of the address when it was asked (country-lines.ts). */
    COUNTRY: text({ min: 2, max: 2 }),
  },
  readLeading,
);

/** False if the target is neither a fingerprint nor an address with a port. */
function readTarget(record: EventRecord, target: number): boolean {
  const { bytes, numbers, addresses } = record;
  const start = record.starts[target]!;
  const end = record.ends[target]!;
  numbers[target] = IS_RELAY;
  if (bytes[start] === DOLLAR) {
    const nickname = start + FINGERPRINT_BYTES;
    if (end < nickname || (end > nickname && bytes[nickname] !== TILDE)) return false;
    for (let at = start + 1; at < nickname; at += 1) if (!isHexDigit(bytes[at]!)) return false;
    return true;
  }
  const colon = lastColon(bytes, start, end);
  if (colon < 0 || !isPort(bytes, colon + 1, end)) return false;
  const isBracketed = bytes[start] === BRACKET_OPEN && bytes[colon - 1] === BRACKET_CLOSE;
  const inset = isBracketed ? 1 : 0;
  const version = readAddress(bytes, start + inset, colon - inset, addresses, target * ADDRESS_WORDS);
  numbers[target] = version;
  return version === 6 || (version === 4 && !isBracketed);
}

function lastColon(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1;
  while (at >= start && bytes[at] !== COLON) at -= 1;
  return at >= start ? at : -1;
}

function isPort(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || end - start > PORT_DIGITS_MAX) return false;
  let port = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte < ZERO || byte > NINE) return false;
    port = port * 10 + byte - ZERO;
  }
  return port <= PORT_MAX;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= ZERO && byte <= NINE) || (letter >= 0x61 && letter <= 0x66);
}
