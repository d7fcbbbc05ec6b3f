/**
 * The names of several match lists in one table, which answers the number of the list that has a name (spec/counters.md, 7.2
 * and 7.3). The first list that has a name keeps it.
 *
 * The hash runs over a name from its last byte to its first, so on its way through a domain it passes the hash of every
 * suffix; the shortest suffix in the table is the leaf that a tree of labels would lead to. Hot path: no text is made of
 * what is looked up. Memory: 6 bytes a name and its text, and 8 to 16 for the table.
 */
import { DOT, lowerCaseByte } from '../../tor/events/ascii.js';
import { type Names } from './names.js';

export type NameLists = {
  /** How many there are; lists are numbered from 0. */
  readonly lists: number;
  readonly text: Uint8Array;
  readonly ends: Uint32Array;
  /** By name: its list; DROPPED for a name that an earlier list or line has. */
  readonly listOf: Uint16Array;
  /** Open addressing, linear probing: name + 1, or 0. */
  readonly slots: Uint32Array;
};

/** What is in no list counts as this: it falls into the last bin. */
export const NO_LIST = Infinity;

/** The greatest number of lists of a kind; list numbers are 16 bits wide. */
export const LISTS_MAX = 1000;
export const DROPPED = 0xffff;

/** How many names, by list, stand twice in it, and how many also stand in an earlier list. */
export type Doubles = { readonly repeats: Uint32Array; readonly overlaps: Uint32Array };

/** Throws RangeError on more than LISTS_MAX lists. */
export function buildNameLists(lists: readonly Names[]): { readonly names: NameLists } & Doubles {
  if (lists.length > LISTS_MAX) throw new RangeError(`more than ${LISTS_MAX} match lists of a kind`);
  const names = joinLists(lists);
  const repeats = new Uint32Array(lists.length);
  const overlaps = new Uint32Array(lists.length);
  let name = 0;
  lists.forEach(({ ends }, list) => {
    for (const end = name + ends.length; name < end; name += 1) {
      names.listOf[name] = list;
      const holder = insert(names, name);
      if (holder === name) continue;
      names.listOf[name] = DROPPED;
      if (names.listOf[holder] === list) repeats[list]! += 1;
      else overlaps[list]! += 1;
    }
  });
  return { names, repeats, overlaps };
}

/** The list that has the slice itself, whatever the case of its letters; NO_LIST if none. */
export function listOfName(names: NameLists, bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_START;
  for (let at = end - 1; at >= start; at -= 1) hash = hashStep(hash, bytes[at]!);
  const name = find(names, hash, bytes, start, end);
  return name < 0 ? NO_LIST : names.listOf[name]!;
}

/** The name of the table that is the slice's shortest suffix of whole labels, or -1. */
export function shortestSuffix(names: NameLists, bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_START;
  for (let at = end - 1; at >= start; at -= 1) {
    hash = hashStep(hash, bytes[at]!);
    if (at > start && bytes[at - 1] !== DOT) continue;
    const name = find(names, hash, bytes, at, end);
    if (name >= 0) return name;
  }
  return -1;
}

export function startOfName(names: NameLists, name: number): number {
  return name === 0 ? 0 : names.ends[name - 1]!;
}

const HASH_START = 0x811c_9dc5 | 0;

/** FNV-1a. */
function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ lowerCaseByte(byte), 0x0100_0193);
}

/** FNV's low bits are its weakest: the high ones are folded in. */
function toSlot(names: NameLists, hash: number): number {
  return (hash ^ (hash >>> 15)) & (names.slots.length - 1);
}

/** The name of the table that is the slice in lower case, or -1. */
function find(names: NameLists, hash: number, bytes: Uint8Array, start: number, end: number): number {
  const { slots } = names;
  for (let slot = toSlot(names, hash); slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
    if (isName(names, slots[slot]! - 1, bytes, start, end)) return slots[slot]! - 1;
  }
  return -1;
}

function isName(names: NameLists, name: number, bytes: Uint8Array, start: number, end: number): boolean {
  const from = startOfName(names, name);
  if (names.ends[name]! - from !== end - start) return false;
  for (let at = end - 1; at >= start; at -= 1) {
    if (names.text[from + at - start] !== lowerCaseByte(bytes[at]!)) return false;
  }
  return true;
}

function joinLists(lists: readonly Names[]): NameLists {
  const count = lists.reduce((sum, { ends }) => sum + ends.length, 0);
  const text = new Uint8Array(lists.reduce((sum, list) => sum + list.text.length, 0));
  const ends = new Uint32Array(count);
  let textUsed = 0;
  let used = 0;
  for (const list of lists) {
    text.set(list.text, textUsed);
    for (const end of list.ends) ends[used++] = textUsed + end;
    textUsed += list.text.length;
  }
  let slots = 2;
  while (slots < 2 * count) slots *= 2;
  return { lists: lists.length, text, ends, listOf: new Uint16Array(count), slots: new Uint32Array(slots) };
}

/** Puts the name into the table, unless an equal one is there; answers the one that is there. */
function insert(names: NameLists, name: number): number {
  const { slots, text, ends } = names;
  const start = startOfName(names, name);
  let hash = HASH_START;
  for (let at = ends[name]! - 1; at >= start; at -= 1) hash = hashStep(hash, text[at]!);
  let slot = toSlot(names, hash);
  for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
    if (isName(names, slots[slot]! - 1, text, start, ends[name]!)) return slots[slot]! - 1;
  }
  slots[slot] = name + 1;
  return name;
}
