/**
 * Allocator `privcount` (spec/noise.md): PrivCount 2.0's sigmas, by its own steps and tolerances. It splits delta evenly
 * and epsilon by a search, with the probabilistic condition for each counter.
 */
import { firstTrueDoubled, leastTrue } from './bisect.js';
import { tailQuantile } from './gaussian-dp.js';
import { type NoiseRequest, sampledValue } from './noise-request.js';

const SIGMA_TOLERANCE = 1e-6;
const RATIO_TOLERANCE = 1e-6;

export type SplitAllocation = {
  readonly sigmas: readonly number[];
  /** epsilon_j of each counter; they add up to at most epsilon. */
  readonly epsilons: readonly number[];
};

/**
 * The least ratio r of noise to value, the same for all counters, for which the epsilons that they need add up to no more
 * than epsilon.
 *
 * Guarantee: if one person changes counter j by at most s_j (in L2 over its bins), and the noise in each bin of the total
 * is Gaussian of standard deviation sigma_j, all counters together are (epsilon, delta)-private, in the probabilistic sense.
 */
export function allocateAsPrivCount(request: NoiseRequest): SplitAllocation {
  const { epsilon, delta, excessNoiseRatio, counters } = request;
  const root = Math.sqrt(excessNoiseRatio);
  const quantile = tailQuantile(delta / counters.length);
  const values = counters.map(sampledValue);
  const sigmasAt = (ratio: number): number[] => values.map((value) => (ratio * value) / root);
  const epsilonsAt = (ratio: number): number[] =>
    sigmasAt(ratio).map((sigma, at) => leastEpsilon(counters[at]!.sensitivity, sigma, quantile));
  const isPrivate = (ratio: number): boolean => sumOf(epsilonsAt(ratio)) <= epsilon;

  const ratios = firstGuess(request, quantile).map((sigma, at) => (root * sigma) / values[at]!);
  const low = ratios.reduce((least, ratio) => Math.min(least, ratio));
  const high = privateFrom(
    isPrivate,
    ratios.reduce((most, ratio) => Math.max(most, ratio)),
  );
  const ratio = leastTrue(isPrivate, { low, high, tolerance: RATIO_TOLERANCE });
  return { sigmas: sigmasAt(ratio), epsilons: epsilonsAt(ratio) };
}

/** Each counter's own sigma, with epsilon split in proportion to s / v. */
function firstGuess({ epsilon, delta, counters }: NoiseRequest, quantile: number): number[] {
  const shares = counters.map((counter) => counter.sensitivity / sampledValue(counter));
  const total = sumOf(shares);
  return counters.map(({ sensitivity }, at) =>
    leastSigma(
      sensitivity,
      { epsilon: (epsilon * shares[at]!) / total, delta: delta / counters.length },
      quantile,
    ),
  );
}

/** Rounding may leave the sum of epsilons at the largest ratio a hair above epsilon; then the ratio grows by hairs. */
function privateFrom(isPrivate: (ratio: number) => boolean, ratio: number): number {
  if (isPrivate(ratio)) return ratio;
  return ratio + firstTrueDoubled((more) => isPrivate(ratio + more), ratio * 2 * Number.EPSILON);
}

/**
 * The least sigma with Phi(-epsilon sigma/s + s/(2 sigma)) <= delta, up to 1e-6 more. `quantile` is that of delta. The
 * original's upper bound is too low for an epsilon of about 7 or more, and is doubled then.
 */
export function leastSigma(
  sensitivity: number,
  { epsilon, delta }: { epsilon: number; delta: number },
  quantile: number,
): number {
  const isPrivate = (sigma: number): boolean =>
    (epsilon * sigma) / sensitivity - sensitivity / (2 * sigma) >= quantile;
  const bound = (sensitivity / epsilon) * (4 / 3) * Math.sqrt(2 * Math.log(1 / delta));
  const high = firstTrueDoubled(isPrivate, bound);
  return leastTrue(isPrivate, { low: SIGMA_TOLERANCE, high, tolerance: SIGMA_TOLERANCE });
}

/**
 * The least epsilon with Phi(-epsilon sigma/s + s/(2 sigma)) <= delta: solved for epsilon, where the original bisects to
 * 1e-15. `quantile` is that of delta.
 */
export function leastEpsilon(sensitivity: number, sigma: number, quantile: number): number {
  return Math.max(0, (sensitivity / sigma) * (quantile + sensitivity / (2 * sigma)));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
