/** `privcount results compare`: several rounds side by side, and what changed. */
import { type CommandModule } from 'yargs';
import { compareExperiments, ComparisonError } from '../../results/experiments.js';
import { isCheckCounter } from '../../core/counters.js';
import { chosenCounters, COUNTER_OPTION } from '../chosen-counters.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { readExperiments, RESULT_FILE, withLabels } from '../read-experiments.js';
import { toComparison } from '../results-lines.js';

type CompareArguments = { readonly files: readonly string[]; readonly counter: readonly string[] };

export const resultsCompare: CommandModule<object, CompareArguments> = {
  command: 'compare <files..>',
  describe: 'several rounds side by side, and what changed from the first to the last beyond the noise',
  builder: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: `two or more, each ${RESULT_FILE}`,
      })
      .options({
        counter: COUNTER_OPTION,
      })
      .epilogue(
        'A change is told for each bin by itself: among twenty that are the same, one seems to have changed. The interval of ' +
          'a change holds the noise of both rounds.',
      ),
  handler: async ({ files, counter }) => {
    if (files.length < 2) throw new OperatorError('give two result files, or more', EXIT.usage);
    const experiments = (await readExperiments(withLabels(files))).map((experiment) =>
      chosenCounters(experiment, counter),
    );
    const labels = experiments.map(({ label }) => label);
    const compared = saying(() => compareExperiments(experiments));
    const lines = toComparison(
      compared.filter(({ name }) => !isCheckCounter(name)),
      labels,
    );
    process.stdout.write(`${lines.join('\n')}\n`);
  },
};

function saying<Result>(task: () => Result): Result {
  try {
    return task();
  } catch (error) {
    if (!(error instanceof ComparisonError)) throw error;
    throw new OperatorError(error.message, EXIT.usage, { cause: error });
  }
}
