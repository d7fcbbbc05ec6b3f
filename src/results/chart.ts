/**
 * A counter's totals as a chart. Nobody may be misled: each total stands with its interval, bars begin at 0, and what the
 * noise may have made is pale.
 */
import { toBinLabels } from './bin-labels.js';
import { confidencePercent } from './confidence.js';
import { boundedByZero, toEstimate } from './estimate.js';
import { type ComparedCounter } from './experiments.js';

/** One bar. */
export type ChartRow = {
  readonly experiment: string;
  readonly bin: string;
  /** The bin's place from the left. */
  readonly order: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly isNoisy: boolean;
};

export type Chart = {
  readonly name: string;
  /** A sentence on what is counted, and what the intervals are. */
  readonly caption: string;
  /** What the bars' height is in. */
  readonly counted: string;
  /** What the bins are in; undefined for a counter of one bin. */
  readonly binned: string | undefined;
  readonly rows: readonly ChartRow[];
};

export type ChartOptions = {
  /** Half of an interval's width in standard deviations; 0 for none. */
  readonly sigmas: number;
  readonly isZeroBound: boolean;
  /** Of the counter; undefined where nothing is known about it. */
  readonly words: CounterWords | undefined;
  /** Instead of the bins' ranges. */
  readonly binNames: readonly string[] | undefined;
};

export type CounterWords = {
  readonly meaning: string;
  readonly counted: string;
  readonly binned: string | undefined;
};

/** Throws BinLabelError. */
export function toChart(counter: ComparedCounter, options: ChartOptions): Chart {
  const { sigmas, isZeroBound, words, binNames } = options;
  const { name, bins } = counter;
  const labels = toBinLabels(name, bins, binNames);
  const rows = bins.flatMap(({ entries }, order) =>
    entries.map((entry): ChartRow => {
      const estimate = toEstimate(entry, sigmas);
      const { value, low, high, isNoisy } = isZeroBound ? boundedByZero(estimate) : estimate;
      return { experiment: entry.label, bin: labels[order]!, order, value, low, high, isNoisy };
    }),
  );
  return {
    name,
    caption: [...(words === undefined ? [] : [words.meaning]), intervalWords(rows, options)].join(' '),
    counted: words?.counted ?? 'total',
    binned: bins.length > 1 ? (words?.binned ?? 'bin') : undefined,
    rows,
  };
}

function intervalWords(rows: readonly ChartRow[], { sigmas }: ChartOptions): string {
  const hasNoise = rows.some(({ low, high }) => low < high);
  if (!hasNoise) return 'No noise: exact totals.';
  const pale = rows.some(({ isNoisy }) => isNoisy) ? ' Pale bars may be noise alone.' : '';
  return `Lines: intervals of ${confidencePercent(sigmas)}\u00a0%.${pale}`;
}
