/**
 * What share one counter is of another, with the interval that the noise of both leaves. E. C. Fieller, "Some problems in
 * interval estimation" (1954): all ratios r for which a - r b may be 0. Where b itself may be 0 they have no end, and
 * no ratio is honest.
 */
import { type Estimate, estimateOf, toEstimate } from './estimate.js';
import {
  type ComparedBin,
  type ComparedCounter,
  type ComparedEntry,
  ComparisonError,
} from './experiments.js';

export type RatioEstimate =
  | { readonly kind: 'interval'; readonly ratio: number; readonly low: number; readonly high: number }
  /** A file does not say how much noise is in one of the two: no interval would be honest. */
  | { readonly kind: 'unknown'; readonly ratio: number }
  /** The denominator can't be told from 0. */
  | { readonly kind: 'unbounded' };

type Fraction = {
  readonly numerator: number;
  readonly denominator: number;
  /** Halves of their intervals' widths: standard deviations times the same factor. */
  readonly numeratorError: number;
  readonly denominatorError: number;
  /** Of the two noises, times the factor's square; 0 where they are independent. */
  readonly covariance: number;
};

/** The interval is as wide as the factor in the errors says. */
export function fieller(fraction: Fraction): Exclude<RatioEstimate, { kind: 'unknown' }> {
  // In units of the denominator: squares of totals would pass a double's range.
  const { denominator } = fraction;
  if (fraction.denominatorError >= Math.abs(denominator)) return { kind: 'unbounded' };
  const ratio = fraction.numerator / denominator;
  const own = (fraction.numeratorError / denominator) ** 2;
  const other = (fraction.denominatorError / denominator) ** 2;
  const shared = fraction.covariance / denominator / denominator;
  const spread = own - 2 * ratio * shared + ratio * ratio * other - (own * other - shared * shared);
  const half = Math.sqrt(Math.max(0, spread));
  const scale = 1 - other;
  const middle = ratio - shared;
  return { kind: 'interval', ratio, low: (middle - half) / scale, high: (middle + half) / scale };
}

export type RatioEntry = { readonly label: string; readonly estimate: RatioEstimate };
export type RatioBin = Omit<ComparedBin, 'entries'> & { readonly entries: readonly RatioEntry[] };

export type ComparedRatio = {
  readonly name: string;
  readonly numerator: string;
  readonly denominator: string;
  readonly binsInAll: number;
  readonly bins: readonly RatioBin[];
};

export type RatioNames = { readonly numerator: string; readonly denominator: string };

/**
 * Each bin of the first is divided by the second's bin if they have the same bins, by all of the second's bins together if not.
 * A counter over itself gives its bins' shares. Experiments without both counters are left out. Throws ComparisonError if
 * none is left.
 */
export function toRatio(
  counters: readonly ComparedCounter[],
  { numerator, denominator }: RatioNames,
  sigmas: number,
): ComparedRatio {
  const above = find(counters, numerator);
  const below = find(counters, denominator);
  const isSame = above === below;
  const isBinByBin = !isSame && hasSameBins(above, below);
  const bins = above.bins.map(({ at, low, high, entries }, place): RatioBin => {
    const divisors = isBinByBin ? [below.bins[place]!] : below.bins;
    return {
      at,
      low,
      high,
      entries: entries.flatMap((entry) => {
        const parts = divisors.flatMap((bin) => bin.entries.filter(({ label }) => label === entry.label));
        if (parts.length === 0) return [];
        return [{ label: entry.label, estimate: toRatioEstimate(entry, parts, { sigmas, isSame }) }];
      }),
    };
  });
  const name = `${numerator}/${denominator}`;
  if (bins.every(({ entries }) => entries.length === 0))
    throw new ComparisonError(`no file has both counters of the ratio ${name}`);
  return { name, numerator, denominator, binsInAll: above.binsInAll, bins };
}

function find(counters: readonly ComparedCounter[], name: string): ComparedCounter {
  const counter = counters.find((candidate) => candidate.name === name);
  if (counter === undefined) throw new ComparisonError(`no file has the counter ${name} of a ratio`);
  return counter;
}

function hasSameBins(one: ComparedCounter, other: ComparedCounter): boolean {
  return (
    one.bins.length === other.bins.length &&
    one.bins.every(({ low, high }, at) => low === other.bins[at]!.low && high === other.bins[at]!.high)
  );
}

/** `isSame`: the entry is one of those below. */
function toRatioEstimate(
  above: ComparedEntry,
  below: readonly ComparedEntry[],
  { sigmas, isSame }: { readonly sigmas: number; readonly isSame: boolean },
): RatioEstimate {
  const own = toEstimate(above, sigmas);
  const whole = sumOf(below, sigmas);
  const estimate = fieller({
    numerator: own.value,
    denominator: whole.value,
    numeratorError: own.error,
    denominatorError: whole.error,
    covariance: isSame ? own.error * own.error : 0,
  });
  const isNoiseKnown = [above, ...below].every(({ sigma }) => sigma !== undefined);
  return isNoiseKnown || estimate.kind === 'unbounded'
    ? estimate
    : { kind: 'unknown', ratio: estimate.ratio };
}

function sumOf(entries: readonly ComparedEntry[], sigmas: number): Estimate {
  const estimates = entries.map((entry) => toEstimate(entry, sigmas));
  return estimateOf(
    estimates.reduce((sum, { value }) => sum + value, 0),
    Math.hypot(...estimates.map(({ error }) => error)),
  );
}

/** Four digits: more are hardly ever known. */
const DIGITS = 4;

export function ratioText(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}
