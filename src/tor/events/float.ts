/**
 * Floats of events (spec/counters.md, 1.2), rounded to the nearest double. A number of few digits without exponent,
 * such as every time stamp that Tor sends, is a mantissa below 2^53 divided by a power of ten, both exact, so the
 * division rounds once and correctly. The rest takes the slow way through text. Hot path.
 */
import { DOT, fromLatin1, MINUS, NINE, PLUS, ZERO } from './ascii.js';

const MANTISSA_VALUES = 2 ** 53;
/** 10^22 is the greatest power of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => 10 ** power);

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
/** Tabs, VT and FF around a number are tolerated. */
const AROUND = /^[\t\v\f]+|[\t\v\f]+$/g;

/** The number, or NaN if the slice is none. The text `nan`, which the original takes, is none either (quirk Q22). */
export function toFloat(bytes: Uint8Array, start: number, end: number): number {
  const sign = start < end ? bytes[start]! : 0;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (let at = sign === PLUS || sign === MINUS ? start + 1 : start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + (byte - ZERO);
      digits += 1;
      if (decimals >= 0) decimals += 1;
    } else if (byte === DOT && decimals < 0) decimals = 0;
    else return toFloatSlowly(bytes, start, end);
  }
  if (digits === 0) return NaN;
  if (mantissa >= MANTISSA_VALUES || decimals >= POWERS.length) return toFloatSlowly(bytes, start, end);
  const magnitude = decimals > 0 ? mantissa / POWERS[decimals]! : mantissa;
  return sign === MINUS ? -magnitude : magnitude;
}

function toFloatSlowly(bytes: Uint8Array, start: number, end: number): number {
  const text = fromLatin1(bytes, start, end).replace(AROUND, '');
  if (DECIMAL.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite === null) return NaN;
  return infinite[1] === '-' ? -Infinity : Infinity;
}
