/** Match lists as they travel: each an artifact of its own, named by kind and digest in the plan. */
import { readDomainFile } from '../collection/lists/domain-file.js';
import { buildDomainLists } from '../collection/lists/domain-lists.js';
import { type MatchLists } from '../collection/match-lists.js';
import { type Plan } from '../protocol/plan.js';

export const DOMAIN_LISTS = 'domain';

/**
 * The lists of a plan, ready for look-up, or why they can't be used. Overlaps are pruned: whether to reject them was the
 * tally operator's choice (spec/counters.md, 7.2).
 */
export function decodeMatchLists(
  plan: Plan,
  artifacts: ReadonlyMap<string, Uint8Array>,
): { readonly lists: MatchLists } | { readonly fault: string } {
  const unknown = plan.lists.find(({ kind }) => kind !== DOMAIN_LISTS);
  if (unknown !== undefined)
    return { fault: `match lists of kind ${unknown.kind} are not known to this version` };
  const digests = plan.lists.flatMap((entry) => entry.digests);
  if (digests.length === 0) return { lists: {} };
  const read = digests.map((digest) => readDomainFile(artifacts.get(digest)!));
  const broken = read.findIndex(({ faults }) => faults.length > 0);
  if (broken >= 0) return { fault: `domain list ${broken}: ${read[broken]!.faults[0]}` };
  const { domains } = buildDomainLists(
    read.map(({ names }) => names),
    { rejectOverlaps: false },
  );
  return { lists: { domains } };
}
