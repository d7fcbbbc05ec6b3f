/**
 * Integers of events (spec/counters.md, 1.2): an optional sign and decimal digits, leading zeros allowed. Tor sends at
 * most 64 bits, so magnitudes up to 2^64 - 1 are kept exactly, in two 32-bit halves; a greater one, which the original
 * would take, is out of range. Hot path.
 */
import { isBlank, MINUS, NINE, PLUS, trimmedEnd, trimmedStart, ZERO } from './ascii.js';
import { type EventRecord, type Reason } from './event-record.js';

const HALF_VALUES = 2 ** 32;
/** Any number of so many digits is below 2^53, so that a double holds it exactly. */
const EXACT_DIGITS_MAX = 15;

/** Reads the slice into the record's field; answers what is wrong with it, or undefined. */
export function readInteger(
  bytes: Uint8Array,
  start: number,
  end: number,
  record: EventRecord,
  field: number,
): Reason | undefined {
  if (start === end) return 'not-an-integer';
  if (isBlank(bytes[start]!) || isBlank(bytes[end - 1]!)) {
    start = trimmedStart(bytes, start, end);
    end = trimmedEnd(bytes, start, end);
  }
  const sign = start < end ? bytes[start]! : ZERO;
  const digits = sign === PLUS || sign === MINUS ? start + 1 : start;
  if (digits >= end) return 'not-an-integer';
  record.negative[field] = sign === MINUS ? 1 : 0;
  if (end - digits > EXACT_DIGITS_MAX) return readLongInteger(bytes, digits, end, record, field);
  let value = 0;
  for (let at = digits; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte < ZERO || byte > NINE) return 'not-an-integer';
    value = value * 10 + (byte - ZERO);
  }
  store(record, field, Math.floor(value / HALF_VALUES), value >>> 0);
  return undefined;
}

function readLongInteger(
  bytes: Uint8Array,
  digits: number,
  end: number,
  record: EventRecord,
  field: number,
): Reason | undefined {
  let high = 0;
  let low = 0;
  let isTooLarge = false;
  for (let at = digits; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte < ZERO || byte > NINE) return 'not-an-integer';
    low = low * 10 + (byte - ZERO);
    high = high * 10 + Math.floor(low / HALF_VALUES);
    low %= HALF_VALUES;
    if (high >= HALF_VALUES) {
      isTooLarge = true;
      high = 0;
    }
  }
  if (isTooLarge) return 'out-of-range';
  store(record, field, high, low);
  return undefined;
}

/** The double is rounded once, as the product is exact. */
function store(record: EventRecord, field: number, high: number, low: number): void {
  record.high[field] = high;
  record.low[field] = low;
  const magnitude = high * HALF_VALUES + low;
  record.numbers[field] = record.negative[field] === 1 ? -magnitude : magnitude;
}
