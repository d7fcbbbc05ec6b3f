/** `privcount results list`: the rounds of a results folder, newest first. */
import { type CommandModule } from 'yargs';
import { readResultsFolder } from '../../io/results-folder.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { printable } from '../read-experiments.js';
import { toRoundList } from '../results-lines.js';

type ListArguments = { readonly folder: string; readonly json: boolean };

export const resultsList: CommandModule<object, ListArguments> = {
  command: 'list [folder]',
  describe: 'the rounds of a results folder, newest first: when, how they ended, with how much privacy',
  builder: (yargs) =>
    yargs
      .positional('folder', { type: 'string', default: '.', describe: "the tally's results folder" })
      .options({ json: { type: 'boolean', default: false, describe: 'print JSON' } }),
  handler: async ({ folder, json }) => {
    const { rounds, faults, unread } = await readResultsFolder(folder);
    const own = faults.find(({ file }) => file === folder);
    if (own !== undefined)
      throw new OperatorError(`${folder}: ${own.problem}; wanted: the tally's results folder`, EXIT.usage);
    for (const { file, problem } of faults)
      process.stderr.write(`${printable(file)}: ${printable(problem)}\n`);
    if (unread > 0) process.stderr.write(`${unread} older rounds are left out\n`);
    if (json) {
      process.stdout.write(`${JSON.stringify({ rounds, faults, unread }, toJsonValue, 2)}\n`);
      return;
    }
    const lines = rounds.length === 0 ? [`${folder} has no outcome of a round`] : toRoundList(rounds);
    process.stdout.write(`${lines.join('\n')}\n`);
  },
};

/** JSON has no infinities: they are strings, as in outcomes. */
function toJsonValue(_key: string, value: unknown): unknown {
  return value === Infinity ? 'Infinity' : value;
}
