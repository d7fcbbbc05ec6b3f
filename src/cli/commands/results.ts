/** `privcount results`: what to do with the outcomes in a results folder. */
import { type CommandModule } from 'yargs';
import { resultsCompare } from './results-compare.js';
import { resultsExport } from './results-export.js';
import { resultsExtrapolate } from './results-extrapolate.js';
import { resultsList } from './results-list.js';
import { resultsShow } from './results-show.js';

export const results: CommandModule = {
  command: 'results',
  describe: 'list, show, compare, export and extrapolate the results of rounds',
  builder: (yargs) =>
    yargs
      .command(resultsList)
      .command(resultsShow)
      .command(resultsCompare)
      .command(resultsExport)
      .command(resultsExtrapolate)
      .demandCommand(1, 'Give a task; privcount results --help lists them.'),
  handler: () => undefined,
};
