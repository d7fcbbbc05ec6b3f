/**
 * Values of counters: whole numbers, exactly. The text format writes every value as a decimal fraction with an optional
 * exponent, so that 3.663059e+06 is a whole number too; bytes pass 2^53, so that it is never read as a double.
 */
import { type MetricsFaultCode } from './metrics-fault.js';

/** Tor keeps these counters in 64 bits with a sign: at 100 Gbit/s its bytes take 23 years to get there. */
export const COUNTER_MAX = 2n ** 63n - 1n;
/** 2^63 has 19 digits; a few more may stand for a fraction of zeros. */
const DIGITS_MAX = 64;
/** Above 10^99 nothing is whole and small enough, whatever stands before it. */
const EXPONENT_DIGITS_MAX = 2;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?)(\d+))?$/;
const NOT_FINITE = /^(?:nan|[+-]?inf(?:inity)?)$/i;

/** True for what the format takes for a value of any kind, a gauge's too. */
export function isMetricsValue(text: string): boolean {
  return NOT_FINITE.test(text) || hasDigits(DECIMAL.exec(text));
}

/** The exact value, or what is wrong with it. */
export function parseWholeNumber(text: string): bigint | MetricsFaultCode {
  if (NOT_FINITE.test(text)) return 'not-finite';
  const match = DECIMAL.exec(text);
  if (!hasDigits(match)) return 'not-a-number';
  const [, sign, whole = '', fraction = '', exponentSign = '', exponentDigits = ''] = match!;
  if (whole.length + fraction.length > DIGITS_MAX) return 'too-great';
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return 0n;
  if (sign === '-') return 'negative';
  const exponent = exponentDigits.replace(/^0+/, '');
  if (exponent.length > EXPONENT_DIGITS_MAX) return exponentSign === '-' ? 'not-whole' : 'too-great';
  const shift = Number(exponentSign + exponent) - fraction.length;
  const scale = 10n ** BigInt(Math.abs(shift));
  if (shift < 0 && digits % scale !== 0n) return 'not-whole';
  const value = shift < 0 ? digits / scale : digits * scale;
  return value > COUNTER_MAX ? 'too-great' : value;
}

/** "", "." and "e5" match the pattern, and are no numbers. */
function hasDigits(match: RegExpExecArray | null): boolean {
  return match !== null && (match[2] ?? '').length + (match[3] ?? '').length > 0;
}
