/** `privcount results show`: one round, with who took part and why it ended as it did. */
import { type CommandModule } from 'yargs';
import { readResultText } from '../../io/result-text.js';
import { parsePastRound } from '../../results/past-round.js';
import { parseResultFile, ResultFileError } from '../../results/result-file.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { printable } from '../read-experiments.js';
import { toResultLines } from '../result-table.js';
import { toRoundHead } from '../results-lines.js';

type ShowArguments = { readonly file: string };

export const resultsShow: CommandModule<object, ShowArguments> = {
  command: 'show <file>',
  describe: 'one round: who took part, and its totals; of an aborted one, why there are none',
  builder: (yargs) =>
    yargs.positional('file', {
      type: 'string',
      demandOption: true,
      describe: 'a privcount.outcome.*.json, of this program or of PrivCount 2.0',
    }),
  handler: async ({ file }) => {
    process.stdout.write(`${(await toLines(file)).join('\n')}\n`);
  },
};

async function toLines(file: string): Promise<string[]> {
  try {
    const text = await readResultText(file);
    const round = parsePastRound(text);
    const head = toRoundHead(round);
    return round.outcome === 'aborted' ? head : [...head, '', ...toResultLines(parseResultFile(text))];
  } catch (error) {
    if (!(error instanceof ResultFileError)) throw error;
    const message = `${file}: ${printable(error.message)}; wanted: a privcount.outcome.*.json`;
    throw new OperatorError(message, EXIT.usage, { cause: error });
  }
}
