/**
 * The thread that reads the results folder for the tally room, and draws. A large outcome takes seconds to read and draw, in
 * which the tally could not run its round. Started by room-desk.ts.
 */
import { readdir } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { counterWords } from '../roles/counter-words.js';
import { toRoundDetail } from '../roles/room-detail.js';
import { ROUNDS_SHOWN_MAX, toRoomPast } from '../roles/room-past.js';
import { BinLabelError } from '../results/bin-labels.js';
import { SIGMAS_OF_95_PERCENT } from '../results/confidence.js';
import { toCsv } from '../results/csv-report.js';
import { compareExperiments } from '../results/experiments.js';
import { parseResultFile, ResultFileError } from '../results/result-file.js';
import { toResultRows } from '../results/result-rows.js';
import { type DeskAnswer, type DeskRequest } from './room-desk.js';
import { readResultsFolder } from './results-folder.js';
import { readResultText } from './result-text.js';

/** Sent to nobody without a name that the folder has: the caller has checked that it is one of an outcome. */
async function answer(request: DeskRequest): Promise<string> {
  const { folder } = request;
  if (request.kind === 'past')
    return JSON.stringify(toRoomPast(await readResultsFolder(folder, { roundsMax: ROUNDS_SHOWN_MAX })));
  const { file } = request;
  const text = await readResultText(join(folder, file), { isLinkFollowed: false });
  switch (request.kind) {
    case 'detail':
      return JSON.stringify(toRoundDetail(file, text, new Set(await readdir(folder))));
    case 'csv':
      return csvOf(file, text);
    case 'chart':
      return chartOf(text, request);
  }
}

function csvOf(file: string, text: string): string {
  const label = file.replace(/^privcount\.outcome\.|\.json$/g, '');
  const experiments = [{ label, result: parseResultFile(text) }];
  const options = { sigmas: SIGMAS_OF_95_PERCENT, labels: 'file', wordsOf: counterWords } as const;
  return toCsv(toResultRows(compareExperiments(experiments), experiments, options));
}

/** The libraries that draw are loaded when somebody looks at the first chart. */
async function chartOf(
  text: string,
  { counter, isDark }: Extract<DeskRequest, { readonly kind: 'chart' }>,
): Promise<string> {
  const { drawResultCharts } = await import('./draw-result-charts.js');
  const theme = isDark ? 'dark' : 'light';
  const [chart] = await drawResultCharts(parseResultFile(text), { theme, counters: [counter] });
  if (chart === undefined) throw new ResultFileError('the round has no such counter');
  return chart.svg;
}

/** What is wrong with a file is for whoever looks; all else is for the log. */
function toAnswer(error: unknown): DeskAnswer {
  const problem = error instanceof Error ? error.message : 'unknown';
  const isOfFile = error instanceof ResultFileError || error instanceof BinLabelError;
  return { kind: isOfFile ? 'fault' : 'failure', problem };
}

const port = parentPort;
if (port === null) throw new Error('room-worker.js only runs as a worker thread');
// In Linux alone a priority is one thread's; elsewhere it would be the whole tally's, for ever.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
let last: Promise<void> = Promise.resolve();
port.on('message', ({ id, request }: { id: number; request: DeskRequest }) => {
  const reply = (result: DeskAnswer): void => port.postMessage({ id, result });
  // One after the other: each may take as much memory as the largest outcome.
  last = last.then(() =>
    answer(request).then(
      (text) => reply({ kind: 'text', text }),
      (error: unknown) => reply(toAnswer(error)),
    ),
  );
});
