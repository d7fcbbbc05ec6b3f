/**
 * Floats of events (spec/counters.md, 1.2), rounded to the nearest double. A number of few digits without exponent,
 * such as every time stamp that Tor sends, is a mantissa below 2^53 divided by a power of ten, both exact, so the
 * division rounds once and correctly. The rest takes the slow way through text. Hot path.
 */
import { DOT, fromLatin1, isTab, MINUS, PLUS, ZERO } from './ascii.js';

const MANTISSA_VALUES = 2 ** 53;
/** 10^22 is the greatest power of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => 10 ** power);

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** So many digits make a number below 2^31, on which the processor's own arithmetic works. */
const CHUNK_DIGITS = 9;
const CHUNK_VALUES = 10 ** CHUNK_DIGITS;

/** The number, or NaN if the slice is none. The text `nan`, which the original takes, is none either (quirk Q22). */
export function toFloat(bytes: Uint8Array, start: number, end: number): number {
  const sign = start < end ? bytes[start]! : 0;
  const from = sign === PLUS || sign === MINUS ? start + 1 : start;
  let mantissa = 0;
  let chunk = 0;
  let chunkDigits = 0;
  let point = -1;
  for (let at = from; at < end; at += 1) {
    const digit = bytes[at]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      chunk = (Math.imul(chunk, 10) + digit) | 0;
      chunkDigits += 1;
      if (chunkDigits === CHUNK_DIGITS) {
        mantissa = mantissa * CHUNK_VALUES + chunk;
        chunk = chunkDigits = 0;
      }
    } else if (digit === DOT - ZERO && point < 0) point = at;
    else return toFloatSlowly(bytes, start, end);
  }
  mantissa = mantissa * POWERS[chunkDigits]! + chunk;
  const decimals = point < 0 ? 0 : end - point - 1;
  // Once above 2^53 the mantissa may have been rounded, and stays above.
  if (mantissa >= MANTISSA_VALUES || decimals >= POWERS.length) return toFloatSlowly(bytes, start, end);
  if (end - from === (point < 0 ? 0 : 1)) return NaN;
  const magnitude = mantissa / POWERS[decimals]!;
  return sign === MINUS ? -magnitude : magnitude;
}

function toFloatSlowly(bytes: Uint8Array, start: number, end: number): number {
  // Not by an expression: one that looks for the end of each run of tabs takes the square of a run's length.
  let [from, to] = [start, end];
  while (from < to && isTab(bytes[from]!)) from += 1;
  while (from < to && isTab(bytes[to - 1]!)) to -= 1;
  const text = fromLatin1(bytes, from, to);
  if (DECIMAL.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite === null) return NaN;
  return infinite[1] === '-' ? -Infinity : Infinity;
}
