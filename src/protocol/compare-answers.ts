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
 * Who may have lied. In a set with a majority, those outside it; in one without, all its members. A keeper that stands in
 * every differing set while each other one agrees somewhere is the one lie that explains them all.
 */
function singleOut(differing: readonly (readonly Entry[])[]): number[] {
  const suspectsOfSets = differing.map(minorityOf);
  const common = suspectsOfSets.reduce((left, right) => left.filter((keeper) => right.includes(keeper)));
  const suspects = common.length > 0 ? common : [...new Set(suspectsOfSets.flat())];
  return [...suspects].sort((left, right) => left - right);
}

function minorityOf(entries: readonly Entry[]): number[] {
  const countOf = new Map<string, number>();
  for (const { digest } of entries) countOf.set(digest, (countOf.get(digest) ?? 0) + 1);
  const majority = [...countOf].find(([, count]) => 2 * count > entries.length)?.[0];
  return entries.filter(({ digest }) => digest !== majority).map(({ keeper }) => keeper);
}
