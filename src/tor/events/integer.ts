/**
 * Integers of events (spec/counters.md, 1.2): an optional sign and decimal digits, leading zeros allowed. Tor sends at
 * most 64 bits, so magnitudes up to 2^64 - 1 are kept exactly, in two 32-bit halves; a greater one, which the original
 * would take, is out of range. Hot path.
 */
import { isTab, MINUS, NINE, PLUS, ZERO } from './ascii.js';
import { type EventRecord, type Reason } from './event-record.js';

const HALF_VALUES = 2 ** 32;
/** Any number of so many digits is below 2^31, so that the arithmetic on it is the processor's own. */
const SHORT_DIGITS_MAX = 9;
const SHORT_VALUES = 10 ** SHORT_DIGITS_MAX;
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
  const first = start < end ? bytes[start]! : 0;
  if (first < ZERO || first > NINE || end - start > EXACT_DIGITS_MAX || bytes[end - 1]! < ZERO) {
    return readAnyInteger(bytes, start, end, record, field);
  }
  const split = Math.max(start, end - SHORT_DIGITS_MAX);
  const upper = shortNumber(bytes, start, split);
  const lower = shortNumber(bytes, split, end);
  if (upper < 0 || lower < 0) return 'not-an-integer';
  const value = upper * SHORT_VALUES + lower;
  record.negative[field] = 0;
  record.high[field] = upper === 0 ? 0 : Math.floor(value / HALF_VALUES);
  record.low[field] = value;
  record.numbers[field] = value;
  return undefined;
}

/** The slice of at most 9 digits as a number, -1 if another byte is in it. */
function shortNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = (Math.imul(value, 10) + digit) | 0;
  }
  return value;
}

/** As `readInteger`, for those that are rare: with a sign, with tabs around, with more digits. */
function readAnyInteger(
  bytes: Uint8Array,
  start: number,
  end: number,
  record: EventRecord,
  field: number,
): Reason | undefined {
  let [from, to] = [start, end];
  while (from < to && isTab(bytes[from]!)) from += 1;
  while (from < to && isTab(bytes[to - 1]!)) to -= 1;
  const sign = from < to ? bytes[from]! : ZERO;
  const digits = sign === PLUS || sign === MINUS ? from + 1 : from;
  if (digits >= to) return 'not-an-integer';
  record.negative[field] = sign === MINUS ? 1 : 0;
  return readLongInteger(bytes, digits, to, record, field);
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
  record.high[field] = high;
  record.low[field] = low;
  // The double is rounded once, as the product is exact.
  const magnitude = high * HALF_VALUES + low;
  record.numbers[field] = record.negative[field] === 1 ? -magnitude : magnitude;
  return undefined;
}
