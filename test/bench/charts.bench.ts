/** Time to draw the charts of a round: of as many counters as people choose, and of all that PrivCount has. */
import { toPdf, toPng } from '../../src/io/draw-charts.js';
import { drawResultCharts } from '../../src/io/draw-result-charts.js';
import { type CounterResult, type RoundResult } from '../../src/results/result-file.js';
import { type BenchRow } from './bench-row.js';

const FEW = 30;
/** PrivCount has 5,325. */
const MANY = 5_000;
/** Every third counter is a histogram. */
const BINS = 5;

function counter(at: number): CounterResult {
  const bins = Array.from({ length: at % 3 === 0 ? BINS : 1 }, (_, bin) => ({
    low: bin,
    high: bin + 1,
    total: String(1000 * (at + 1) + 37 * bin),
  }));
  return { name: `Counter${at}`, bins, sigma: 50 };
}

function resultOf(counters: number): RoundResult {
  return {
    roundId: undefined,
    counters: Array.from({ length: counters }, (_, at) => counter(at)),
    collected: undefined,
    privacy: undefined,
    lists: new Map(),
  };
}

async function secondsOf<Result>(task: () => Promise<Result>): Promise<[seconds: number, result: Result]> {
  const start = performance.now();
  const result = await task();
  return [(performance.now() - start) / 1000, result];
}

export async function benchCharts(): Promise<BenchRow[]> {
  const draw = (counters: number) => drawResultCharts(resultOf(counters), { theme: 'light' });
  const [first] = await secondsOf(() => draw(1));
  const [few, charts] = await secondsOf(() => draw(FEW));
  const [pdf] = await secondsOf(() => toPdf(charts.map(({ svg }) => svg)));
  const [png] = await secondsOf(async () => {
    for (const { svg } of charts) await toPng(svg);
  });
  const [many, all] = await secondsOf(() => draw(MANY));
  const megabytes = all.reduce((sum, { svg }) => sum + svg.length, 0) / 1e6;
  return [
    { name: 'the first chart, with loading what draws', unit: 's', value: first },
    { name: `${FEW} counters as SVG`, unit: 's', value: few },
    { name: `${FEW} counters from SVG to PDF`, unit: 's', value: pdf },
    { name: `${FEW} counters from SVG to PNG`, unit: 's', value: png },
    { name: `${MANY} counters as SVG`, unit: 's', value: many },
    { name: `${MANY} counters as SVG, all together`, unit: 'MB', value: megabytes },
  ];
}
