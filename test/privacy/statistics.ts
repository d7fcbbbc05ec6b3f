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

/** Counts of samples by cell, and the probabilities of the cells, which add up to 1. */
export type Histogram = { readonly observed: number[]; readonly expected: number[] };

/** Counts and probabilities of the integers that are expected ten times or more, and of the two tails as one. */
export function cells(values: readonly bigint[], sigma: number): Histogram {
  const pmf = discreteGaussianPmf(sigma);
  let reach = 0;
  while (pmf(reach + 1) * values.length >= 10) reach += 1;
  const observed = new Array<number>(2 * reach + 2).fill(0);
  for (const value of values) {
    const x = Number(value);
    observed[Math.abs(x) <= reach ? x + reach : 2 * reach + 1]! += 1;
  }
  const inside = Array.from({ length: 2 * reach + 1 }, (_, at) => pmf(at - reach));
  return { observed, expected: [...inside, 1 - inside.reduce((sum, part) => sum + part, 0)] };
}

/** The same for sigmas where x / sigma is as good as continuous: 60 parts of [-3, 3), and the tails. */
export function normalCells(values: readonly bigint[], sigma: number): Histogram {
  const parts = 60;
  const observed = new Array<number>(parts + 1).fill(0);
  for (const value of values) {
    const part = Math.floor((Number(value) / sigma + 3) * 10);
    observed[part >= 0 && part < parts ? part : parts]! += 1;
  }
  const inside = Array.from({ length: parts }, (_, part) =>
    normalProbability(part / 10 - 3, (part + 1) / 10 - 3),
  );
  return { observed, expected: [...inside, 1 - inside.reduce((sum, part) => sum + part, 0)] };
}
