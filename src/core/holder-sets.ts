/**
 * Which keepers hold which seeds, so that any t of n keepers can undo all masks and t-1 can't (design, section 2).
 *
 * For each set of n-t+1 keepers there is one seed, given to every member. Any t keepers meet every such set; t-1 keepers
 * miss the set made of the others, whose mask is uniform to them. t = n gives sets of one: PrivCount's additive scheme.
 */

/** A keeper holds C(n-1, n-t) seeds of each collector: at most 126 for ten keepers, 12,870 for seventeen. */
export const KEEPERS_MAX = 10;

export type HolderSets = {
  readonly keepers: number;
  readonly threshold: number;
  /** Each the ascending numbers (from 0) of its members; in lexicographic order. */
  readonly sets: readonly (readonly number[])[];
};

/**
 * Throws RangeError unless 1 <= t <= n <= 10 and 2t > n. Two groups of t keepers must have one in common, or a hostile
 * tally could have each certify another set of collectors.
 */
export function holderSets({ keepers, threshold }: { keepers: number; threshold: number }): HolderSets {
  if (!Number.isInteger(keepers) || keepers < 1 || keepers > KEEPERS_MAX) {
    throw new RangeError(`there must be 1 to ${KEEPERS_MAX} keepers, not ${keepers}`);
  }
  if (!Number.isInteger(threshold) || threshold > keepers || 2 * threshold <= keepers) {
    throw new RangeError(
      `the threshold of ${keepers} keepers must be more than half of them, not ${threshold}`,
    );
  }
  return { keepers, threshold, sets: subsets({ from: 0, of: keepers, size: keepers - threshold + 1 }) };
}

/** The numbers of the sets that hold this keeper: the seeds it is given, in this order. */
export function setsOfKeeper(holders: HolderSets, keeper: number): number[] {
  return holders.sets.flatMap((members, set) => (members.includes(keeper) ? [set] : []));
}

/**
 * The members of a set in the order in which they are asked for the whole sum; the others send its hash. The sum of their
 * numbers says who is first, which shares the work: no keeper is first in more than two sets more than another.
 */
export function membersInTurn(holders: HolderSets, set: number): number[] {
  const members = holders.sets[set]!;
  const first = members.reduce((sum, member) => sum + member, 0) % members.length;
  return [...members.slice(first), ...members.slice(0, first)];
}

function subsets({ from, of, size }: { from: number; of: number; size: number }): number[][] {
  if (size === 0) return [[]];
  const found: number[][] = [];
  for (let first = from; first <= of - size; first += 1) {
    for (const rest of subsets({ from: first + 1, of, size: size - 1 })) found.push([first, ...rest]);
  }
  return found;
}
