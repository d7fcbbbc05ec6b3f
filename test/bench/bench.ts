/** `npm run bench`: speed and memory, side by side with plain versions of the same, in one run. Ratios are what to compare. */
import { cpus } from 'node:os';
import { type BenchRow } from './bench-row.js';
import { benchCharts } from './charts.bench.js';
import { benchCollection } from './collection.bench.js';
import { benchControl } from './control.bench.js';
import { benchCore } from './core.bench.js';
import { benchFlood } from './flood.bench.js';
import { benchNoise } from './noise.bench.js';
import { benchProtocol } from './protocol.bench.js';
import { benchStore } from './store.bench.js';

const benches: readonly (readonly [title: string, run: () => BenchRow[] | Promise<BenchRow[]>])[] = [
  ['Core: vectors, masks, increments', benchCore],
  ['Noise: sampler, draw, allocation', benchNoise],
  ['Protocol: statements, deposits, whole rounds, on one core', benchProtocol],
  ["A node's store: SQLite, encrypted, synced, with what is replaced overwritten", benchStore],
  ['Control port: lines to events, on one core', benchControl],
  ['Collection: events to increments, on one core', benchCollection],
  ['Charts of results, on one core', benchCharts],
  ['A collector beside its relay, in a round of real processes', benchFlood],
];

function toLine({ name, unit, value, ratio }: BenchRow): string {
  const figure = value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
  const beside = ratio === undefined ? '' : `   ${ratio.toFixed(1)} x the plain version`;
  return `  ${name.padEnd(60)} ${figure.padStart(14)} ${unit.padEnd(12)}${beside}`;
}

const [processor] = cpus();
process.stdout.write(`Node ${process.version}, ${processor?.model ?? 'unknown processor'}\n`);
for (const [title, run] of benches) {
  process.stdout.write(`\n${title}\n`);
  for (const row of await run()) process.stdout.write(`${toLine(row)}\n`);
}
