/**
 * A set of IP addresses: a hash table in typed arrays, so that an event does not allocate and nothing of an address is left
 * when it is cleared. When it is full, addresses that are not in it are not taken. Hot path.
 */
import { ADDRESS_WORDS } from '../../tor/events/event-record.js';
import { mixWord, placeOf } from './keyed-hash.js';

export const NO_ADDRESS_NUMBER = -1;

/** An IP version and an address. */
const KEY_WORDS = 1 + ADDRESS_WORDS;

export class AddressSet {
  readonly #max: number;
  readonly #seed: number;
  readonly #slots: Int32Array;
  /** By address: its IP version, then its words. */
  readonly #keys: Uint32Array;
  #used = 0;

  /** `seed` is secret and random, so that nobody can choose addresses that fall into one slot. */
  constructor(seed: number, max: number) {
    this.#seed = seed;
    this.#max = max;
    let slots = 2;
    while (slots < 2 * max) slots *= 2;
    this.#slots = new Int32Array(slots).fill(NO_ADDRESS_NUMBER);
    this.#keys = new Uint32Array(max * KEY_WORDS);
  }

  /** How many addresses are in it; they are numbered from 0 as they came. */
  get size(): number {
    return this.#used;
  }

  /** Takes the address; answers its number, or NO_ADDRESS_NUMBER if it is not in the set and has no room. */
  add(version: number, words: Uint32Array, at: number): number {
    const slot = this.#slotOf(version, words, at);
    const known = this.#slots[slot]!;
    if (known !== NO_ADDRESS_NUMBER || this.#used === this.#max) return known;
    const address = this.#used++;
    this.#slots[slot] = address;
    const key = address * KEY_WORDS;
    this.#keys[key] = version;
    for (let word = 0; word < ADDRESS_WORDS; word += 1) this.#keys[key + 1 + word] = words[at + word]!;
    return address;
  }

  /** The number of the address, or NO_ADDRESS_NUMBER. */
  find(version: number, words: Uint32Array, at: number): number {
    return this.#slots[this.#slotOf(version, words, at)]!;
  }

  clear(): void {
    this.#slots.fill(NO_ADDRESS_NUMBER);
    this.#keys.fill(0);
    this.#used = 0;
  }

  /** The slot that holds the address, or the free one where it would go. */
  #slotOf(version: number, words: Uint32Array, at: number): number {
    const mask = this.#slots.length - 1;
    let hash = this.#seed ^ version;
    for (let word = at; word < at + ADDRESS_WORDS; word += 1) hash = mixWord(hash, words[word]!);
    let slot = placeOf(hash, this.#seed, mask);
    while (this.#slots[slot] !== NO_ADDRESS_NUMBER && !this.#isAt(this.#slots[slot]!, version, words, at)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isAt(address: number, version: number, words: Uint32Array, at: number): boolean {
    const key = address * KEY_WORDS;
    if (this.#keys[key] !== version) return false;
    for (let word = 0; word < ADDRESS_WORDS; word += 1) {
      if (this.#keys[key + 1 + word] !== words[at + word]) return false;
    }
    return true;
  }
}
