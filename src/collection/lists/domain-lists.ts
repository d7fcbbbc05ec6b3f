/**
 * Domain lists of a round (spec/counters.md, 7.2 and 7.3): the number of the list that a host is in, exactly or by a
 * suffix of whole labels. The first list that has a name keeps it.
 *
 * One hash table holds the names of all lists. The hash runs over a name from its last byte to its first, so on its way
 * through a host it passes the hash of every suffix; the shortest suffix in the table is the leaf that a tree of labels
 * would have led to. Hot path: no text is made of a host. Memory: 5 bytes a name and its text, and 8 to 16 for the table.
 */
import { DOT, lowerCaseByte } from '../../tor/events/ascii.js';
import { type DomainNames, withoutEndDots } from './domain-file.js';
import { type ListFindings } from './list-file.js';

export type DomainLists = {
  /** How many there are; lists are numbered from 0. */
  readonly lists: number;
  readonly text: Uint8Array;
  readonly ends: Uint32Array;
  /** By name: its list; DROPPED for a name that an earlier list or line has. */
  readonly listOf: Uint16Array;
  /** Open addressing, linear probing: name + 1, or 0. */
  readonly slots: Uint32Array;
};

/** What a host in no list counts as: it falls into the last bin. */
export const NO_LIST = Infinity;

/** The greatest number of lists; list numbers are 16 bits wide. */
export const DOMAIN_LISTS_MAX = 1000;
const DROPPED = 0xffff;

/**
 * Builds the table. With `rejectOverlaps` a name that stands in two lists, itself or by a suffix, is a fault; without it
 * is a warning.
 */
export function buildDomainLists(
  lists: readonly DomainNames[],
  options: { readonly rejectOverlaps: boolean },
): { readonly domains: DomainLists } & ListFindings {
  if (lists.length > DOMAIN_LISTS_MAX) throw new RangeError(`more than ${DOMAIN_LISTS_MAX} domain lists`);
  const domains = emptyLists(lists);
  const repeats = new Tally();
  const overlaps = new Tally();
  lists.forEach((names, list) => {
    const first = lists.slice(0, list).reduce((sum, { ends }) => sum + ends.length, 0);
    for (let name = first; name < first + names.ends.length; name += 1) {
      domains.listOf[name] = list;
      const holder = insert(domains, name);
      if (holder === name) continue;
      domains.listOf[name] = DROPPED;
      if (domains.listOf[holder] === list) repeats.add(list);
      else overlaps.add(list);
    }
  });
  const shadowed = countShadowed(domains);
  const overlapFindings = [
    ...overlaps.sentences((list, count) => `list ${list}: ${count} names also stand in an earlier list`),
    ...shadowed.across.sentences(
      (list, count) => `list ${list}: ${count} names have a suffix that is a name of another list`,
    ),
  ];
  const warnings = [
    ...repeats.sentences((list, count) => `list ${list}: ${count} names stand there twice`),
    ...shadowed.within.sentences(
      (list, count) => `list ${list}: ${count} names have a suffix that is also in the list`,
    ),
  ];
  return options.rejectOverlaps
    ? { domains, faults: overlapFindings, warnings }
    : { domains, faults: [], warnings: [...overlapFindings, ...warnings] };
}

/** The list that has the host itself, whatever the case of its letters; NO_LIST if none. */
export function exactList(domains: DomainLists, host: Uint8Array, start: number, end: number): number {
  let hash = HASH_START;
  for (let at = end - 1; at >= start; at -= 1) hash = hashStep(hash, host[at]!);
  return listAt(domains, find(domains, hash, host, start, end));
}

/** The list that has the host's shortest suffix that any list has, dots at both ends being ignored; NO_LIST if none. */
export function suffixList(domains: DomainLists, host: Uint8Array, start: number, end: number): number {
  const stripped = withoutEndDots(host, start, end);
  return listAt(domains, shortestSuffix(domains, host, stripped.start, stripped.end));
}

