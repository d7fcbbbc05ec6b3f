/**
 * Adds what one event says to the cells of a report. A plan's counters are compiled once into programs, flat arrays of
 * cells; an event sets a few amounts and values and runs the program of its kind, and no counter's name is looked up.
 *
 * An *amount* is what is added: 1, or a number of the event such as its bytes, modulo 2^128 in four lanes. It is kept in
 * the steps that the cells count in (CounterLayout.scaleBits), so that adding it costs the same in all. A *value* says to
 * which bin it is added. The bin of a value is found once for each distinct set of bins, however many counters have it.
 * Hot path; the plain version is test/collection/plain-*.ts.
 */
import { binOf, type Bin, type BinTable, toBinTable } from '../core/bins.js';
import { type CounterLayout } from '../core/counters.js';
import { LANES_PER_CELL, type RingVector } from '../core/ring.js';

/** The amount that is always 1. */
export const ONE = 0;
/** Instead of a value: the counter has one bin. */
export const NO_VALUE = -1;

/** One counter that a kind of event adds to. A counter that the plan does not have is left out when compiled. */
export type Addition = { readonly name: string; readonly adds: number; readonly at: number };

/** What a collection is compiled for: the plan's counters, and the vector that they stand in. */
export type AdderTarget = { readonly layout: CounterLayout; readonly lanes: RingVector };

/** Groups of [amount, slot, number of cells, first lane of each counter...]. */
export type Program = Int32Array;

const GROUP_HEADER = 3;
const LANE_VALUES = 2 ** 32;
/** The slot of counters without a value: its offset is always 0. */
const NO_SLOT = 0;
const IN_NO_BIN = -1;

export class Adder {
  readonly #layout: CounterLayout;
  readonly #lanes: RingVector;
  readonly #amounts: Uint32Array;
  readonly #scaleBits: number;
  readonly #step: number;
  /** One slot for each distinct (value, bins) that a program needs. */
  readonly #tables: (BinTable | undefined)[] = [undefined];
  readonly #slotOf = new Map<string, number>();
  readonly #slotsOfValue: number[][];
  /** By slot: where the bin of the current value stands behind a counter's first lane; IN_NO_BIN if nowhere. */
  #offsets = new Int32Array(1);

  /** `amounts` counts `ONE` too. */
  constructor(target: AdderTarget, sizes: { readonly amounts: number; readonly values: number }) {
    this.#layout = target.layout;
    this.#lanes = target.lanes;
    this.#amounts = new Uint32Array(sizes.amounts * LANES_PER_CELL);
    this.#scaleBits = target.layout.scaleBits;
    this.#step = 2 ** -target.layout.scaleBits;
    this.#slotsOfValue = Array.from({ length: sizes.values }, () => []);
    this.setAmount(ONE, 1, 0);
  }

  compile(additions: readonly Addition[]): Program {
    const groups = new Map<string, { adds: number; slot: number; lanes: number[] }>();
    for (const { name, adds, at } of additions) {
      const place = this.#layout.byName.get(name);
      if (place === undefined) continue;
      if (at === NO_VALUE && !holdsOne(place.bins[0]!)) continue;
      const slot = at === NO_VALUE ? NO_SLOT : this.#slotFor(at, place.bins);
      const key = `${adds} ${slot}`;
      const group = groups.get(key) ?? { adds, slot, lanes: [] };
      group.lanes.push(place.firstCell * LANES_PER_CELL);
      groups.set(key, group);
    }
    const flat = [...groups.values()].flatMap(({ adds, slot, lanes }) => [
      adds,
      slot,
      lanes.length,
      ...lanes,
    ]);
    return Int32Array.from(flat);
  }

  /** True if a compiled counter needs the value: if not, it need not be computed. */
  needs(value: number): boolean {
    return this.#slotsOfValue[value]!.length > 0;
  }

