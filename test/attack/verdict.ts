/**
 * What an attack on the noise finds. The same checker is given the real thing, which must pass, and a mutant that could take
 * its place, which must be caught; how surely it is caught is the attack's power, and is printed.
 */

/** One statistic, in standard deviations from what it should be. */
export type Finding = { readonly what: string; readonly deviations: number };

/** A right thing passes this in 1 of 1.7 million statistics; seeds are fixed, so that a run repeats the last one. */
const DEVIATIONS_MAX = 5;
const NAMES_PRINTED = 3;

export function suspicions(findings: readonly Finding[]): Finding[] {
  // Not a number is what becomes of a statistic whose spread is 0: no noise at all.
  return findings.filter(({ deviations }) => !(Math.abs(deviations) <= DEVIATIONS_MAX));
}

/** Runs a checker so often, each time with another seed, and prints in how many runs something was suspicious. */
export function measurePower(
  what: string,
  runs: number,
  check: (seed: number) => readonly Finding[],
): number {
  const by = new Set<string>();
  let caught = 0;
  for (let seed = 1; seed <= runs; seed += 1) {
    const found = suspicions(check(seed));
    if (found.length > 0) caught += 1;
    for (const finding of found) by.add(finding.what);
  }
  const names = [...by];
  const others = names.length > NAMES_PRINTED ? ` and ${names.length - NAMES_PRINTED} more` : '';
  const means = names.length === 0 ? '' : `, by ${names.slice(0, NAMES_PRINTED).join(', ')}${others}`;
  print(`${what}: caught in ${caught} of ${runs} runs${means}`);
  return caught;
}

/** A line below the title of the test that is running. */
export function print(text: string): void {
  process.stdout.write(`      power: ${text}\n`);
}

/**
 * Standard deviations by which the mean square of `count` samples lies off 1, for samples that should be standard normal:
 * by Wilson and Hilferty's cube root, as for any chi-square.
 */
export function varianceDeviation(samples: readonly number[]): number {
  const meanSquare = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
  const spread = 2 / (9 * samples.length);
  return (Math.cbrt(meanSquare) - (1 - spread)) / Math.sqrt(spread);
}

/** The probability that varianceDeviation passes the limit if the true variance is this. */
export function variancePower(variance: number, count: number): number {
  const spread = 2 / (9 * count);
  const scale = Math.cbrt(variance);
  const centre = (scale * (1 - spread) - (1 - spread)) / Math.sqrt(spread);
  const below = (limit: number): number => normalBelow((limit - centre) / scale);
  return 1 - (below(DEVIATIONS_MAX) - below(-DEVIATIONS_MAX));
}

/** Standard deviations of the mean of the products: 0 for independent samples of mean 0 and variance 1. */
export function correlationDeviation(left: readonly number[], right: readonly number[]): number {
  const sum = left.reduce((total, value, at) => total + value * right[at]!, 0);
  return sum / Math.sqrt(left.length);
}

/** Abramowitz and Stegun 26.2.17; for the powers that are printed seven digits are plenty. */
function normalBelow(x: number): number {
  if (x < 0) return 1 - normalBelow(-x);
  const t = 1 / (1 + 0.2316419 * x);
  const series = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153];
  const polynomial = series.reduce((sum, coefficient) => (sum + coefficient) * t, 0);
  return 1 - (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
