/** Match lists as they travel: each an artifact of its own, named by kind and digest in the plan. */
import { buildMatchLists, type ListTexts, type MatchLists } from '../collection/match-lists.js';
import { md5Hex } from '../crypto/primitives.js';
import { type Plan } from '../protocol/plan.js';

/** The kinds of lists that this version knows, as plans name them. */
const KINDS: ReadonlySet<string> = new Set<keyof ListTexts>([
  'domains',
  'countries',
  'autonomousSystems',
  'asPrefixes',
  'hsdirStores',
  'hsdirFetches',
  'circuitFailures',
  'onionAddresses',
]);

/**
 * The lists of a plan, ready for look-up, or why they can't be used. Overlaps are pruned: whether to reject them was the
 * tally operator's choice (spec/counters.md, 7.2).
 */
export function decodeMatchLists(
  plan: Plan,
  artifacts: ReadonlyMap<string, Uint8Array>,
): { readonly lists: MatchLists } | { readonly fault: string } {
  const unknown = plan.lists.find(({ kind }) => !KINDS.has(kind));
  if (unknown !== undefined)
    return { fault: `match lists of kind ${unknown.kind} are not known to this version` };
  const texts: ListTexts = Object.fromEntries(
    plan.lists.map(({ kind, digests }) => [kind, digests.map((digest) => artifacts.get(digest)!)]),
  );
  const { lists, faults } = buildMatchLists(texts, { rejectOverlaps: false, md5Hex });
  const [fault] = faults;
  return fault === undefined ? { lists } : { fault: `a list of ${fault.kind}: ${fault.problem}` };
}
