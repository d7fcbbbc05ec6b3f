/** What the tests of the sampler hold its output against. */

/** P[X = x] of the discrete Gaussian, by its definition; for sigmas small enough to sum over. */
export function discreteGaussianPmf(sigma: number): (x: number) => number {
  const weight = (x: number): number => Math.exp((-x * x) / (2 * sigma * sigma));
  const reach = Math.ceil(40 * sigma) + 40;
  let sum = 0;
  for (let x = reach; x > 0; x -= 1) sum += 2 * weight(x);
  sum += weight(0);
  return (x) => weight(x) / sum;
}

/** The standard normal distribution's probability of [low, high), by Simpson's rule with 400 parts. */
export function normalProbability(low: number, high: number): number {
  const parts = 400;
  const width = (high - low) / parts;
  let sum = 0;
  for (let at = 0; at <= parts; at += 1) {
    const weight = at === 0 || at === parts ? 1 : at % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((low + at * width) ** 2) / 2);
  }
  return (sum * width) / (3 * Math.sqrt(2 * Math.PI));
}

/**
 * How many standard deviations Pearson's chi-square lies above its mean, by Wilson and Hilferty's cube root. `expected`
 * are probabilities that add up to 1, `observed` are counts.
 */
export function chiSquareDeviation(observed: readonly number[], expected: readonly number[]): number {
  const total = observed.reduce((sum, count) => sum + count, 0);
  const freedom = observed.length - 1;
  const chiSquare = observed.reduce(
    (sum, count, at) => sum + (count - total * expected[at]!) ** 2 / (total * expected[at]!),
    0,
  );
  const variance = 2 / (9 * freedom);
  return (Math.cbrt(chiSquare / freedom) - (1 - variance)) / Math.sqrt(variance);
}
