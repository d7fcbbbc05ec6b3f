/**
 * A bounded table of keys, each of some words, in the order in which they came: its owner keeps what belongs to a key in
 * arrays by the key's number, and forgets the oldest when there is no room. Hot path: everything lives in typed arrays.
 */
import { mixWord, placeOf } from './keyed-hash.js';

export const NO_KEY = -1;

export class AgedKeys {
  readonly #seed: number;
  readonly #max: number;
  readonly #words: number;
  // A hash table with chains, and a doubly linked list from the oldest to the newest.
  readonly #buckets: Int32Array;
  readonly #keys: Uint32Array;
  readonly #nextInBucket: Int32Array;
  readonly #newer: Int32Array;
  readonly #older: Int32Array;
  #oldest = NO_KEY;
  #newest = NO_KEY;
  /** Numbers never used yet start at this; numbers used before are in the free chain. */
  #used = 0;
  #free = NO_KEY;

  /** `seed` is secret and random, so that nobody can choose what falls into one bucket. Numbers are below `max`. */
  constructor({ seed, max, words }: { seed: number; max: number; words: number }) {
    this.#seed = seed;
    this.#max = max;
    this.#words = words;
    let buckets = 1;
    while (buckets < max) buckets *= 2;
    this.#buckets = new Int32Array(buckets).fill(NO_KEY);
    this.#keys = new Uint32Array(max * words);
    this.#nextInBucket = new Int32Array(max);
    this.#newer = new Int32Array(max);
    this.#older = new Int32Array(max);
  }

  get isFull(): boolean {
    return this.#free === NO_KEY && this.#used === this.#max;
  }

  /** The number of the key that came first; NO_KEY if there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The key's number, or NO_KEY. */
  find(key: Uint32Array): number {
    let number = this.#buckets[this.#bucketOf(key, 0)]!;
    while (number !== NO_KEY && !this.#isKey(number, key)) number = this.#nextInBucket[number]!;
    return number;
  }

  /** Takes a key that is not in the table, which must not be full; answers its number. */
  add(key: Uint32Array): number {
    const number = this.#takeNumber();
    const bucket = this.#bucketOf(key, 0);
    this.#keys.set(key, number * this.#words);
    this.#nextInBucket[number] = this.#buckets[bucket]!;
    this.#buckets[bucket] = number;
    this.#older[number] = this.#newest;
    this.#newer[number] = NO_KEY;
    if (this.#newest === NO_KEY) this.#oldest = number;
    else this.#newer[this.#newest] = number;
    this.#newest = number;
    return number;
  }

  /** Takes the key with this number out of its bucket and out of the order of age. The number is used again. */
  remove(number: number): void {
    const bucket = this.#bucketOf(this.#keys, number * this.#words);
    const next = this.#nextInBucket[number]!;
    if (this.#buckets[bucket] === number) this.#buckets[bucket] = next;
    else {
      let before = this.#buckets[bucket]!;
      while (this.#nextInBucket[before] !== number) before = this.#nextInBucket[before]!;
      this.#nextInBucket[before] = next;
    }
    const older = this.#older[number]!;
    const newer = this.#newer[number]!;
    if (older === NO_KEY) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NO_KEY) this.#newest = older;
    else this.#older[newer] = older;
    this.#nextInBucket[number] = this.#free;
    this.#free = number;
  }

  /** Forgets everything, and leaves no trace of it in memory. */
  wipe(): void {
    this.#buckets.fill(NO_KEY);
    this.#keys.fill(0);
    for (const links of [this.#nextInBucket, this.#newer, this.#older]) links.fill(0);
    this.#oldest = this.#newest = this.#free = NO_KEY;
    this.#used = 0;
  }

  #takeNumber(): number {
    if (this.#free === NO_KEY) return this.#used++;
    const number = this.#free;
    this.#free = this.#nextInBucket[number]!;
    return number;
  }

  #isKey(number: number, key: Uint32Array): boolean {
    const at = number * this.#words;
    for (let word = 0; word < this.#words; word += 1) {
      if (this.#keys[at + word] !== key[word]) return false;
    }
    return true;
  }

  #bucketOf(words: Uint32Array, at: number): number {
    let hash = this.#seed;
    for (let word = at; word < at + this.#words; word += 1) hash = mixWord(hash, words[word]!);
    return placeOf(hash, this.#seed, this.#buckets.length - 1);
  }
}
