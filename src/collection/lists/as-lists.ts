/**
 * Lists of autonomous systems (spec/counters.md, 7.4): from an address to the system that announces the longest prefix that
 * it is in, and to the list that has that system. Both are worked out once: the addresses of each IP version become
 * ranges, each with its list, so that an event costs one binary search. Hot path.
 */
import { ADDRESS_WORDS } from '../../tor/events/event-record.js';
import { type AsPrefixes } from './as-file.js';
import { type ListFindings } from './list-file.js';
import {
  countedFindings,
  type OverlapRule,
  STAND_EARLIER,
  STAND_TWICE,
  toFindings,
} from './list-findings.js';
import { NO_LIST } from './name-lists.js';

/** Range i goes from its start to the next one's; the first starts at address 0. */
export type AddressRanges = {
  /** Words that an address of this version has: 1 or 4. */
  readonly words: number;
  readonly starts: Uint32Array;
  /** NOWHERE for addresses in no list. */
  readonly lists: Uint16Array;
};

export type AsLists = {
  readonly lists: number;
  readonly ipv4: AddressRanges;
  readonly ipv6: AddressRanges;
};

const NOWHERE = 0xffff;

export function buildAsLists(
  lists: readonly Uint32Array[],
  prefixes: { readonly ipv4: AsPrefixes; readonly ipv6: AsPrefixes },
  rule: OverlapRule,
): { readonly systems: AsLists } & ListFindings {
  const listOf = new Map<number, number>();
  const repeats = new Uint32Array(lists.length);
  const overlaps = new Uint32Array(lists.length);
  lists.forEach((numbers, list) => {
    for (const number of numbers) {
      const holder = listOf.get(number);
      if (holder === undefined) listOf.set(number, list);
      else if (holder === list) repeats[list]! += 1;
      else overlaps[list]! += 1;
    }
  });
  const systems = {
    lists: lists.length,
    ipv4: toRanges(prefixes.ipv4, listOf),
    ipv6: toRanges(prefixes.ipv6, listOf),
  };
  const findings = toFindings(
    rule,
    countedFindings(overlaps, STAND_EARLIER),
    countedFindings(repeats, STAND_TWICE),
  );
  return { systems, ...findings };
}

/** The list of the system of the address whose words start at `words[at]`; NO_LIST if it has none. */
export function asList(systems: AsLists, version: number, words: Uint32Array, at: number): number {
  const ranges = version === 4 ? systems.ipv4 : systems.ipv6;
  let below = 0;
  let above = ranges.lists.length;
  while (above - below > 1) {
    const middle = (below + above) >>> 1;
    if (compareWords(ranges.starts, middle * ranges.words, words, at, ranges.words) <= 0) below = middle;
    else above = middle;
  }
  const list = ranges.lists[below]!;
  return list === NOWHERE ? NO_LIST : list;
}

function compareWords(
  left: Uint32Array,
  leftAt: number,
  right: Uint32Array,
  rightAt: number,
  words: number,
): number {
  for (let word = 0; word < words; word += 1) {
    if (left[leftAt + word] !== right[rightAt + word]) {
      return left[leftAt + word]! < right[rightAt + word]! ? -1 : 1;
    }
  }
  return 0;
}

/** Of the address ranges only where the list changes is kept. */
function toRanges(prefixes: AsPrefixes, listOf: ReadonlyMap<number, number>): AddressRanges {
  const words = prefixes.version === 4 ? 1 : ADDRESS_WORDS;
  const starts: number[] = Array<number>(words).fill(0);
  const lists: number[] = [NOWHERE];
  const begin = (start: ArrayLike<number>, list: number): void => {
    const isSamePlace = sameWords(starts, starts.length - words, start, words);
    if (isSamePlace) lists[lists.length - 1] = list;
    else if (lists.at(-1) !== list) {
      for (let word = 0; word < words; word += 1) starts.push(start[word]!);
      lists.push(list);
    }
  };
  const open: { readonly next: number[] | undefined; readonly list: number }[] = [];
  const closeBefore = (start: ArrayLike<number> | undefined): void => {
    for (let inner = open.at(-1); inner !== undefined; inner = open.at(-1)) {
      if (start !== undefined && (inner.next === undefined || isBefore(start, inner.next, words))) return;
      open.pop();
      if (inner.next !== undefined) begin(inner.next, open.at(-1)?.list ?? NOWHERE);
    }
  };
  for (const prefix of inOrder(prefixes)) {
    const start = prefixes.networks.subarray(prefix * ADDRESS_WORDS, prefix * ADDRESS_WORDS + words);
    closeBefore(start);
    const list = listOf.get(prefixes.systems[prefix]!) ?? NOWHERE;
    begin(start, list);
    open.push({ next: firstBehind(start, prefixes.lengths[prefix]!), list });
  }
  closeBefore(undefined);
  return { words, starts: Uint32Array.from(starts), lists: Uint16Array.from(lists) };
}

/** The prefixes, each after those that hold it; of equal ones only the file's last. */
function inOrder({ networks, lengths }: AsPrefixes): Uint32Array {
  const compare = (left: number, right: number): number =>
    compareWords(networks, left * ADDRESS_WORDS, networks, right * ADDRESS_WORDS, ADDRESS_WORDS) ||
    lengths[left]! - lengths[right]!;
  const order = Uint32Array.from(lengths, (_, prefix) => prefix).sort(
    (left, right) => compare(left, right) || left - right,
  );
  return order.filter((prefix, at) => at + 1 === order.length || compare(prefix, order[at + 1]!) !== 0);
}

/** The first address behind the prefix; undefined if it reaches the last address there is. */
function firstBehind(start: Uint32Array, length: number): number[] | undefined {
  const next = [...start];
  let carry = 2 ** ((32 - (length % 32)) % 32);
  for (let word = Math.ceil(length / 32) - 1; word >= 0 && carry > 0; word -= 1) {
    const sum = next[word]! + carry;
    next[word] = sum >>> 0;
    carry = sum >= 2 ** 32 ? 1 : 0;
  }
  return carry > 0 ? undefined : next;
}

function isBefore(left: ArrayLike<number>, right: ArrayLike<number>, words: number): boolean {
  for (let word = 0; word < words; word += 1) {
    if (left[word] !== right[word]) return left[word]! < right[word]!;
  }
  return false;
}

function sameWords(left: ArrayLike<number>, at: number, right: ArrayLike<number>, words: number): boolean {
  for (let word = 0; word < words; word += 1) if (left[at + word] !== right[word]) return false;
  return true;
}
