/** How an interval of so many standard deviations is called. */
import { normalTail } from '../privacy/normal.js';

/** Half the width of an interval that holds 95 % of a normal distribution, in standard deviations. */
export const SIGMAS_OF_95_PERCENT = 1.959963984540054;

/** More decimals than anybody reads, and all that a double can tell from 1. */
const DECIMALS_MAX = 15;

/**
 * The share of a normal distribution within so many standard deviations, in percent: to the first digit that is no 9, and one
 * more, as PrivCount's plot writes it. 2 gives `95.4`.
 */
export function confidencePercent(sigmas: number): string {
  const share = 1 - 2 * normalTail(sigmas);
  const digits = share.toFixed(DECIMALS_MAX).slice(2);
  const other = digits.search(/[^9]/);
  const decimals = Math.min(DECIMALS_MAX, (other < 0 ? digits.length : other) + 2);
  return (100 * share).toFixed(Math.max(0, decimals - 2));
}

/** `95 % intervals`, or `95.4 % intervals`. */
export function confidenceWords(sigmas: number): string {
  return `${Number(confidencePercent(sigmas))}\u00a0% intervals`;
}
