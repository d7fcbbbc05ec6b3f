/** `privcount status`: what a node says of itself and, at the tally, of all nodes. */
import { type CommandModule } from 'yargs';
import { systemClock } from '../../io/clock.js';
import { files } from '../../io/files.js';
import { readStatusFile } from '../../io/status-file.js';
import { type NodeConfig } from '../../config/node-config.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { readNodeConfig } from '../read-config.js';
import { stalenessOf, toStatusLines } from '../status-table.js';

type StatusArguments = { readonly config: string; readonly json: boolean };

export const status: CommandModule<object, StatusArguments> = {
  command: 'status <config>',
  describe: 'print what a node does now; at the tally each node with its heartbeat, clock and version',
  builder: (yargs) =>
    yargs
      .positional('config', { type: 'string', demandOption: true, describe: "a node's config.yaml" })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON object a node and line' })
      .epilogue('Exit code 0 if the node runs, 1 if it has never run, or does not run now.'),
  handler: ({ config: path, json }) => {
    const { config } = readNodeConfig(path);
    const nowMs = systemClock.nowMs();
    const found = foldersOf(config).map((folder) => {
      const written = readStatusFile(files, folder);
      switch (written.kind) {
        case 'none':
          throw new OperatorError(`there is no status in ${folder}: the node has not run yet`, EXIT.failure);
        case 'unreadable':
          throw new OperatorError(
            `the status in ${folder} was written by another version of privcount: use the version that the node runs`,
            EXIT.failure,
          );
        case 'status':
          return { written: written.status, stale: stalenessOf(written.status, nowMs) };
      }
    });
    const pages = found.map(({ written, stale }) =>
      json ? JSON.stringify({ ...written, stale: stale ?? null }) : toStatusLines(written, nowMs).join('\n'),
    );
    process.stdout.write(`${pages.join(json ? '\n' : '\n\n')}\n`);
    if (found.some(({ stale }) => stale !== undefined)) process.exitCode = EXIT.failure;
  },
};

function foldersOf({ tallyServer, shareKeeper, dataCollector }: NodeConfig): string[] {
  return [tallyServer, shareKeeper, dataCollector].flatMap((section) =>
    section === undefined ? [] : [section.stateFolder],
  );
}
