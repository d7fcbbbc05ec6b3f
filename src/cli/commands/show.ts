/** `privcount show`: a tallies file as a table. */
import { type CommandModule } from 'yargs';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { readSource } from '../read-config.js';
import { toResultTable } from '../result-table.js';

type ShowArguments = { readonly file: string };

export const show: CommandModule<object, ShowArguments> = {
  command: 'show <file>',
  describe: 'print a result file as a table: totals, and the intervals that their noise leaves',
  builder: (yargs) =>
    yargs.positional('file', {
      type: 'string',
      demandOption: true,
      describe: 'a privcount.tallies.*.json, or an outcome of a released round',
    }),
  handler: ({ file }) => {
    const { bytes } = readSource(file, 'a privcount.tallies.*.json, or an outcome of a released round');
    process.stdout.write(`${tableOf(file, new TextDecoder().decode(bytes)).join('\n')}\n`);
  },
};

function tableOf(file: string, text: string): string[] {
  try {
    return toResultTable(text);
  } catch (error) {
    throw new OperatorError(
      `${file} is not a result file of a released round that this version wrote`,
      EXIT.usage,
      {
        cause: error,
      },
    );
  }
}
