/**
 * Family "client addresses" (spec/counters.md, 2.2, 3.5 and 4.2): how many addresses used this relay as their guard in a
 * window of time, and how many circuits each. An address is counted at the end of the window after the one in which its
 * circuit closed, so that circuits that lasted over the border fall into the window in which they were used.
 */
import { CIRCUIT_CLOSE } from '../../tor/events/circuit-close.js';
import { ADDRESS_WORDS, type EventRecord } from '../../tor/events/event-record.js';
import { Adder, type AdderTarget, NO_VALUE, ONE, type Program } from '../adder.js';
import { type CatalogueEntry, entriesOf, histogram, total } from '../catalogue/entry.js';
import { optional, sequence, type Term, word } from '../catalogue/grammar.js';
import { ClientBook } from '../state/client-book.js';

const FAMILY = { family: 'client addresses', events: ['PRIVCOUNT_CIRCUIT_CLOSE'] } as const;
const VALUES = { circuits: 0 } as const;

const ACTIVITY: Term = [
  word('Active', 'with a circuit of 8 cells or more'),
  word('Inactive', 'with no circuit of 8 cells or more'),
];
const CIRCUITS: Term = [word('Active', 'of 8 cells or more'), word('Inactive', 'of less than 8 cells')];

export const CLIENT_ENTRIES: readonly CatalogueEntry[] = [
  ...entriesOf(FAMILY, sequence([word('Entry', 'client addresses of a window')], optional(ACTIVITY)), [
    total('ClientIPCount', ONE, 'addresses', 'Number of'),
  ]),
  ...entriesOf(FAMILY, sequence([word('EntryClientIP', 'closed circuits of the window')], CIRCUITS), [
    histogram('CircuitHistogram', VALUES.circuits, 'circuits', 'Circuits per client address'),
  ]),
];

const { at } = CIRCUIT_CLOSE;
const MILLISECONDS = 1000;
/** An event without an address stands for the client 0.0.0.0 (quirk Q12). */
const NO_ADDRESS = new Uint32Array(ADDRESS_WORDS);

export class Clients {
  readonly #adder: Adder;
  readonly #all: Program;
  readonly #byActivity: { readonly active: Program; readonly inactive: Program };
  readonly #circuits: { readonly active: Program; readonly inactive: Program };
  #current: ClientBook;
  #previous: ClientBook;
  /** When the books were last moved on, in seconds, as events tell time. */
  #rotatedAt: number;

  /** Undefined if the plan has no counter of this family. */
  static compile(
    target: AdderTarget,
    start: { readonly startedAtMs: number; readonly hashSeed: number },
  ): Clients | undefined {
    const isNeeded = CLIENT_ENTRIES.some(({ name }) => target.layout.byName.has(name));
    return isNeeded ? new Clients(target, start) : undefined;
  }

  private constructor(
    target: AdderTarget,
    { startedAtMs, hashSeed }: { readonly startedAtMs: number; readonly hashSeed: number },
  ) {
    const adder = new Adder(target, { amounts: 1, values: 1 });
    const plain = (name: string): Program => adder.compile([{ name, adds: ONE, at: NO_VALUE }]);
    const histogram = (name: string): Program => adder.compile([{ name, adds: ONE, at: VALUES.circuits }]);
    this.#adder = adder;
    this.#all = plain('EntryClientIPCount');
    this.#byActivity = {
      active: plain('EntryActiveClientIPCount'),
      inactive: plain('EntryInactiveClientIPCount'),
    };
    this.#circuits = {
      active: histogram('EntryClientIPActiveCircuitHistogram'),
      inactive: histogram('EntryClientIPInactiveCircuitHistogram'),
    };
    this.#current = new ClientBook(hashSeed);
    this.#previous = new ClientBook(hashSeed);
    this.#rotatedAt = startedAtMs / MILLISECONDS;
  }

  /** Notes the client of an entry circuit that has closed. */
  note(record: EventRecord, isBusy: boolean): void {
    const hasAddress = record.present[at.PreviousNodeIPAddress] === 1;
    const version = hasAddress ? record.numbers[at.PreviousNodeIPAddress]! : 4;
    const words = hasAddress ? record.addresses : NO_ADDRESS;
    const place = hasAddress ? at.PreviousNodeIPAddress * ADDRESS_WORDS : 0;
    const address = this.#current.note(version, words, place, isBusy);
    if (address >= 0) this.#current.addCircuit(address, isBusy);
    if (record.numbers[at.CreatedTimestamp]! < this.#rotatedAt) {
      this.#previous.note(version, words, place, isBusy);
    }
  }

  /** A window has ended: counts the addresses of the one before, and forgets them. */
  rotate(nowMs: number): void {
    this.#previous.forEach((isActive, activeCircuits, inactiveCircuits) => {
      this.#adder.run(this.#all);
      this.#adder.run(isActive ? this.#byActivity.active : this.#byActivity.inactive);
      this.#adder.place(VALUES.circuits, activeCircuits);
      this.#adder.run(this.#circuits.active);
      this.#adder.place(VALUES.circuits, inactiveCircuits);
      this.#adder.run(this.#circuits.inactive);
    });
    this.#previous.clear();
    [this.#current, this.#previous] = [this.#previous, this.#current];
    this.#rotatedAt = nowMs / MILLISECONDS;
  }

  wipe(): void {
    this.#current.clear();
    this.#previous.clear();
    this.#adder.wipe();
  }
}
