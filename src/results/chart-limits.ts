/** As much of a chart as there is room for: so many bars, and labels of so many letters. Tables have the rest. */
import { type Chart } from './chart.js';
import { shortLabels } from './chart-text.js';

/** A bar must be a pixel wide to be seen. */
export const BARS_MAX = 1200;
/** Longer labels have their middle left out. */
const LABEL_LENGTH_MAX = 36;

export type ShownChart = {
  readonly chart: Chart;
  /** Those that have this counter, as they are labelled. */
  readonly experiments: readonly string[];
  readonly bins: number;
  /** How many bins there is no room for. */
  readonly left: number;
};

/** Bins from the left as far as there is room for bars. */
export function withinLimits(chart: Chart): ShownChart {
  const experiments = [...new Set(chart.rows.map(({ experiment }) => experiment))];
  const bins = new Set(chart.rows.map(({ order }) => order)).size;
  const shown = Math.min(bins, Math.max(1, Math.floor(BARS_MAX / experiments.length)));
  const orders = new Set([...new Set(chart.rows.map(({ order }) => order))].slice(0, shown));
  const rows = chart.rows.filter(({ order }) => orders.has(order));
  return { ...withShortLabels({ ...chart, rows }), bins: shown, left: bins - shown };
}

function withShortLabels(chart: Chart): { chart: Chart; experiments: string[] } {
  const shortBins = shortLabels([...new Set(chart.rows.map(({ bin }) => bin))], LABEL_LENGTH_MAX);
  const shortNames = shortLabels(chart.experiments, LABEL_LENGTH_MAX);
  const rows = chart.rows.map((row) => ({
    ...row,
    bin: shortBins.get(row.bin)!,
    experiment: shortNames.get(row.experiment)!,
  }));
  const experiments = [...new Set(rows.map(({ experiment }) => experiment))];
  return { chart: { ...chart, rows, experiments: [...shortNames.values()] }, experiments };
}
