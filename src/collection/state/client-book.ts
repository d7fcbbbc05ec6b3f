/**
 * The addresses of clients that were seen in one window (spec/counters.md, 4.2), each with whether it was active and how
 * many of its circuits closed active and inactive. When it is full, addresses that are not in it are not taken.
 */
import { AddressSet, NO_ADDRESS_NUMBER } from './address-set.js';

/** Several times the clients that a large guard serves in ten minutes; two books of it take 25 MB. */
export const ADDRESSES_MAX = 2 ** 18;

export class ClientBook {
  readonly #addresses: AddressSet;
  readonly #isActive: Uint8Array;
  readonly #activeCircuits: Uint32Array;
  readonly #inactiveCircuits: Uint32Array;

  /** `seed` is secret and random, so that nobody can choose addresses that fall into one slot. */
  constructor(seed: number, max = ADDRESSES_MAX) {
    this.#addresses = new AddressSet(seed, max);
    this.#isActive = new Uint8Array(max);
    this.#activeCircuits = new Uint32Array(max);
    this.#inactiveCircuits = new Uint32Array(max);
  }

  /** Notes the address, and that it was active if it was; answers its number, or -1 if the book is full. */
  note(version: number, words: Uint32Array, at: number, isActive: boolean): number {
    const address = this.#addresses.add(version, words, at);
    if (isActive && address !== NO_ADDRESS_NUMBER) this.#isActive[address] = 1;
    return address;
  }

  /** One more circuit of the address with this number has closed. */
  addCircuit(address: number, isActive: boolean): void {
    const circuits = isActive ? this.#activeCircuits : this.#inactiveCircuits;
    circuits[address] = circuits[address]! + 1;
  }

  forEach(visit: (isActive: boolean, activeCircuits: number, inactiveCircuits: number) => void): void {
    for (let address = 0; address < this.#addresses.size; address += 1) {
      visit(this.#isActive[address] === 1, this.#activeCircuits[address]!, this.#inactiveCircuits[address]!);
    }
  }

  clear(): void {
    this.#addresses.clear();
    for (const array of [this.#isActive, this.#activeCircuits, this.#inactiveCircuits]) array.fill(0);
  }
}
