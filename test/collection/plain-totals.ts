/** The plain model's counters, and the one formula that families share. */
import { type Bin } from '../../src/core/bins.js';

/** Counts of each counter's bins, modulo 2^128. */
export class PlainTotals {
  readonly #counters: ReadonlyMap<string, { readonly bins: readonly Bin[]; readonly counts: bigint[] }>;

  constructor(counters: Iterable<{ readonly name: string; readonly bins: readonly Bin[] }>) {
    this.#counters = new Map(
      [...counters].map(({ name, bins }) => [name, { bins, counts: bins.map(() => 0n) }]),
    );
  }

  has(name: string): boolean {
    return this.#counters.has(name);
  }

  /** Adds to the bin of the value; counters that are not configured are skipped. Without a value the value is 1. */
  add(name: string, amount: bigint, value = 1): void {
    const counter = this.#counters.get(name);
    if (counter === undefined) return;
    const bin = counter.bins.findIndex(([low, high]) => low <= value && (value < high || high === Infinity));
    if (bin >= 0) counter.counts[bin] = BigInt.asUintN(128, counter.counts[bin]! + amount);
  }

  /** As `Counted.totals`: modulo 2^70. */
  counts(): Map<string, bigint[]> {
    return new Map(
      [...this.#counters].map(([name, { counts }]) => [
        name,
        counts.map((count) => BigInt.asUintN(70, count)),
      ]),
    );
  }
}

/** R(in, out) of 3.1. */
export function plainRatio(inbound: bigint, outbound: bigint): number {
  if (inbound === 0n && outbound === 0n) return 0;
  if (inbound === 0n) return 1024;
  if (outbound === 0n) return -1021;
  return Math.log(Number(outbound) / Number(inbound)) / Math.log(2);
}
