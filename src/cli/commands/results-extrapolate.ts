/** `privcount results extrapolate`: from what the collectors' relays saw to the whole network. */
import { type CommandModule } from 'yargs';
import { readResultText } from '../../io/result-text.js';
import { isCheckCounter } from '../../core/counters.js';
import { isOfThingsSeenTwice, type Position, positionOf, type Weight } from '../../results/extrapolation.js';
import { type CounterResult, ResultFileError } from '../../results/result-file.js';
import { parseWeights, type WeightsOfPositions } from '../../results/weights-file.js';
import { chosenCounters, COUNTER_OPTION } from '../chosen-counters.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { readResult, RESULT_FILE } from '../read-experiments.js';
import { type ExtrapolatedCounter, toExtrapolation } from '../results-lines.js';
import { POSITIONS } from './weights.js';

type ExtrapolateArguments = {
  readonly file: string;
  readonly weight: number | undefined;
  readonly weights: string | undefined;
  readonly position: Position | undefined;
  readonly counter: readonly string[];
};

export const resultsExtrapolate: CommandModule<object, ExtrapolateArguments> = {
  command: 'extrapolate <file>',
  describe: 'what the totals mean for the whole network, from the share of it that the relays see',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: RESULT_FILE })
      .options({
        weight: {
          type: 'number',
          conflicts: 'weights',
          describe: 'the share of the network that the relays see, above 0 and up to 1; of all counters',
        },
        weights: {
          type: 'string',
          describe: 'what `privcount weights --json` printed: a share for each position, and its range',
        },
        position: {
          choices: POSITIONS,
          describe: "of all counters, in --weights; where absent it follows from a counter's name",
        },
        counter: COUNTER_OPTION,
      })
      .example('$0 results extrapolate outcome.json --weight 0.012', 'the relays see 1.2 % of the network')
      .epilogue(
        'The intervals hold the noise and, where the weights have one, the range of the share over the time. They can not hold ' +
          'that what uses these relays may differ from what uses others. Numbers of client addresses are left out: several ' +
          'relays see the same one, and no share says how many there are.',
      ),
  handler: async ({ file, counter, ...given }) => {
    const weightOf = await toWeightOf(given);
    const { result } = chosenCounters({ label: file, result: await readResult(file) }, counter);
    const counters = result.counters.filter(({ name }) => !isCheckCounter(name));
    const [seenTwice, others] = [counters.filter(isSeenTwice), counters.filter((each) => !isSeenTwice(each))];
    const known = others.flatMap((each): ExtrapolatedCounter[] => {
      const weight = weightOf(each.name);
      return weight === undefined ? [] : [{ counter: each, weight }];
    });
    const left = [
      ...leftText('several relays see the same address', seenTwice),
      ...leftText(
        'the name says no position (give --position)',
        others.filter(({ name }) => weightOf(name) === undefined),
      ),
    ];
    if (known.length === 0) throw usage(left.join('; ') || 'there is nothing to extrapolate');
    process.stdout.write(`${toExtrapolation(known).join('\n')}\n`);
    for (const line of left) process.stderr.write(`${line}\n`);
  },
};

function isSeenTwice({ name }: CounterResult): boolean {
  return isOfThingsSeenTwice(name);
}

const NAMES_SHOWN = 5;

/** A line, or none if there are no counters. */
function leftText(why: string, counters: readonly CounterResult[]): string[] {
  if (counters.length === 0) return [];
  const names = counters.slice(0, NAMES_SHOWN).map(({ name }) => name);
  const more = counters.length > NAMES_SHOWN ? `, and ${counters.length - NAMES_SHOWN} more` : '';
  return [`not extrapolated, since ${why}: ${names.join(', ')}${more}`];
}

type Given = Pick<ExtrapolateArguments, 'weight' | 'weights' | 'position'>;

async function toWeightOf({
  weight,
  weights,
  position,
}: Given): Promise<(name: string) => Weight | undefined> {
  if (weight !== undefined) {
    const checked = checkedWeight({ mean: weight, least: weight, most: weight }, '--weight');
    return () => checked;
  }
  if (weights === undefined) throw usage('give --weight, or --weights');
  const shares = await readWeights(weights);
  return (name) => {
    const found = position ?? positionOf(name);
    return found === undefined
      ? undefined
      : checkedWeight(shares[found], `the share of ${found} in ${weights}`);
  };
}

function checkedWeight(weight: Weight, what: string): Weight {
  const wrong = [weight.mean, weight.least, weight.most].find((share) => !(share > 0 && share <= 1));
  if (wrong !== undefined) throw usage(`${what} is ${wrong}; wanted: a share above 0, and up to 1`);
  return weight;
}

async function readWeights(path: string): Promise<WeightsOfPositions> {
  try {
    return parseWeights(await readResultText(path));
  } catch (error) {
    if (!(error instanceof ResultFileError)) throw error;
    throw usage(`${path}: ${error.message}; wanted: what \`privcount weights --json\` prints`);
  }
}

function usage(message: string): OperatorError {
  return new OperatorError(message, EXIT.usage);
}
