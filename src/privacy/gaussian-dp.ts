/**
 * What Gaussian noise gives. A counter that one person changes by at most Delta, with noise of standard deviation sigma,
 * is as hard to tell from its neighbour as N(0, 1) from N(mu, 1) with mu = Delta / sigma, and independent counters have
 * mu^2 in sum (Gaussian differential privacy, arXiv 1905.02383; spec/noise.md, "Allocator joint").
 */
import { firstTrueDoubled, leastTrue } from './bisect.js';
import { millsRatio, normalDensity, normalTail } from './normal.js';

/** (epsilon, delta): the outcome's odds change by a factor of at most e^epsilon, but for a probability of delta. */
export type PrivacyLevel = {
  readonly epsilon: number;
  readonly delta: number;
};

/** Which promise a mu or sigma keeps. */
export type PrivacyCondition =
  /** (epsilon, delta)-differential privacy: P[A] <= e^epsilon * P'[A] + delta for every event A. */
  | 'differential'
  /** The stronger one of PrivCount: the odds pass e^epsilon with a probability of at most delta. */
  | 'probabilistic';

/** Counters whose noise is independent: mu^2 adds up. */
export function composedMu(mus: Iterable<number>): number {
  let sum = 0;
  for (const mu of mus) sum += mu * mu;
  return Math.sqrt(sum);
}

/**
 * The least delta for which mu gives (epsilon, delta)-differential privacy, for mu > 0 and epsilon >= 0:
 * Phi(-epsilon/mu + mu/2) - e^epsilon * Phi(-epsilon/mu - mu/2) (arXiv 1805.06530, theorem 8). Both terms have the factor
 * density(epsilon/mu - mu/2), so that nothing overflows and little cancels.
 */
export function deltaOf(mu: number, epsilon: number): number {
  const low = epsilon / mu - mu / 2;
  const high = epsilon / mu + mu / 2;
  const density = normalDensity(low);
  if (low < -1) return normalTail(low) - density * millsRatio(high);
  return density * ratioFall(low, high);
}

/** The least epsilon for which mu gives (epsilon, delta)-differential privacy, for mu >= 0 and 0 < delta < 1. */
export function epsilonOf(mu: number, delta: number): number {
  if (mu === 0 || deltaOf(mu, 0) <= delta) return 0;
  const isEnough = (epsilon: number): boolean => deltaOf(mu, epsilon) <= delta;
  return leastTrue(isEnough, { low: 0, high: firstTrueDoubled(isEnough, mu) });
}

/** The largest mu for which the condition holds. Throws RangeError unless 0 < epsilon < infinity and 0 < delta < 1. */
export function muOf({ epsilon, delta }: PrivacyLevel, condition: PrivacyCondition): number {
  if (!(epsilon > 0 && epsilon < Infinity)) throw new RangeError(`epsilon must be above 0, not ${epsilon}`);
  if (!(delta > 0 && delta < 1)) throw new RangeError(`delta must be between 0 and 1, not ${delta}`);
  if (condition === 'probabilistic') {
    // Phi(-epsilon/mu + mu/2) = delta is a square equation; this form of its root doesn't cancel.
    const quantile = tailQuantile(delta);
    return quantile < 0
      ? Math.sqrt(quantile * quantile + 2 * epsilon) - quantile
      : (2 * epsilon) / (quantile + Math.sqrt(quantile * quantile + 2 * epsilon));
  }
  const isTooMuch = (mu: number): boolean => deltaOf(mu, epsilon) > delta;
  return leastTrue(isTooMuch, { low: 0, high: firstTrueDoubled(isTooMuch, Math.min(1, epsilon)) });
}

/**
 * The x with P[Z > x] = probability, for 1e-300 < probability < 1, by Newton's steps on the logarithm of the tail. That is
 * concave, so from the second point on they come down to x and do not pass it.
 */
export function tailQuantile(probability: number): number {
  if (probability > 0.5) return -tailQuantile(1 - probability);
  let x = Math.sqrt(-2 * Math.log(2 * probability));
  for (let step = 0; step < QUANTILE_STEPS_MAX; step += 1) {
    const next = x + Math.log(normalTail(x) / probability) * millsRatio(x);
    if (Math.abs(next - x) <= Math.abs(next) * 2 * Number.EPSILON) return next;
    x = next;
  }
  return x;
}

/** Newton's steps double the digits: six are enough, and the rest is for a last digit that goes back and forth. */
const QUANTILE_STEPS_MAX = 20;

/** Nodes and weights of Gauss and Legendre's rule with 8 points on [-1, 1], the positive half. */
const GAUSS_LEGENDRE: readonly (readonly [number, number])[] = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975362, 0.1012285362903763],
];
/** Wide enough that the difference of the two ends does not cancel, narrow enough for 8 points to be exact. */
const NARROW = 0.5;

/** R(low) - R(high) of Mills' ratio R: over a narrow range as the integral of -R'(x) = 1 - x R(x), where the difference cancels. */
function ratioFall(low: number, high: number): number {
  const half = (high - low) / 2;
  if (2 * half > NARROW) return millsRatio(low) - millsRatio(high);
  const middle = (low + high) / 2;
  const slope = (x: number): number => 1 - x * millsRatio(x);
  return (
    half *
    GAUSS_LEGENDRE.reduce(
      (sum, [node, weight]) => sum + weight * (slope(middle - half * node) + slope(middle + half * node)),
      0,
    )
  );
}
