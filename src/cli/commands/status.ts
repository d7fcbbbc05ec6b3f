/** `privcount status`: what a node says of itself and, at the tally, of all nodes. */
import { type CommandModule } from 'yargs';
import { systemClock } from '../../io/clock.js';
import { files } from '../../io/files.js';
import { readStatusFile } from '../../io/status-file.js';
import { type NodeConfig } from '../../config/node-config.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { readNodeConfig } from '../read-config.js';
import { type WatchedNode } from '../status-frame.js';
import { stalenessOf, toStatusLines } from '../status-table.js';
import { terminalOn } from '../terminal.js';

type StatusArguments = {
  readonly config: readonly string[];
  readonly json: boolean;
  readonly watch: boolean;
};

/** How often a file that a node writes once a second at most is looked at. */
const LOOK_MS = 1_000;

export const status: CommandModule<object, StatusArguments> = {
  command: 'status <config..>',
  describe: 'print what a node does now; at the tally each node with its heartbeat, clock and version',
  builder: (yargs) =>
    yargs
      .positional('config', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: "a node's config.yaml, or those of several",
      })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON object a node and line' })
      .option('watch', {
        alias: 'w',
        type: 'boolean',
        default: false,
        describe:
          'go on looking, until Ctrl-C; where the output is no terminal, a line when something changes',
      })
      .check(({ json, watch }) => {
        if (json && watch) throw new Error('--json and --watch do not go together');
        return true;
      })
      .epilogue('Exit code 0 if the node runs, 1 if it has never run, or does not run now.'),
  handler: async ({ config: paths, json, watch }) => {
    const folders = paths.flatMap((path) => foldersOf(readNodeConfig(path).config));
    if (watch) await watchFolders(folders);
    else printOnce(folders, json);
  },
};

function foldersOf({ tallyServer, shareKeeper, dataCollector }: NodeConfig): string[] {
  return [tallyServer, shareKeeper, dataCollector].flatMap((section) =>
    section === undefined ? [] : [section.stateFolder],
  );
}

/** The status in a folder, or a sentence why there is none. */
function look(folder: string): WatchedNode {
  const found = readStatusFile(files, folder);
  switch (found.kind) {
    case 'none':
      return { kind: 'away', reason: `there is no status in ${folder}: the node has not run yet` };
    case 'unreadable':
      return {
        kind: 'away',
        reason: `the status in ${folder} was written by another version of privcount: use the version that the node runs`,
      };
    case 'status':
      return found;
  }
}

function printOnce(folders: readonly string[], json: boolean): void {
  const nowMs = systemClock.nowMs();
  const found = folders.map((folder) => {
    const node = look(folder);
    if (node.kind === 'away') throw new OperatorError(node.reason, EXIT.failure);
    return { written: node.status, stale: stalenessOf(node.status, nowMs) };
  });
  const pages = found.map(({ written, stale }) =>
    json ? JSON.stringify({ ...written, stale: stale ?? null }) : toStatusLines(written, nowMs).join('\n'),
  );
  process.stdout.write(`${pages.join(json ? '\n' : '\n\n')}\n`);
  if (found.some(({ stale }) => stale !== undefined)) process.exitCode = EXIT.failure;
}

/** A disk that is away for a while, or whose rights are changed, ends nothing. */
function lookPatiently(folder: string): WatchedNode {
  try {
    return look(folder);
  } catch (error) {
    return { kind: 'away', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function watchFolders(folders: readonly string[]): Promise<void> {
  // What draws is only loaded by those who watch.
  const { startWatch } = await import('../status-watch.js');
  const stream = process.stdout;
  const watch = startWatch({
    read: () => folders.map(lookPatiently),
    stream,
    terminal: terminalOn(stream, process.env),
    nowMs: () => systemClock.nowMs(),
  });
  await new Promise<void>((resolve) => {
    const lookAgain = (): void => watch.look();
    const timer = setInterval(lookAgain, LOOK_MS);
    const end = (): void => {
      clearInterval(timer);
      stream.off('resize', lookAgain);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end);
    // Whoever read it has gone.
    stream.once('error', end);
    stream.on('resize', lookAgain);
    // Whatever else may end the process, the terminal gets its cursor back.
    process.once('exit', () => watch.end());
    lookAgain();
  });
  watch.end();
}
