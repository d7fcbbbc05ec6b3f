/** `privcount show`: a result file as a table. */
import { type CommandModule } from 'yargs';
import { readResult } from '../read-experiments.js';
import { toResultLines } from '../result-table.js';

type ShowArguments = { readonly file: string };

export const show: CommandModule<object, ShowArguments> = {
  command: 'show <file>',
  describe: 'print a result file as a table: totals, and the intervals that their noise leaves',
  builder: (yargs) =>
    yargs.positional('file', {
      type: 'string',
      demandOption: true,
      describe: "a privcount.tallies.*.json, or an outcome of a released round; PrivCount 2.0's too",
    }),
  handler: async ({ file }) => {
    process.stdout.write(`${toResultLines(await readResult(file)).join('\n')}\n`);
  },
};
