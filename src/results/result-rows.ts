/** Results as a table: one row for each bin of each experiment. What CSV, JSON lines and Parquet have is the same. */
import { type CounterWords } from './chart.js';
import { confidencePercent } from './confidence.js';
import { toEstimate } from './estimate.js';
import { listNames, shownLabels, type LabelSource } from './bin-labels.js';
import { type ComparedCounter, type Experiment } from './experiments.js';
import { type ComparedRatio, type RatioEstimate } from './ratio.js';

export type ResultRow = {
  readonly experiment: string;
  readonly round_id: string | null;
  /** When counting began and ended, in seconds of the epoch. */
  readonly begin: number | null;
  readonly end: number | null;
  readonly counter: string;
  /** The bin's number, from 0. */
  readonly bin: number;
  readonly bin_low: number;
  readonly bin_high: number;
  readonly bin_label: string;
  /** The exact total, a decimal; of a ratio what a double holds, and null if the denominator can't be told from 0. */
  readonly total: string | null;
  /** The total as a double, which does not hold all digits beyond 2^53. */
  readonly value: number | null;
  /** Null if the file does not state it. */
  readonly sigma: number | null;
  readonly interval_low: number | null;
  readonly interval_high: number | null;
  /** What share of such intervals holds the true total, in percent; null if there is none. */
  readonly confidence: number | null;
  /** The noise is as large as the total; null where there is no interval. */
  readonly noisy: boolean | null;
};

/** In the order of the columns. */
export const COLUMNS = [
  'experiment',
  'round_id',
  'begin',
  'end',
  'counter',
  'bin',
  'bin_low',
  'bin_high',
  'bin_label',
  'total',
  'value',
  'sigma',
  'interval_low',
  'interval_high',
  'confidence',
  'noisy',
] as const satisfies readonly (keyof ResultRow)[];

export type RowOptions = {
  /** Half of an interval's width in standard deviations; 0 for none. */
  readonly sigmas: number;
  readonly labels: LabelSource;
  readonly wordsOf: (counter: string) => CounterWords | undefined;
};

/** By counter, bin and experiment. Throws BinLabelError. */
export function toResultRows(
  counters: readonly ComparedCounter[],
  experiments: readonly Experiment[],
  { sigmas, labels, wordsOf }: RowOptions,
): ResultRow[] {
  const roundOf = toRounds(experiments);
  const confidence = toConfidence(sigmas);
  return counters.flatMap((counter) => {
    const { listKind } = wordsOf(counter.name) ?? {};
    const names = listNames(experiments, labels, { listKind, bins: counter.binsInAll });
    const binLabels = shownLabels(counter, names);
    return counter.bins.flatMap(({ at, low, high, entries }, shown) =>
      entries.map((entry): ResultRow => {
        const { label, total, sigma } = entry;
        const estimate = toEstimate(entry, sigmas);
        const hasInterval = confidence !== null && sigma !== undefined;
        return {
          ...roundOf(label),
          counter: counter.name,
          bin: at,
          bin_low: low,
          bin_high: high,
          bin_label: binLabels[shown]!,
          total,
          value: estimate.value,
          sigma: sigma ?? null,
          interval_low: hasInterval ? estimate.low : null,
          interval_high: hasInterval ? estimate.high : null,
          confidence: hasInterval ? confidence : null,
          noisy: hasInterval ? estimate.isNoisy : null,
        };
      }),
    );
  });
}

/** In the same columns: a row for each bin of each experiment that has a ratio, or none that is honest. */
export function toRatioRows(
  { name, bins }: ComparedRatio,
  experiments: readonly Experiment[],
  { sigmas, binLabels }: { readonly sigmas: number; readonly binLabels: readonly string[] },
): ResultRow[] {
  const roundOf = toRounds(experiments);
  return bins.flatMap(({ at, low, high, entries }, shown) =>
    entries.map(({ label, estimate }): ResultRow => {
      const ratio = estimate.kind === 'unbounded' ? undefined : estimate.ratio;
      const known = estimate.kind === 'interval' && sigmas > 0 ? estimate : undefined;
      return {
        ...roundOf(label),
        counter: name,
        bin: at,
        bin_low: low,
        bin_high: high,
        bin_label: binLabels[shown]!,
        total: ratio === undefined ? null : String(ratio),
        value: ratio ?? null,
        sigma: null,
        interval_low: known?.low ?? null,
        interval_high: known?.high ?? null,
        confidence: known === undefined ? null : toConfidence(sigmas),
        noisy: toNoisy(estimate, sigmas),
      };
    }),
  );
}

/** Where the denominator can't be told from 0, the noise is all there is. */
function toNoisy(estimate: RatioEstimate, sigmas: number): boolean | null {
  if (estimate.kind === 'unbounded') return true;
  if (estimate.kind === 'unknown' || sigmas === 0) return null;
  const { low, high } = estimate;
  return low < high && low <= 0 && high >= 0;
}

type RoundColumns = Pick<ResultRow, 'experiment' | 'round_id' | 'begin' | 'end'>;

function toRounds(experiments: readonly Experiment[]): (label: string) => RoundColumns {
  const results = new Map(experiments.map(({ label, result }) => [label, result]));
  return (label) => {
    const result = results.get(label);
    return {
      experiment: label,
      round_id: result?.roundId ?? null,
      begin: result?.collected?.from ?? null,
      end: result?.collected?.to ?? null,
    };
  };
}

function toConfidence(sigmas: number): number | null {
  return sigmas > 0 ? Number(confidencePercent(sigmas)) : null;
}
