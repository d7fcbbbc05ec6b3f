/** `privcount plot`: results as pictures, as text and as tables. Its options are those of PrivCount's plot, and some more. */
import { type CommandModule } from 'yargs';
import { readResultText } from '../../io/result-text.js';
import { BinLabelError, type LabelSource } from '../../results/bin-labels.js';
import { ComparisonError, totalOf, type Experiment } from '../../results/experiments.js';
import { type RatioNames } from '../../results/ratio.js';
import { ResultFileError } from '../../results/result-file.js';
import { chosenCounters } from '../chosen-counters.js';
import { parseColour } from '../colours.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { isPlotFormat, PLOT_FORMATS, type PlotFormat } from '../plot-formats.js';
import { PLOT_OPTIONS, type PlotArguments } from './plot-options.js';
import { checkLabels, printable, readExperiments, RESULT_FILE, withLabels } from '../read-experiments.js';

const TOTAL_LABEL = 'total';
/** Beyond this an interval is all that a double can hold. */
const SIGMAS_MAX = 1000;

export const plot: CommandModule<object, PlotArguments> = {
  command: 'plot [files..]',
  describe:
    'draw results: totals with their intervals, histograms, several rounds side by side; and print them',
  builder: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        default: [],
        describe: `${RESULT_FILE}; its label is when the round began, or its name`,
      })
      .options(PLOT_OPTIONS)
      .example(
        '$0 plot results/privcount.outcome.*.json',
        'draws all rounds of a folder; aborted ones are left out',
      )
      .example('$0 plot -o before.json before -o after.json after -z', 'two rounds side by side'),
  handler: async (argv) => {
    const options = await toOptions(argv);
    const experiments = await experimentsOf(argv);
    if (isWithoutNames(options.labels, experiments)) note(NO_NAMES);
    // The libraries that draw are large; other commands need not wait for them.
    const { writePlots } = await import('../plot-files.js');
    const written = await sayingWhy(writePlots(experiments, options));
    for (const path of written) process.stdout.write(`${path}\n`);
  },
};

const NO_NAMES = 'no file says what its match lists are called: their bins are labelled by number';

function note(message: string): void {
  process.stderr.write(`${message}\n`);
}

function isWithoutNames(labels: LabelSource, experiments: readonly Experiment[]): boolean {
  const isWanted = labels === 'file' || labels === 'content';
  return isWanted && experiments.every(({ result }) => result.lists.size === 0);
}

/** In the order of the command line; those with a label first, and their total last. Aborted rounds are left out. */
async function experimentsOf(argv: PlotArguments): Promise<Experiment[]> {
  const { files, outcome, totals, counter, ratio } = argv;
  const named = outcome.flatMap((path, at) => (at % 2 === 0 ? [{ path, label: outcome[at + 1]! }] : []));
  const all = [...named, ...withLabels(files)];
  if (totals) checkLabels([...all.map(({ label }) => label), TOTAL_LABEL]);
  // What a ratio is made of is wanted, too.
  const chosen = counter.length === 0 ? [] : [...counter, ...ratio.flatMap((names) => names.split('/'))];
  const experiments = (await readExperiments(all, note)).map((experiment) =>
    chosenCounters(experiment, chosen),
  );
  return totals ? [...experiments, await sayingWhy(() => totalOf(experiments, TOTAL_LABEL))] : experiments;
}

async function toOptions(argv: PlotArguments) {
  const { confidence: sigmas } = argv;
  if (!(sigmas >= 0 && sigmas <= SIGMAS_MAX))
    throw usage(`--confidence is ${sigmas}; wanted: standard deviations from 0 to ${SIGMAS_MAX}`);
  const isSkipped: Partial<Record<PlotFormat, boolean>> = { pdf: argv['skip-pdf'], txt: argv['skip-text'] };
  return {
    sigmas,
    isZeroBound: argv['zero-bound'],
    ignores: { noisy: argv['ignore-noisy'], zero: argv['ignore-zero'] },
    theme: argv.theme,
    colours: argv.colours?.split(',').map(toColour),
    labels: await toLabelSource(argv['bin-labels']),
    ratios: argv.ratio.map(toRatioNames),
    folder: argv.folder,
    prefix: argv.prefix,
    formats: argv.formats
      .split(',')
      .map(toFormat)
      .filter((format) => isSkipped[format] !== true),
  };
}

function toColour(text: string): string {
  const colour = parseColour(text.trim());
  if (colour === undefined)
    throw usage(
      `${text} is no colour; wanted: one of k, r, b, g, c, m, y, a name as red, or digits as #0072b2`,
    );
  return colour;
}

function toFormat(text: string): PlotFormat {
  if (isPlotFormat(text)) return text;
  throw usage(`--formats names ${text}; wanted: some of ${PLOT_FORMATS.join()}, with commas between them`);
}

function toRatioNames(text: string): RatioNames {
  const [numerator, denominator, ...others] = text.split('/');
  if (!numerator || !denominator || others.length > 0)
    throw usage(`--ratio is ${text}; wanted: the names of two counters with a / between them`);
  return { numerator, denominator };
}

async function toLabelSource(text: string): Promise<LabelSource> {
  if (text === 'range' || text === 'file' || text === 'content') return text;
  try {
    const lines = (await readResultText(text)).split(/\r?\n/).map((line) => line.trim());
    return { given: lines.filter((line) => line !== '').map(printable) };
  } catch (error) {
    if (!(error instanceof ResultFileError)) throw error;
    throw usage(
      `--bin-labels names ${text}: ${error.message}; wanted: range, file, content, or a file with a label a line`,
    );
  }
}

/** What can't be drawn together is the operator's mistake. */
async function sayingWhy<Result>(result: Promise<Result> | (() => Result)): Promise<Result> {
  try {
    return await (typeof result === 'function' ? result() : result);
  } catch (error) {
    const isMistake = error instanceof ComparisonError || error instanceof BinLabelError;
    throw isMistake ? new OperatorError(error.message, EXIT.usage, { cause: error }) : error;
  }
}

function usage(message: string): OperatorError {
  return new OperatorError(message, EXIT.usage);
}
