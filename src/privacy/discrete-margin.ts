/**
 * How much more noise a discrete Gaussian needs than the continuous one that an allocator thinks of (spec/noise.md,
 * "Drawing it").
 *
 * Moving a count by 1 moves the tail P[X >= m] to P[X >= m + 1]. With h(m) the normal quantile of that tail, the discrete
 * Gaussian hides the move as well as N(0, 1) against N(mu, 1), for every epsilon at once, if no step h(m + 1) - h(m) is
 * longer than mu (Gaussian differential privacy, arXiv 1905.02383, definition 2.1); a move by k is k steps. So sigma is
 * worth a continuous sigma of 1 / (longest step), whatever the sensitivity.
 */
import { firstTrueDoubled, leastTrue } from './bisect.js';
import { tailQuantile } from './gaussian-dp.js';

/** Where the spec's flat margins hold, which the tests prove with `continuousWorth`. */
const MARGINS: readonly { readonly from: number; readonly factor: number }[] = [
  { from: 25, factor: 1.0005 },
  { from: 6, factor: 1.002 },
];
/** Relative; a part in 100,000 of noise is not worth a longer search. */
const SEARCH_TOLERANCE = 1e-5;
/** In standard deviations: tails below e^-600 are smaller than any delta. */
const REACH = Math.sqrt(1200);
/** As far beyond, so that the last tail is nearly whole; what lies further is below the smallest double. */
const BEYOND = 2;

/**
 * The sigma to draw with, so that the discrete Gaussian hides at least what a continuous one of `sigma` does.
 *
 * Guarantee: if sigma keeps (epsilon, delta) or a mu for continuous noise, the answer keeps it for discrete noise.
 */
export function discreteSigma(sigma: number): number {
  const margin = MARGINS.find(({ from }) => sigma >= from);
  if (margin !== undefined) return sigma * margin.factor;
  const isEnough = (candidate: number): boolean => continuousWorth(candidate) >= sigma;
  const high = firstTrueDoubled(isEnough, sigma * 1.01);
  return leastTrue(isEnough, { low: sigma, high, tolerance: sigma * SEARCH_TOLERANCE });
}

/** What a sigma from `discreteSigma` was made of, or less: the continuous sigma that a node may count on. */
export function continuousSigma(sigma: number): number {
  const margin = MARGINS.find(({ from, factor }) => sigma >= from * factor);
  // A part in 1e12 for the rounding of multiplying and dividing by the factor.
  return margin === undefined ? continuousWorth(sigma) : (sigma / margin.factor) * (1 + 1e-12);
}

/** The sigma of the continuous Gaussian that hides as much as the discrete one of `sigma` does. */
export function continuousWorth(sigma: number): number {
  const reach = Math.ceil(REACH * sigma);
  const tails = upperTails(sigma, reach);
  // h(1 - m) = -h(m): the steps below 0 are those above it.
  let longest = 2 * tailQuantile(tails[1]!);
  let previous = longest / 2;
  for (let m = 2; m <= reach; m += 1) {
    const quantile = tailQuantile(tails[m]!);
    longest = Math.max(longest, quantile - previous);
    previous = quantile;
  }
  return 1 / longest;
}

/** P[X >= m] of the discrete Gaussian for m from 0 to `reach`, by its definition, summed from the smallest. */
function upperTails(sigma: number, reach: number): number[] {
  const tails = new Array<number>(reach + 1).fill(0);
  let sum = 0;
  for (let m = reach + Math.ceil(BEYOND * sigma); m >= 0; m -= 1) {
    sum += Math.exp(-((m / sigma) ** 2) / 2);
    if (m <= reach) tails[m] = sum;
  }
  const total = 2 * sum - 1;
  return tails.map((tail) => tail / total);
}
