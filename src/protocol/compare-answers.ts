/**
 * Do the members of each holder set agree on its sum? All members hold the same seed (their commitments prove it), so two
 * answers that differ mean that somebody lies, and nothing is released (design, "t of n").
 */
import { type HolderSets } from '../core/holder-sets.js';

/** Each keeper's digests, by its number and by set. A keeper that did not answer is not in the map. */
export type Claims = ReadonlyMap<number, ReadonlyMap<number, string>>;

export type Comparison =
  /** `unconfirmed`: keepers whose sum for some set nobody else vouches for. All of them when t = n. */
  | { readonly kind: 'agreed'; readonly unconfirmed: readonly number[] }
  /** One suspect: he is the culprit. Several: one of them is, and it can't be told which. */
  | { readonly kind: 'differing'; readonly suspects: readonly number[] };

export function compareAnswers(holders: HolderSets, claims: Claims): Comparison {
  const perSet = holders.sets.map((members, set) =>
    members.flatMap((keeper) => {
      const digest = claims.get(keeper)?.get(set);
      return digest === undefined ? [] : [{ keeper, digest }];
    }),
  );
  const differing = perSet.filter((entries) => new Set(entries.map(({ digest }) => digest)).size > 1);
  if (differing.length > 0) return { kind: 'differing', suspects: singleOut(differing) };
  const unconfirmed = perSet.filter((entries) => entries.length === 1).map(([only]) => only!.keeper);
  return { kind: 'agreed', unconfirmed: [...new Set(unconfirmed)].sort((left, right) => left - right) };
}

type Entry = { readonly keeper: number; readonly digest: string };

/**
 * Who may have lied: the members of the smallest groups of liars that explain all differences, since without a liar's answers
 * the others of each set agree. A majority of a set, or agreement in all other sets, leaves one such group, which is
 * named; where there are several, all their members are suspects. Liars who are a majority of a set and agree with each
 * other go for honest there: the threat table's bound is what keeps them few.
 */
function singleOut(differing: readonly (readonly Entry[])[]): number[] {
  const involved = [...new Set(differing.flat().map(({ keeper }) => keeper))];
  const explaining = subsetsOf(involved).filter((liars) =>
    differing.every((entries) => agreeWithout(liars, entries)),
  );
  const least = Math.min(...explaining.map((liars) => liars.length));
  const suspects = new Set(explaining.filter((liars) => liars.length === least).flat());
  return [...suspects].sort((left, right) => left - right);
}

/** At most 2^10, as there are at most ten keepers. */
function subsetsOf(items: readonly number[]): number[][] {
  return items.reduce<number[][]>(
    (subsets, item) => [...subsets, ...subsets.map((subset) => [...subset, item])],
    [[]],
  );
}

function agreeWithout(liars: readonly number[], entries: readonly Entry[]): boolean {
  const rest = entries.filter(({ keeper }) => !liars.includes(keeper));
  return new Set(rest.map(({ digest }) => digest)).size <= 1;
}
