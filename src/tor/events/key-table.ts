/**
 * From a slice of bytes to the number of the key that it is. Made for keys that come in much the same order again and
 * again: the key that followed its predecessor last time is compared first, and only if that fails the hash table is asked.
 * Hot path.
 */
import { isText, toLatin1 } from './ascii.js';

export type KeyTable = {
  /** The number of the key that the slice is, -1 if it is none. */
  find(bytes: Uint8Array, start: number, end: number): number;
  /**
   * The number of the key that came after the last one found the last time, if the slice starts with it and then has the
   * byte `last`; -1 if not. The key's bytes need not be looked at again.
   */
  guess(bytes: Uint8Array, start: number, end: number, last: number): number;
  /** How many bytes the key has. */
  lengthOf(key: number): number;
};

const SLOTS_PER_KEY = 4;

export function keyTable(keys: readonly string[]): KeyTable {
  const texts = keys.map(toLatin1);
  const lengths = Int32Array.from(texts, (text) => text.length);
  const table = hashTable(texts);
  const mask = table.length - 1;
  /** By key, and last for none: the key that came after it. */
  const successors = new Int32Array(keys.length + 1);
  let previous = keys.length;

  return {
    find(bytes, start, end) {
      let slot = hashOf(bytes, start, end) & mask;
      for (let key = table[slot]!; key >= 0; key = table[slot]!) {
        if (isText(bytes, start, end, texts[key]!)) {
          successors[previous] = key;
          return (previous = key);
        }
        slot = (slot + 1) & mask;
      }
      return -1;
    },
    guess(bytes, start, end, last) {
      const key = successors[previous]!;
      const to = start + lengths[key]!;
      if (to >= end || bytes[to] !== last || !isText(bytes, start, to, texts[key]!)) return -1;
      return (previous = key);
    },
    lengthOf: (key) => lengths[key]!,
  };
}

/** Open addressing, linear probing: the number of a key, or -1. */
function hashTable(texts: readonly Uint8Array[]): Int32Array {
  let slots = SLOTS_PER_KEY;
  while (slots < SLOTS_PER_KEY * texts.length) slots *= 2;
  const table = new Int32Array(slots).fill(-1);
  texts.forEach((text, key) => {
    let slot = hashOf(text, 0, text.length) & (slots - 1);
    while (table[slot]! >= 0) slot = (slot + 1) & (slots - 1);
    table[slot] = key;
  });
  return table;
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c_9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x0100_0193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
