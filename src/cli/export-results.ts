/** Results as rows for other programs: CSV, JSON lines and Parquet have the same columns. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isCheckCounter } from '../core/counters.js';
import { toParquet } from '../io/parquet-file.js';
import { readResultsFolder } from '../io/results-folder.js';
import { toCsv } from '../results/csv-report.js';
import { SIGMAS_OF_95_PERCENT } from '../results/confidence.js';
import { type ComparedCounter, compareExperiments, type Experiment } from '../results/experiments.js';
import { type ResultRow, toResultRows } from '../results/result-rows.js';
import { counterWords } from '../roles/counter-words.js';
import { printable, readExperiments, withLabels } from './read-experiments.js';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Of files, and of the released rounds in folders; `note` hears of what has no totals. Throws OperatorError. */
export async function readRows(
  paths: readonly string[],
  note: (message: string) => void,
): Promise<ResultRow[]> {
  const files: string[] = [];
  for (const path of paths) files.push(...(await filesOf(path, note)));
  const rows: ResultRow[][] = [];
  // Rounds need not have the same bins: each is a table of its own.
  for (const experiment of await readExperiments(withLabels(files))) {
    rows.push(
      toResultRows(withoutChecks(experiment), [experiment], {
        sigmas: SIGMAS_OF_95_PERCENT,
        labels: 'file',
        wordsOf: counterWords,
      }),
    );
  }
  return rows.flat();
}

function withoutChecks(experiment: Experiment): ComparedCounter[] {
  return compareExperiments([experiment]).filter(({ name }) => !isCheckCounter(name));
}

async function filesOf(path: string, note: (message: string) => void): Promise<string[]> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const { rounds, faults, unread } = await readResultsFolder(path);
  for (const { file, problem } of faults) note(`${printable(file)}: ${printable(problem)}`);
  for (const { file, outcome } of rounds) {
    if (outcome === 'aborted') note(`${file}: its round was aborted, and has no totals`);
  }
  if (unread > 0) note(`${unread} older rounds are left out`);
  return rounds.filter(({ outcome }) => outcome === 'released').map(({ file }) => join(path, file));
}

export async function toBytes(rows: readonly ResultRow[], format: ExportFormat): Promise<Uint8Array> {
  switch (format) {
    case 'csv':
      return new TextEncoder().encode(toCsv(rows));
    case 'jsonl':
      return new TextEncoder().encode(rows.map((row) => `${toJsonLine(row)}\n`).join(''));
    case 'parquet':
      return toParquet(rows);
  }
}

/** JSON has no infinities: they are strings, as in outcomes. */
function toJsonLine(row: ResultRow): string {
  return JSON.stringify(row, (_key, value: unknown) =>
    value === Infinity || value === -Infinity ? String(value) : value,
  );
}
