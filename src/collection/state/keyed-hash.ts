/**
 * A hash for tables whose keys come from outside: what begins with a secret and random seed, nobody can choose collisions
 * of. Not for anything that leaves the memory. Hot path.
 */

/** `hash` begins as the seed, and takes in one word of the key after the other. */
export function mixWord(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
}

/** The place in a table of a power of two, given as that less 1. */
export function placeOf(hash: number, seed: number, mask: number): number {
  const mixed = Math.imul(hash ^ seed, 0x85eb_ca6b);
  return (mixed ^ (mixed >>> 13)) & mask;
}
