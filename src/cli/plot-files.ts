/** What `privcount plot` writes. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  drawChart,
  drawCharts,
  type DrawnChart,
  type DrawOptions,
  labelsOf,
} from '../io/draw-result-charts.js';
import { toPdf, toPng } from '../io/draw-charts.js';
import { files } from '../io/files.js';
import { listNames, shownLabels } from '../results/bin-labels.js';
import { toCsv } from '../results/csv-report.js';
import { compareExperiments, type ComparedCounter, type Experiment } from '../results/experiments.js';
import { toHtmlPage } from '../results/html-page.js';
import { type ComparedRatio, type RatioNames, toRatio } from '../results/ratio.js';
import { toRatioChart, toRatioLines } from '../results/ratio-chart.js';
import { toRatioRows, toResultRows } from '../results/result-rows.js';
import { shownCounters, toTextReport, type ReportOptions } from '../results/text-report.js';
import { counterWords } from '../roles/counter-words.js';
import { EXIT } from './exit-codes.js';
import { OperatorError } from './operator-error.js';
import { type PlotFormat } from './plot-formats.js';
import { startProgress } from './progress.js';

export type PlotOptions = ReportOptions &
  DrawOptions & {
    readonly ratios: readonly RatioNames[];
    readonly folder: string;
    readonly prefix: string | undefined;
    readonly formats: readonly PlotFormat[];
  };

/** All of PrivCount's counters, and some more: a page of them has 60 MB, and takes minutes. */
const CHARTS_MAX = 6000;
/** File systems take 255 bytes. */
const FILE_NAME_MAX = 150;

/** The paths of what was written. Throws ComparisonError, BinLabelError, OperatorError. */
export async function writePlots(
  experiments: readonly Experiment[],
  options: PlotOptions,
): Promise<string[]> {
  const compared = compareExperiments(experiments);
  const ratios = options.ratios.map((names) => toRatio(compared, names, options.sigmas));
  const counters = shownCounters(compared, options);
  // Written at the end: a mistake that shows late leaves no half of what was asked for.
  const contents: { readonly path: string; readonly content: string | Uint8Array }[] = [];
  const write = (name: string, content: string | Uint8Array): void => {
    const path = join(options.folder, options.prefix === undefined ? name : `${options.prefix}.${name}`);
    contents.push({ path, content });
  };
  const isDrawn = options.formats.some((format) => format !== 'txt' && format !== 'csv');
  const drawn = isDrawn ? await drawAll({ counters, ratios, experiments }, options) : [];
  const names = fileNames(drawn);
  const title = `Totals of ${experiments.map(({ label }) => label).join(', ')}`;
  for (const format of new Set(options.formats)) {
    switch (format) {
      case 'txt':
        write('privcount.results.txt', toText(experiments, ratios, options));
        break;
      case 'csv':
        write('privcount.results.csv', toTable({ counters, ratios, experiments }, options));
        break;
      case 'pdf':
        write('privcount.results.pdf', await toPdf(drawn.map(({ svg }) => svg)));
        break;
      case 'html':
        write('privcount.results.html', toHtmlPage(title, drawn));
        break;
      case 'svg':
        drawn.forEach(({ svg }, at) => write(`${names[at]!}.svg`, svg));
        break;
      case 'png':
        for (const [at, { svg }] of drawn.entries()) write(`${names[at]!}.png`, await toPng(svg));
    }
  }
  for (const { path, content } of contents) writeFile(path, content);
  return contents.map(({ path }) => path);
}

type Shown = {
  readonly counters: readonly ComparedCounter[];
  readonly ratios: readonly ComparedRatio[];
  readonly experiments: readonly Experiment[];
};

async function drawAll(
  { counters, ratios, experiments }: Shown,
  options: PlotOptions,
): Promise<DrawnChart[]> {
  if (counters.length > CHARTS_MAX) {
    throw new OperatorError(
      `${counters.length} counters are too many to draw at once, at most ${CHARTS_MAX}; choose some with --counter, ` +
        'or take --formats csv',
      EXIT.usage,
    );
  }
  const progress = startProgress({ label: 'drawing', total: counters.length + ratios.length });
  const drawn: DrawnChart[] = [];
  try {
    for await (const chart of drawCharts(counters, experiments, options)) {
      drawn.push(chart);
      progress.advance();
    }
    for (const ratio of ratios) {
      const chart = toRatioChart(ratio, {
        ...options,
        words: counterWords(ratio.numerator),
        binLabels: ratioLabels(ratio, experiments, options),
        experiments: labelsOf(experiments),
      });
      if (chart.rows.length > 0) drawn.push(await drawChart(chart, options.theme, options.colours));
      progress.advance();
    }
  } finally {
    progress.end();
  }
  return drawn;
}

function toTable({ counters, ratios, experiments }: Shown, options: PlotOptions): string {
  const { sigmas, labels } = options;
  const rows = toResultRows(counters, experiments, { sigmas, labels, wordsOf: counterWords });
  const ofRatios = ratios.flatMap((ratio) =>
    toRatioRows(ratio, experiments, { sigmas, binLabels: ratioLabels(ratio, experiments, options) }),
  );
  return toCsv([...rows, ...ofRatios]);
}

function toText(
  experiments: readonly Experiment[],
  ratios: readonly ComparedRatio[],
  options: PlotOptions,
): string {
  const lines = [
    ...toTextReport(experiments, options),
    ...ratios.flatMap((ratio) =>
      toRatioLines(ratio, ratioLabels(ratio, experiments, options), options.sigmas),
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function ratioLabels(
  ratio: ComparedRatio,
  experiments: readonly Experiment[],
  { labels }: PlotOptions,
): string[] {
  return shownLabels(
    ratio,
    listNames(experiments, labels, {
      listKind: counterWords(ratio.numerator)?.listKind,
      bins: ratio.binsInAll,
    }),
  );
}

/** A counter's name may hold what a path must not, and two names may then be one. */
function fileNames(charts: readonly DrawnChart[]): string[] {
  const taken = new Set<string>();
  return charts.map(({ name }, at) => {
    const own = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, FILE_NAME_MAX);
    // Some file systems do not tell capital letters from others.
    const free = taken.has(own.toLowerCase()) ? `${own}.${at}` : own;
    taken.add(free.toLowerCase());
    return free;
  });
}

function writeFile(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  try {
    mkdirSync(dirname(path), { recursive: true });
    files.writeWhole(path, bytes, { isPublic: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : `can't write ${path}`;
    throw new OperatorError(`${reason}; give another folder with --folder`, EXIT.usage, { cause: error });
  }
}