  /** amount = high * 2^32 + low, for halves below 2^32. */
  setAmount(amount: number, low: number, high: number): void {
    const from = amount * LANES_PER_CELL;
    this.#amounts[from] = low;
    this.#amounts[from + 1] = high;
    this.#amounts[from + 2] = 0;
    this.#amounts[from + 3] = 0;
    if (this.#scaleBits > 0) shiftAmount(this.#amounts, from, this.#scaleBits);
  }

  /** amount = the whole number, of less than 2^53 either way; a negative one wraps, as in the original. */
  setInteger(amount: number, value: number): void {
    const from = amount * LANES_PER_CELL;
    const upper = Math.floor(value / LANE_VALUES);
    this.#amounts[from] = value;
    this.#amounts[from + 1] = upper;
    this.#amounts.fill(value < 0 ? LANE_VALUES - 1 : 0, from + 2, from + LANES_PER_CELL);
    if (this.#scaleBits > 0) shiftAmount(this.#amounts, from, this.#scaleBits);
  }

  /** amount = left + right. */
  setSum(amount: number, left: number, right: number): void {
    const to = amount * LANES_PER_CELL;
    this.#amounts.copyWithin(to, left * LANES_PER_CELL, (left + 1) * LANES_PER_CELL);
    addAmount(this.#amounts, to, this.#amounts, right * LANES_PER_CELL);
  }

  /**
   * The amount, if it is below 2^65, as the nearest double. Scaled by at most 2^20 (SCALE_BITS_MAX), its upper lanes are
   * exact in a double, so it is rounded once; taking the scale off again rounds nothing.
   */
  amountAsNumber(amount: number): number {
    const from = amount * LANES_PER_CELL;
    const upper = this.#amounts[from + 2]! * LANE_VALUES + this.#amounts[from + 1]!;
    return (upper * LANE_VALUES + this.#amounts[from]!) * this.#step;
  }

  /** Sets a value, and finds its bins. */
  place(value: number, number: number): void {
    const slots = this.#slotsOfValue[value]!;
    for (let at = 0; at < slots.length; at += 1) {
      const slot = slots[at]!;
      const cell = binOf(this.#tables[slot]!, number);
      this.#offsets[slot] = cell < 0 ? IN_NO_BIN : cell * LANES_PER_CELL;
    }
  }

  /**
   * Adds the current amounts at the current values. The additions are written so that the processor's own 32-bit ones do:
   * a sum is too great for its lane exactly if it comes out smaller than what was added.
   */
  run(program: Program): void {
    const lanes = this.#lanes;
    const amounts = this.#amounts;
    const programEnd = program.length;
    for (let at = 0; at < programEnd;) {
      const from = (program[at]! * LANES_PER_CELL) | 0;
      const offset = this.#offsets[program[at + 1]!]! | 0;
      const end = (at + GROUP_HEADER + program[at + 2]!) | 0;
      at = (at + GROUP_HEADER) | 0;
      if (offset === IN_NO_BIN) {
        at = end;
      } else if (isShort(amounts, from)) {
        const amount = amounts[from]!;
        for (; at < end; at = (at + 1) | 0) {
          const lane = (program[at]! + offset) | 0;
          const sum = (lanes[lane]! + amount) >>> 0;
          lanes[lane] = sum;
          if (sum < amount) carry(lanes, lane + 1);
        }
      } else {
        for (; at < end; at = (at + 1) | 0) addAmount(lanes, (program[at]! + offset) | 0, amounts, from);
      }
    }
  }

  /** Forgets the last event. */
  wipe(): void {
    this.#amounts.fill(0);
    this.setAmount(ONE, 1, 0);
    this.#offsets.fill(0);
  }

  #slotFor(value: number, bins: readonly Bin[]): number {
    const key = `${value} ${bins.map((bin) => bin.join(' ')).join(',')}`;
    const known = this.#slotOf.get(key);
    if (known !== undefined) return known;
    const slot = this.#tables.push(toBinTable(bins)) - 1;
    this.#slotOf.set(key, slot);
    this.#slotsOfValue[value]!.push(slot);
    this.#offsets = new Int32Array(slot + 1);
    return slot;
  }
}

/** A counter with one bin is incremented as if by the value 1 (spec/counters.md, section 5 and quirk Q20). */
function holdsOne([low, high]: Bin): boolean {
  return low <= 1 && (1 < high || high === Infinity);
}

/** amount *= 2^bits, modulo 2^128, for 0 < bits < 32. */
function shiftAmount(amounts: Uint32Array, from: number, bits: number): void {
  for (let lane = from + LANES_PER_CELL - 1; lane > from; lane -= 1) {
    amounts[lane] = (amounts[lane]! << bits) | (amounts[lane - 1]! >>> (32 - bits));
  }
  amounts[from] = amounts[from]! << bits;
}

/** True if the amount is below 2^32. */
function isShort(amounts: Uint32Array, from: number): boolean {
  return (amounts[from + 1]! | amounts[from + 2]! | amounts[from + 3]!) === 0;
}

/** Adds 1 to what is above the lane that came before `lane`, up to the cell's last lane; the last carry wraps. */
function carry(lanes: RingVector, lane: number): void {
  const end = (lane | (LANES_PER_CELL - 1)) + 1;
  for (let at = lane; at < end; at += 1) {
    const sum = (lanes[at]! + 1) >>> 0;
    lanes[at] = sum;
    if (sum !== 0) return;
  }
}

/** target[at...] += amounts[from...], four lanes, modulo 2^128. */
function addAmount(target: Uint32Array, at: number, amounts: Uint32Array, from: number): void {
  let sum = target[at]! + amounts[from]!;
  target[at] = sum;
  sum = target[at + 1]! + amounts[from + 1]! + (sum >= LANE_VALUES ? 1 : 0);
  target[at + 1] = sum;
  const upper = amounts[from + 2]! | amounts[from + 3]!;
  if (sum < LANE_VALUES && upper === 0) return;
  sum = target[at + 2]! + amounts[from + 2]! + (sum >= LANE_VALUES ? 1 : 0);
  target[at + 2] = sum;
  target[at + 3] = target[at + 3]! + amounts[from + 3]! + (sum >= LANE_VALUES ? 1 : 0);
}
