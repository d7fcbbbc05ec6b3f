/** Ratios as a chart, and as lines of text. */
import { type Chart, type ChartOptions, type ChartRow } from './chart.js';
import { confidencePercent, confidenceWords } from './confidence.js';
import { type ComparedRatio, type RatioEntry, type RatioEstimate, ratioText } from './ratio.js';

/** `words` and `binLabels` are the numerator's. A ratio without an end is not drawn, and the caption names it. */
export function toRatioChart(
  ratio: ComparedRatio,
  { sigmas, isZeroBound, binLabels, experiments, words }: ChartOptions,
): Chart {
  const { name, numerator, denominator, bins, binsInAll } = ratio;
  const rows = bins.flatMap(({ entries }, order) =>
    entries.flatMap((entry) => toRow(entry, { bin: binLabels[order]!, order, isZeroBound })),
  );
  const isNoiseKnown = bins.every(({ entries }) =>
    entries.every(({ estimate }) => estimate.kind !== 'unknown'),
  );
  const missing = bins.flatMap(({ entries }) =>
    entries.filter(({ estimate }) => estimate.kind === 'unbounded'),
  );
  const labels = [...new Set(missing.map(({ label }) => label))].join(', ');
  const sentences = [
    numerator === denominator
      ? `Each bar is a bin's share of ${numerator}.`
      : `Each bar is ${numerator} divided by ${denominator}.`,
    ...(isNoiseKnown ? [] : ['How much noise is in ratios without a line is not known.']),
    ...(rows.some(({ low, high }) => low < high) ? [`Lines: ${confidenceWords(sigmas)} (Fieller's).`] : []),
    ...(rows.some(({ isNoisy }) => isNoisy) ? ['Pale, dashed bars may be 0.'] : []),
    ...(missing.length > 0 ? [`Not drawn, since ${denominator} can't be told from 0: ${labels}.`] : []),
    ...(isZeroBound ? ['What is below 0 is cut off.'] : []),
  ];
  return {
    name,
    caption: sentences.join(' '),
    counted: 'ratio',
    binned: binsInAll > 1 ? (words?.binned ?? 'bin') : undefined,
    experiments,
    rows,
  };
}

function toRow(
  { label, estimate }: RatioEntry,
  { bin, order, isZeroBound }: { bin: string; order: number; isZeroBound: boolean },
): ChartRow[] {
  if (estimate.kind === 'unbounded') return [];
  const bounded = (value: number): number => (isZeroBound ? Math.max(0, value) : value);
  const { ratio } = estimate;
  const { low, high } = estimate.kind === 'interval' ? estimate : { low: ratio, high: ratio };
  return [
    {
      experiment: label,
      bin,
      order,
      value: bounded(ratio),
      low: bounded(low),
      high: bounded(high),
      isNoisy: low < high && low <= 0 && high >= 0,
      total: ratioText(bounded(ratio)),
      interval: low < high ? `${ratioText(bounded(low))} to ${ratioText(bounded(high))}` : '',
    },
  ];
}

export function toRatioLines(
  { name, denominator, bins, binsInAll }: ComparedRatio,
  binLabels: readonly string[],
  sigmas: number,
): string[] {
  return bins.flatMap(({ entries }, order) =>
    entries.map(({ label, estimate }) => {
      const start = binsInAll > 1 ? `${name} ${binLabels[order]!}, ${label}` : `${name}, ${label}`;
      if (estimate.kind === 'unbounded')
        return `${start}: no ratio, since ${denominator} can't be told from 0 (${confidencePercent(sigmas)}% CI)`;
      return `${start}: ${ratioText(estimate.ratio)}${intervalWords(estimate, sigmas)}`;
    }),
  );
}

function intervalWords(estimate: Exclude<RatioEstimate, { kind: 'unbounded' }>, sigmas: number): string {
  if (estimate.kind === 'unknown') return ' (how much noise is not known)';
  if (sigmas === 0) return '';
  const { low, high } = estimate;
  return low < high
    ? ` [${ratioText(low)}, ${ratioText(high)}] (${confidencePercent(sigmas)}% CI)`
    : ' (exact)';
}