function listAt(domains: DomainLists, name: number): number {
  return name < 0 ? NO_LIST : domains.listOf[name]!;
}

/** The name of the table that is the slice's shortest suffix of whole labels, or -1. */
function shortestSuffix(domains: DomainLists, host: Uint8Array, start: number, end: number): number {
  let hash = HASH_START;
  for (let at = end - 1; at >= start; at -= 1) {
    hash = hashStep(hash, host[at]!);
    if (at > start && host[at - 1] !== DOT) continue;
    const name = find(domains, hash, host, at, end);
    if (name >= 0) return name;
  }
  return -1;
}

const HASH_START = 0x811c_9dc5 | 0;

/** FNV-1a. */
function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ lowerCaseByte(byte), 0x0100_0193);
}

/** The name of the table that is the slice in lower case, or -1. */
function find(domains: DomainLists, hash: number, host: Uint8Array, start: number, end: number): number {
  const { slots } = domains;
  for (let slot = toSlot(domains, hash); slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
    if (isName(domains, slots[slot]! - 1, host, start, end)) return slots[slot]! - 1;
  }
  return -1;
}

function isName(domains: DomainLists, name: number, host: Uint8Array, start: number, end: number): boolean {
  const from = startOf(domains, name);
  if (domains.ends[name]! - from !== end - start) return false;
  for (let at = end - 1; at >= start; at -= 1) {
    if (domains.text[from + at - start] !== lowerCaseByte(host[at]!)) return false;
  }
  return true;
}

function startOf(domains: DomainLists, name: number): number {
  return name === 0 ? 0 : domains.ends[name - 1]!;
}

/** FNV's low bits are its weakest: the high ones are folded in. */
function toSlot(domains: DomainLists, hash: number): number {
  return (hash ^ (hash >>> 15)) & (domains.slots.length - 1);
}

function emptyLists(lists: readonly DomainNames[]): DomainLists {
  const names = lists.reduce((sum, { ends }) => sum + ends.length, 0);
  const text = new Uint8Array(lists.reduce((sum, list) => sum + list.text.length, 0));
  const ends = new Uint32Array(names);
  let textUsed = 0;
  let namesUsed = 0;
  for (const list of lists) {
    text.set(list.text, textUsed);
    for (const end of list.ends) ends[namesUsed++] = textUsed + end;
    textUsed += list.text.length;
  }
  let slots = 2;
  while (slots < 2 * names) slots *= 2;
  return { lists: lists.length, text, ends, listOf: new Uint16Array(names), slots: new Uint32Array(slots) };
}

/** Puts the name into the table, unless an equal one is there; answers the one that is there. */
function insert(domains: DomainLists, name: number): number {
  const { slots, text, ends } = domains;
  const start = startOf(domains, name);
  let hash = HASH_START;
  for (let at = ends[name]! - 1; at >= start; at -= 1) hash = hashStep(hash, text[at]!);
  let slot = toSlot(domains, hash);
  for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
    if (isName(domains, slots[slot]! - 1, text, start, ends[name]!)) return slots[slot]! - 1;
  }
  slots[slot] = name + 1;
  return name;
}

/** How many names, by list, no suffix match will ever lead to because a shorter name of this or another list does. */
function countShadowed(domains: DomainLists): { readonly within: Tally; readonly across: Tally } {
  const within = new Tally();
  const across = new Tally();
  domains.ends.forEach((end, name) => {
    const list = domains.listOf[name]!;
    if (list === DROPPED) return;
    const shortest = shortestSuffix(domains, domains.text, startOf(domains, name), end);
    if (shortest === name) return;
    (domains.listOf[shortest] === list ? within : across).add(list);
  });
  return { within, across };
}

/** Counts by list. */
class Tally {
  readonly #counts = new Map<number, number>();

  add(list: number): void {
    this.#counts.set(list, (this.#counts.get(list) ?? 0) + 1);
  }

  sentences(say: (list: number, count: number) => string): string[] {
    return [...this.#counts].map(([list, count]) => say(list, count));
  }
}
