/**
 * From a slice of bytes to the number of the key that it is. Made for keys that come in much the same order again and
 * again: the key that followed its predecessor last time is compared first, and only if that fails the hash table is asked.
 * Hot path.
 */
import { isText, toLatin1 } from './ascii.js';

/** The number of the key that the slice is, -1 if it is none. */
export type FindKey = (bytes: Uint8Array, start: number, end: number) => number;

const SLOTS_PER_KEY = 4;

export function keyFinder(keys: readonly string[]): FindKey {
  if (keys.length === 0) return () => -1;
  const texts = keys.map(toLatin1);
  let slots = 1;
  while (slots < SLOTS_PER_KEY * keys.length) slots *= 2;
  const table = new Int32Array(slots).fill(-1);
  texts.forEach((text, key) => {
    let slot = hashOf(text, 0, text.length) & (slots - 1);
    while (table[slot]! >= 0) slot = (slot + 1) & (slots - 1);
    table[slot] = key;
  });
  /** By key, and last for none: the key that came after it. */
  const successors = new Int32Array(keys.length + 1);
  let previous = keys.length;

  return (bytes, start, end) => {
    const guess = successors[previous]!;
    if (isText(bytes, start, end, texts[guess]!)) return (previous = guess);
    let slot = hashOf(bytes, start, end) & (slots - 1);
    for (let key = table[slot]!; key >= 0; key = table[slot]!) {
      if (isText(bytes, start, end, texts[key]!)) {
        successors[previous] = key;
        return (previous = key);
      }
      slot = (slot + 1) & (slots - 1);
    }
    return -1;
  };
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c_9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x0100_0193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
