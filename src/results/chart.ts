/**
 * A counter's totals as a chart. Nobody may be misled: each total stands with its interval, bars begin at 0, and what the
 * noise may have made is pale.
 */
import { confidenceWords } from './confidence.js';
import { grouped, wholeNumbersAround } from './decimal.js';
import { boundedByZero, toEstimate, type Measured } from './estimate.js';
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
  /** As people read it. */
  readonly total: string;
  /** The whole numbers around the interval; empty if there is none. */
  readonly interval: string;
};

export type Chart = {
  readonly name: string;
  /** Sentences on what is counted, what the intervals are, and what is not shown. */
  readonly caption: string;
  /** What the bars' height is in. */
  readonly counted: string;
  /** What the bins are in; undefined for a counter of one bin. */
  readonly binned: string | undefined;
  /** All that stand side by side, those without this counter too: each has the same colour in all charts. */
  readonly experiments: readonly string[];
  /** From the left, and in a bin by experiment. */
  readonly rows: readonly ChartRow[];
};

export type CounterWords = {
  readonly meaning: string;
  readonly counted: string;
  readonly binned: string | undefined;
  /** Which kind of match list gives its bins; undefined if none does. */
  readonly listKind: string | undefined;
};

export type IntervalOptions = {
  /** Half of an interval's width in standard deviations; 0 for none. */
  readonly sigmas: number;
  /** Nothing is below 0. */
  readonly isZeroBound: boolean;
};

export type ChartOptions = IntervalOptions & {
  /** Of the counter; undefined where nothing is known about it. */
  readonly words: CounterWords | undefined;
  /** One a bin. */
  readonly binLabels: readonly string[];
  /** The labels of all experiments, in their order. */
  readonly experiments: readonly string[];
};

export function toChart({ name, bins, binsInAll }: ComparedCounter, options: ChartOptions): Chart {
  const { words, binLabels, experiments } = options;
  const rows = bins.flatMap(({ entries }, order) =>
    entries.map((entry) => ({
      experiment: entry.label,
      bin: binLabels[order]!,
      order,
      ...toHeights(entry, options),
    })),
  );
  const isNoiseKnown = bins.every(({ entries }) => entries.every(({ sigma }) => sigma !== undefined));
  return {
    name,
    caption: [
      ...(words === undefined ? [] : [words.meaning]),
      intervalWords(rows, isNoiseKnown, options),
    ].join(' '),
    counted: words?.counted ?? 'total',
    binned: binsInAll > 1 ? (words?.binned ?? 'bin') : undefined,
    experiments,
    rows,
  };
}

type Heights = Pick<ChartRow, 'value' | 'low' | 'high' | 'isNoisy' | 'total' | 'interval'>;

function toHeights(entry: Measured, { sigmas, isZeroBound }: IntervalOptions): Heights {
  const estimate = toEstimate(entry, sigmas);
  const { value, low, high, isNoisy } = isZeroBound ? boundedByZero(estimate) : estimate;
  const isCutOff = isZeroBound && estimate.value < 0;
  const total = isCutOff ? `0 (${grouped(entry.total)})` : grouped(entry.total);
  return { value, low, high, isNoisy, total, interval: toIntervalText(entry, { sigmas, isZeroBound }) };
}

/** Empty if no noise is known. */
export function toIntervalText(
  { total, sigma = 0 }: Measured,
  { sigmas, isZeroBound }: IntervalOptions,
): string {
  if (sigma * sigmas === 0) return '';
  const { low, high } = wholeNumbersAround(total, sigma * sigmas);
  const bounded = (end: bigint): bigint => (isZeroBound && end < 0n ? 0n : end);
  return `${grouped(bounded(low))} to ${grouped(bounded(high))}`;
}

function intervalWords(
  rows: readonly ChartRow[],
  isNoiseKnown: boolean,
  { sigmas, isZeroBound }: IntervalOptions,
): string {
  const hasIntervals = rows.some(({ low, high }) => low < high);
  const sentences = [
    ...(isNoiseKnown ? [] : ['How much noise is in totals without a line is not known.']),
    ...(hasIntervals ? [`Lines: ${confidenceWords(sigmas)} of the noise.`] : []),
    ...(!hasIntervals && isNoiseKnown
      ? [sigmas === 0 ? 'Intervals are not shown.' : 'No noise: exact totals.']
      : []),
    ...(rows.some(({ isNoisy }) => isNoisy) ? ['Pale, dashed bars may be noise alone.'] : []),
    ...(isZeroBound ? ['What is below 0 is cut off.'] : []),
  ];
  return sentences.join(' ');
}
