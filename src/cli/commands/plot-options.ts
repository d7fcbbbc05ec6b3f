/** The options of `privcount plot`: those of PrivCount's plot, and some more. */
import { type Options } from 'yargs';
import { type ThemeName } from '../../results/chart-theme.js';
import { SIGMAS_OF_95_PERCENT } from '../../results/confidence.js';
import { COUNTER_OPTION } from '../chosen-counters.js';
import { PLOT_FORMATS } from '../plot-formats.js';

export type PlotArguments = {
  readonly files: readonly string[];
  readonly outcome: readonly string[];
  readonly totals: boolean;
  readonly confidence: number;
  readonly 'zero-bound': boolean;
  readonly 'ignore-noisy': boolean;
  readonly 'ignore-zero': boolean;
  readonly 'bin-labels': string;
  readonly counter: readonly string[];
  readonly ratio: readonly string[];
  readonly colours: string | undefined;
  readonly theme: ThemeName;
  readonly prefix: string | undefined;
  readonly folder: string;
  readonly formats: string;
  readonly 'skip-pdf': boolean;
  readonly 'skip-text': boolean;
};

export const PLOT_OPTIONS = {
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
    default: SIGMAS_OF_95_PERCENT,
    defaultDescription: '1.96, for 95 %',
    describe: 'half of the intervals in standard deviations of the noise: 2 for 95.4 %, 0 for none',
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
  counter: COUNTER_OPTION,
  ratio: {
    type: 'string',
    array: true,
    nargs: 1,
    default: [],
    describe: 'COUNTER/COUNTER: what share the first is of the second; may be repeated',
  },
  colours: {
    alias: ['f', 'format'],
    type: 'string',
    defaultDescription: 'eight that all eyes tell apart',
    describe: 'colours, one a file: k,r,b,g,c,m,y, names as red, or digits as #0072b2',
  },
  theme: {
    choices: ['light', 'dark'] as const,
    default: 'light' as const,
    describe: 'of the pictures',
  },
  prefix: { alias: 'p', type: 'string', describe: 'what the names of the written files begin with' },
  folder: { type: 'string', default: '.', describe: 'where they are written' },
  formats: {
    type: 'string',
    default: 'pdf,html,txt',
    describe: `what is written, of ${PLOT_FORMATS.join()}: one file of all, or for svg and png one a counter`,
  },
  'skip-pdf': { alias: 'w', type: 'boolean', default: false, describe: 'no PDF' },
  'skip-text': { alias: ['x', 'skip-txt'], type: 'boolean', default: false, describe: 'no text' },
} satisfies Record<string, Options>;
