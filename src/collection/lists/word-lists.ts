/** Lists of countries and of reasons: sets, matched whole, whatever the case (spec/counters.md, 7.2). */
import { type ListFindings } from './list-file.js';
import {
  countedFindings,
  type OverlapRule,
  STAND_EARLIER,
  STAND_TWICE,
  toFindings,
} from './list-findings.js';
import { buildNameLists, type NameLists } from './name-lists.js';
import { type Names } from './names.js';

export function buildWordLists(
  lists: readonly Names[],
  rule: OverlapRule,
): { readonly words: NameLists } & ListFindings {
  const { names: words, repeats, overlaps } = buildNameLists(lists);
  const findings = toFindings(
    rule,
    countedFindings(overlaps, STAND_EARLIER),
    countedFindings(repeats, STAND_TWICE),
  );
  return { words, ...findings };
}
