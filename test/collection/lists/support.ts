/** Match lists of tests, from their items. */
import { readDomainFile } from '../../../src/collection/lists/domain-file.js';
import { buildDomainLists } from '../../../src/collection/lists/domain-lists.js';
import { type NameLists } from '../../../src/collection/lists/name-lists.js';

export function domainLists(lists: readonly (readonly string[])[]): NameLists {
  const names = lists.map((items) => readDomainFile(Buffer.from(items.join('\n'))).names);
  return buildDomainLists(names, { rejectOverlaps: false }).domains;
}
