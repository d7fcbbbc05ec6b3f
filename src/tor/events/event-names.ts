/** The events of PrivCount's Tor (spec/counters.md, 1.5), and those of any tor that are counted (spec/tor-metrics.md). */
import { isText, SPACE, toLatin1 } from './ascii.js';

export const EVENT_NAMES = [
  'PRIVCOUNT_STREAM_ENDED',
  'PRIVCOUNT_CIRCUIT_CLOSE',
  'PRIVCOUNT_CONNECTION_CLOSE',
  'PRIVCOUNT_HSDIR_CACHE_STORE',
  'PRIVCOUNT_HSDIR_CACHE_FETCH',
  'PRIVCOUNT_VITERBI_PACKETS',
  'PRIVCOUNT_VITERBI_STREAMS',
  'PRIVCOUNT_CIRCUIT_CELL',
  'PRIVCOUNT_STREAM_BYTES_TRANSFERRED',
  'PRIVCOUNT_CIRCUIT_ENDED',
  'PRIVCOUNT_CONNECTION_ENDED',
  'PRIVCOUNT_DNS_RESOLVED',
  'ORCONN',
  'BW',
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

const TEXTS = EVENT_NAMES.map(toLatin1);
const NAME_BYTES_MAX = Math.max(...TEXTS.map((text) => text.length));

/** The events whose names have so many bytes; at most three share a length. */
const BY_LENGTH = Array.from({ length: NAME_BYTES_MAX + 1 }, (_, length) =>
  TEXTS.flatMap((text, event) => (text.length === length ? [event] : [])),
);

/**
 * The number in `EVENT_NAMES` of the event whose name starts the line [start, end) and ends at a space or with the line;
 * -1 if it is no event's. Hot path.
 */
export function eventAt(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + NAME_BYTES_MAX);
  let nameEnd = start;
  while (nameEnd < limit && bytes[nameEnd] !== SPACE) nameEnd += 1;
  if (nameEnd < end && bytes[nameEnd] !== SPACE) return -1;
  const candidates = BY_LENGTH[nameEnd - start]!;
  for (let at = 0; at < candidates.length; at += 1) {
    const event = candidates[at]!;
    if (isText(bytes, start, nameEnd, TEXTS[event]!)) return event;
  }
  return -1;
}

/** How many bytes the event's name takes on its line. */
export function nameBytes(event: number): number {
  return TEXTS[event]!.length;
}
