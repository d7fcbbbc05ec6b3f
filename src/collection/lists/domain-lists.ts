/** Domain lists of a round (spec/counters.md, 7.2 and 7.3): a host matches exactly or by a suffix of whole labels. */
import { withoutEndDots } from './domain-file.js';
import { type ListFindings } from './list-file.js';
import {
  countedFindings,
  type OverlapRule,
  STAND_EARLIER,
  STAND_TWICE,
  toFindings,
} from './list-findings.js';
import {
  buildNameLists,
  DROPPED,
  type NameLists,
  NO_LIST,
  shortestSuffix,
  startOfName,
} from './name-lists.js';
import { type Names } from './names.js';

/** A name that stands in two lists, itself or by a suffix, is an overlap. */
export function buildDomainLists(
  lists: readonly Names[],
  rule: OverlapRule,
): { readonly domains: NameLists } & ListFindings {
  const { names: domains, repeats, overlaps } = buildNameLists(lists);
  const { within, across } = countShadowed(domains);
  const findings = toFindings(
    rule,
    [
      ...countedFindings(overlaps, STAND_EARLIER),
      ...countedFindings(across, 'have a suffix that is an item of another list'),
    ],
    [
      ...countedFindings(repeats, STAND_TWICE),
      ...countedFindings(within, 'have a suffix that is an item of the same list'),
    ],
  );
  return { domains, ...findings };
}

/** The list that has the host's shortest suffix that any list has, dots at both ends being ignored; NO_LIST if none. */
export function suffixList(domains: NameLists, host: Uint8Array, start: number, end: number): number {
  const stripped = withoutEndDots(host, start, end);
  const name = shortestSuffix(domains, host, stripped.start, stripped.end);
  return name < 0 ? NO_LIST : domains.listOf[name]!;
}

/** How many names, by list, no suffix match will ever lead to because a shorter name of this or another list does. */
function countShadowed(domains: NameLists): { readonly within: Uint32Array; readonly across: Uint32Array } {
  const within = new Uint32Array(domains.lists);
  const across = new Uint32Array(domains.lists);
  domains.ends.forEach((end, name) => {
    const list = domains.listOf[name]!;
    if (list === DROPPED) return;
    const shortest = shortestSuffix(domains, domains.text, startOfName(domains, name), end);
    if (shortest === name) return;
    (domains.listOf[shortest] === list ? within : across)[list]! += 1;
  });
  return { within, across };
}
