/** `privcount plot`: results as pictures, as text and as tables. Its options are those of PrivCount's plot, and some more. */
import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { type CommandModule } from 'yargs';
import { BinLabelError } from '../../results/bin-labels.js';
import { COLOURS } from '../../results/chart-spec.js';
import { ComparisonError, totalOf, type Experiment } from '../../results/experiments.js';
import { parseResultFile, ResultFileError } from '../../results/result-file.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { FORMATS, writePlots, type Format } from '../plot-files.js';
import { readSource } from '../read-config.js';

type PlotArguments = {
  readonly files: readonly string[];
  readonly outcome: readonly string[];
  readonly totals: boolean;
  readonly confidence: number;
  readonly 'zero-bound': boolean;
  readonly 'ignore-noisy': boolean;
  readonly 'ignore-zero': boolean;
  readonly 'bin-labels': string;
  readonly colours: string;
  readonly prefix: string | undefined;
  readonly folder: string;
  readonly formats: readonly Format[];
  readonly 'skip-pdf': boolean;
  readonly 'skip-text': boolean;
  readonly ratio: readonly string[];
};

const RESULT_FILE = 'an outcome or a tallies file of a released round, of this program or of PrivCount 2.0';
/** The letters that PrivCount's --format takes. */
const LETTERS: Readonly<Record<string, string>> = {
  k: '#000000',
  r: '#d62728',
  b: '#1f77b4',
  g: '#2ca02c',
  c: '#17becf',
  m: '#c51b8a',
  y: '#bcbd22',
};

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
        describe: `${RESULT_FILE}; its name is its label`,
      })
      .options({
        outcome: {
          alias: ['o', 't', 'tallies', 'd', 'data'],
          type: 'string',
          array: true,
          default: [],
          nargs: 2,
          describe: 'PATH LABEL: a file, and what it is called',
        },
        totals: { alias: 'a', type: 'boolean', default: false, describe: 'the sum of all as one more' },
        confidence: {
          alias: 'c',
          type: 'number',
          default: 2,
          describe: 'half of the intervals in standard deviations of the noise: 1.96 for 95 %, 0 for none',
        },
        'zero-bound': { alias: 'z', type: 'boolean', default: false, describe: 'nothing is below 0' },
        'ignore-noisy': {
          alias: 'n',
          type: 'boolean',
          default: false,
          describe: 'leave out bins that may be noise alone in all',
        },
        'ignore-zero': {
          alias: 'i',
          type: 'boolean',
          default: false,
          describe: 'leave out bins that may be 0 in all',
        },
        'bin-labels': {
          alias: 'b',
          type: 'string',
          default: 'range',
          describe: 'of bins over match lists: range, file (names), content, or a file with a label a line',
        },
        ratio: {
          type: 'string',
          array: true,
          default: [],
          describe: 'COUNTER/COUNTER: what share the first is of the second',
        },
        colours: {
          alias: ['f', 'format'],
          type: 'string',
          default: COLOURS.join(),
          describe: 'colours, one a file: k,r,b,g,c,m,y or CSS’ own such as #0072b2',
        },
        prefix: { alias: 'p', type: 'string', describe: 'what the names of the written files begin with' },
        folder: { type: 'string', default: '.', describe: 'where they are written' },
        formats: {
          type: 'string',
          array: true,
          choices: FORMATS,
          default: ['pdf', 'html', 'txt'] as const,
          describe: 'what is written: a PDF, a page or a table of all; or a picture of each counter',
        },
        'skip-pdf': { alias: 'w', type: 'boolean', default: false, describe: 'no PDF' },
        'skip-text': { alias: ['x', 'skip-txt'], type: 'boolean', default: false, describe: 'no text' },
      })
      .example('$0 plot results/privcount.outcome.*.json', 'draws all rounds of a folder')
      .example('$0 plot -o before.json before -o after.json after -z', 'two rounds side by side'),
  handler: async (argv) => {
    const experiments = readExperiments(argv);
    mkdirSync(argv.folder, { recursive: true });
    const isSkipped: Partial<Record<Format, boolean>> = { pdf: argv['skip-pdf'], txt: argv['skip-text'] };
    const written = await sayingWhy(
      writePlots(experiments, {
        sigmas: argv.confidence,
        isZeroBound: argv['zero-bound'],
        ignores: { noisy: argv['ignore-noisy'], zero: argv['ignore-zero'] },
        colours: argv.colours.split(',').map((colour) => LETTERS[colour] ?? colour),
        folder: argv.folder,
        prefix: argv.prefix,
        formats: argv.formats.filter((format) => isSkipped[format] !== true),
      }),
    );
    for (const path of written) process.stdout.write(`${path}\n`);
  },
};

/** What can't be drawn together is the operator's mistake. */
async function sayingWhy<Result>(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    const isMistake = error instanceof ComparisonError || error instanceof BinLabelError;
    throw isMistake ? new OperatorError(error.message, EXIT.usage, { cause: error }) : error;
  }
}

/** In the order of the command line; those with a label first. */
function readExperiments({ files, outcome, totals }: PlotArguments): Experiment[] {
  const named = outcome.flatMap((path, at) => (at % 2 === 0 ? [{ path, label: outcome[at + 1]! }] : []));
  const all = [...named, ...files.map((path) => ({ path, label: labelOf(path) }))];
  if (all.length === 0) throw new OperatorError(`give ${RESULT_FILE}`, EXIT.usage);
  const twice = all.find(({ label }, at) => all.findIndex((other) => other.label === label) !== at);
  if (twice !== undefined) {
    throw new OperatorError(
      `two files are called ${twice.label}; give each a label with --outcome`,
      EXIT.usage,
    );
  }
  const experiments = all.map(readExperiment);
  return totals ? [...experiments, totalOf(experiments, 'total')] : experiments;
}

function readExperiment({ path, label }: { path: string; label: string }): Experiment {
  const { bytes } = readSource(path, RESULT_FILE);
  try {
    return { label, result: parseResultFile(new TextDecoder().decode(bytes)) };
  } catch (error) {
    if (!(error instanceof ResultFileError)) throw error;
    throw new OperatorError(`${path}: ${error.message}; give ${RESULT_FILE}`, EXIT.usage, { cause: error });
  }
}

/** `privcount.outcome.1795190804-1795190825.json` is called by its times. */
function labelOf(path: string): string {
  return basename(path)
    .replace(/\.json$/, '')
    .replace(/^privcount\.(outcome|tallies)\./, '');
}
