/** How an interval of so many standard deviations is called. */
import { normalTail } from '../privacy/normal.js';

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
