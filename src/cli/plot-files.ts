/** What `privcount plot` writes. */
import { join } from 'node:path';
import { CATALOGUE } from '../collection/catalogue/catalogue.js';
import { binKind } from '../collection/catalogue/entry.js';
import { drawSvg, toPdf, toPng } from '../io/draw-charts.js';
import { files } from '../io/files.js';
import { toChart, type Chart, type CounterWords } from '../results/chart.js';
import { toChartSpec } from '../results/chart-spec.js';
import { toCsvReport } from '../results/csv-report.js';
import { compareExperiments, type Experiment } from '../results/experiments.js';
import { toHtmlPage } from '../results/html-page.js';
import { shownCounters, toTextReport, type ReportOptions } from '../results/text-report.js';

export const FORMATS = ['pdf', 'html', 'txt', 'csv', 'svg', 'png'] as const;
export type Format = (typeof FORMATS)[number];

export type PlotOptions = ReportOptions & {
  readonly colours: readonly string[];
  readonly folder: string;
  readonly prefix: string | undefined;
  readonly formats: readonly Format[];
};

type DrawnChart = { readonly chart: Chart; readonly svg: string };

/** The paths of what was written. Throws ComparisonError. */
export async function writePlots(
  experiments: readonly Experiment[],
  options: PlotOptions,
): Promise<string[]> {
  const { sigmas, colours, formats } = options;
  const counters = shownCounters(compareExperiments(experiments), options);
  const isDrawn = formats.some((format) => format !== 'txt' && format !== 'csv');
  const drawn: DrawnChart[] = [];
  for (const counter of isDrawn ? counters : []) {
    const chart = toChart(counter, { ...options, words: wordsOf(counter.name), binNames: undefined });
    drawn.push({ chart, svg: await drawSvg(toChartSpec(chart, colours)) });
  }
  const written: string[] = [];
  const write = (name: string, content: string | Uint8Array): void => {
    const path = join(options.folder, options.prefix === undefined ? name : `${options.prefix}.${name}`);
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    files.writeWhole(path, bytes, { isPublic: true });
    written.push(path);
  };
  const title = experiments.map(({ label }) => label).join(', ');
  for (const format of formats) {
    switch (format) {
      case 'txt':
        write('privcount.results.txt', `${toTextReport(experiments, options).join('\n')}\n`);
        break;
      case 'csv':
        write('privcount.results.csv', toCsvReport(counters, sigmas));
        break;
      case 'pdf':
        write('privcount.results.pdf', await toPdf(drawn.map(({ svg }) => svg)));
        break;
      case 'html':
        write('privcount.results.html', toHtmlPage(`Totals of ${title}`, drawn));
        break;
      case 'svg':
        for (const { chart, svg } of drawn) write(`${chart.name}.svg`, svg);
        break;
      case 'png':
        for (const { chart, svg } of drawn) write(`${chart.name}.png`, toPng(svg));
    }
  }
  return written;
}

/** What the catalogue says; nothing of check counters, or of a traffic model's. */
function wordsOf(name: string): CounterWords | undefined {
  const entry = CATALOGUE.get(name);
  if (entry === undefined) return undefined;
  const { meaning, unit } = entry;
  return binKind(name) === 'plain count'
    ? { meaning, counted: unit, binned: undefined }
    : { meaning, counted: 'number', binned: unit };
}
