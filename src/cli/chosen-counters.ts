/** Some of a result's counters, as the operator chose them by name. */
import { type Options } from 'yargs';
import { type Experiment } from '../results/experiments.js';
import { EXIT } from './exit-codes.js';
import { OperatorError } from './operator-error.js';

export const COUNTER_OPTION = {
  type: 'string',
  array: true,
  nargs: 1,
  default: [],
  describe: 'only counters of this name, in which * stands for all letters; may be repeated',
} satisfies Options;

/** All, if there are no patterns. In a pattern `*` stands for all letters. Throws OperatorError if none is left. */
export function chosenCounters({ label, result }: Experiment, patterns: readonly string[]): Experiment {
  if (patterns.length === 0) return { label, result };
  const counters = result.counters.filter(({ name }) => patterns.some((pattern) => fits(name, pattern)));
  if (counters.length === 0)
    throw new OperatorError(`${label} has no counter whose name is ${patterns.join(' or ')}`, EXIT.usage);
  return { label, result: { ...result, counters } };
}

/** Piece by piece: a pattern with many stars would keep a regular expression busy for ever. */
function fits(name: string, pattern: string): boolean {
  const [first, ...pieces] = pattern.split('*');
  const last = pieces.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first!)) return false;
  let from = first!.length;
  for (const piece of pieces) {
    const at = name.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return name.length - last.length >= from && name.endsWith(last);
}
