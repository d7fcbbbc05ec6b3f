/** The charts of results, one a counter: for the command line, and for the tally room's page. */
import { setImmediate } from 'node:timers/promises';
import { isCheckCounter } from '../core/counters.js';
import { listNames, shownLabels, type LabelSource } from '../results/bin-labels.js';
import { toChart, type Chart, type IntervalOptions } from '../results/chart.js';
import { toChartSpec } from '../results/chart-spec.js';
import { THEMES, type ThemeName } from '../results/chart-theme.js';
import { SIGMAS_OF_95_PERCENT } from '../results/confidence.js';
import { compareExperiments, type ComparedCounter, type Experiment } from '../results/experiments.js';
import { type RoundResult } from '../results/result-file.js';
import { counterWords } from '../roles/counter-words.js';
import { drawSvg } from './draw-charts.js';

export type ResultChart = {
  /** The counter's. */
  readonly name: string;
  readonly svg: string;
  /** The same in words, which the picture carries as its label too. */
  readonly description: string;
};

export type DrawnChart = ResultChart & { readonly chart: Chart };

export type DrawOptions = IntervalOptions & {
  readonly theme: ThemeName;
  /** One an experiment; the theme's own if undefined. */
  readonly colours?: readonly string[] | undefined;
  readonly labels: LabelSource;
};

/**
 * The charts of one round's result, in the order of the counters' names and without check counters. `confidence`: half of an
 * interval's width in standard deviations, for 95 % if absent. `counters`: these only, as a round may have thousands and each
 * takes 20 ms; other work is let in between two of them.
 */
export async function drawResultCharts(
  result: RoundResult,
  {
    theme,
    confidence = SIGMAS_OF_95_PERCENT,
    counters,
  }: { readonly theme: ThemeName; readonly confidence?: number; readonly counters?: readonly string[] },
): Promise<ResultChart[]> {
  const experiments = [{ label: 'this round', result }];
  const wanted = counters && new Set(counters);
  const compared = compareExperiments(experiments).filter(({ name }) => wanted?.has(name) ?? true);
  const options = { sigmas: confidence, isZeroBound: false, theme, labels: 'file' } as const;
  const charts: ResultChart[] = [];
  for await (const { name, svg, description } of drawCharts(compared, experiments, options)) {
    charts.push({ name, svg, description });
  }
  return charts;
}

export function labelsOf(experiments: readonly Experiment[]): string[] {
  return experiments.map(({ label }) => label);
}

/** One after the other, without check counters. Throws BinLabelError. */
export async function* drawCharts(
  counters: readonly ComparedCounter[],
  experiments: readonly Experiment[],
  { theme, colours, labels, ...intervals }: DrawOptions,
): AsyncGenerator<DrawnChart> {
  for (const counter of counters) {
    if (isCheckCounter(counter.name)) continue;
    const known = counterWords(counter.name);
    const listKind = known?.listKind;
    const names = listNames(experiments, labels, { listKind, bins: counter.binsInAll });
    const binLabels = shownLabels(counter, names);
    const words = known && names !== undefined ? { ...known, binned: 'match list' } : known;
    const chart = toChart(counter, { ...intervals, words, binLabels, experiments: labelsOf(experiments) });
    yield await drawChart(chart, theme, colours);
    await setImmediate();
  }
}

export async function drawChart(
  chart: Chart,
  theme: ThemeName,
  colours?: readonly string[],
): Promise<DrawnChart> {
  const description = describe(chart);
  const svg = await drawSvg(toChartSpec(chart, THEMES[theme], colours), description);
  return { name: chart.name, svg, description, chart };
}

/** More is for the table. */
const BARS_DESCRIBED = 12;

function describe({ name, caption, rows, binned }: Chart): string {
  const bars = rows.slice(0, BARS_DESCRIBED).map(({ experiment, bin, total, interval }) => {
    const place = binned === undefined ? experiment : `${bin} (${experiment})`;
    return `${place}: ${total}${interval === '' ? '' : `, from ${interval}`}`;
  });
  const more = rows.length > BARS_DESCRIBED ? `; and ${rows.length - BARS_DESCRIBED} more` : '';
  return `${name}: ${caption} ${bars.join('; ')}${more}.`;
}
