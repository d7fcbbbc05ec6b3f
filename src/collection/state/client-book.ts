/**
 * The addresses of clients that were seen in one window (spec/counters.md, 4.2), each with whether it was active and how
 * many of its circuits closed active and inactive. A hash table in typed arrays, so that an event does not allocate and
 * nothing of an address is left when it is cleared. When it is full, addresses that are not in it are not taken.
 */
import { ADDRESS_WORDS } from '../../tor/events/event-record.js';

/** Several times the clients that a large guard serves in ten minutes; two books of it take 25 MB. */
const ADDRESSES_MAX = 2 ** 18;

const NONE = -1;

export class ClientBook {
  readonly #max: number;
  readonly #seed: number;
  readonly #slots: Int32Array;
  /** By address: its IP version, then its words. */
  readonly #keys: Uint32Array;
  readonly #isActive: Uint8Array;
  readonly #activeCircuits: Uint32Array;
  readonly #inactiveCircuits: Uint32Array;
  #used = 0;

  /** `seed` is secret and random, so that nobody can choose addresses that fall into one slot. */
  constructor(seed: number, max = ADDRESSES_MAX) {
    this.#seed = seed;
    this.#max = max;
    let slots = 2;
    while (slots < 2 * max) slots *= 2;
    this.#slots = new Int32Array(slots).fill(NONE);
    this.#keys = new Uint32Array(max * KEY_WORDS);
    this.#isActive = new Uint8Array(max);
    this.#activeCircuits = new Uint32Array(max);
    this.#inactiveCircuits = new Uint32Array(max);
  }

  /** Notes the address, and that it was active if it was; answers its number, or -1 if the book is full. */
  note(version: number, words: Uint32Array, at: number, isActive: boolean): number {
    const slot = this.#slotOf(version, words, at);
    let address = this.#slots[slot]!;
    if (address === NONE) {
      if (this.#used === this.#max) return NONE;
      address = this.#used++;
      this.#slots[slot] = address;
      const key = address * KEY_WORDS;
      this.#keys[key] = version;
      for (let word = 0; word < ADDRESS_WORDS; word += 1) this.#keys[key + 1 + word] = words[at + word]!;
    }
    if (isActive) this.#isActive[address] = 1;
    return address;
  }

  /** One more circuit of the address with this number has closed. */
  addCircuit(address: number, isActive: boolean): void {
    const circuits = isActive ? this.#activeCircuits : this.#inactiveCircuits;
    circuits[address] = circuits[address]! + 1;
  }

  forEach(visit: (isActive: boolean, activeCircuits: number, inactiveCircuits: number) => void): void {
    for (let address = 0; address < this.#used; address += 1) {
      visit(this.#isActive[address] === 1, this.#activeCircuits[address]!, this.#inactiveCircuits[address]!);
    }
  }

  clear(): void {
    this.#slots.fill(NONE);
    for (const array of [this.#keys, this.#isActive, this.#activeCircuits, this.#inactiveCircuits])
      array.fill(0);
    this.#used = 0;
  }

  /** The slot that holds the address, or the free one where it would go. */
  #slotOf(version: number, words: Uint32Array, at: number): number {
    const mask = this.#slots.length - 1;
    let hash = this.#seed ^ version;
    for (let word = at; word < at + ADDRESS_WORDS; word += 1) {
      hash = Math.imul(hash ^ words[word]!, 0x9e37_79b1);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ this.#seed, 0x85eb_ca6b);
    let slot = (hash ^ (hash >>> 13)) & mask;
    while (this.#slots[slot] !== NONE && !this.#isAt(this.#slots[slot]!, version, words, at)) {
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

/** An IP version and an address. */
const KEY_WORDS = 1 + ADDRESS_WORDS;
