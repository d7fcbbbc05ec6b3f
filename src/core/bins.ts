/**
 * Bins of a counter, with PrivCount's rules (spec/counters.md, section 5): a bin is [low, high), except that a high of
 * infinity includes infinity. Bins keep the order of their file; they may have gaps and must not overlap. A value in no
 * bin is dropped.
 */

export type Bin = readonly [low: number, high: number];

/** The bins sorted for look-up; `cell[i]` is the place in the file's order of the i-th lowest bin. */
export type BinTable = {
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly cells: Int32Array;
};

/** The bin of a counter that takes no value: it is incremented as if by the value 1. */
export const SINGLE_BIN: Bin = [-Infinity, Infinity];

/** What is wrong with the bins, one sentence a fault; empty if they are fine. */
export function binFaults(bins: readonly Bin[]): string[] {
  if (bins.length === 0) return ['there must be at least one bin'];
  const faults = bins.flatMap(([low, high]) =>
    low < high ? [] : [`bin [${low}, ${high}] must have a low end below its high end`],
  );
  const sorted = [...bins].sort(([left], [right]) => left - right);
  sorted.slice(1).forEach(([low, high], at) => {
    const [previousLow, previousHigh] = sorted[at]!;
    if (low < previousHigh) {
      faults.push(
        `bins [${previousLow}, ${previousHigh}] and [${low}, ${high}] overlap; bins may only touch`,
      );
    }
  });
  return faults;
}

/** True if a counter of this name takes no value and has one bin (spec/counters.md, 2.3). */
export function isSingleBinName(name: string): boolean {
  const stem = name.split('_', 1)[0]!;
  return stem.endsWith('Count') || (stem.endsWith('DelayTime') && stem.includes('TrafficModel'));
}

/**
 * What is wrong with these bins for a counter of this name: as `binFaults`, and their number, and that a single bin
 * holds the value 1, without which it would never count.
 */
export function counterBinFaults(name: string, bins: readonly Bin[]): string[] {
  const faults = binFaults(bins);
  if (faults.length > 0) return faults;
  if (!isSingleBinName(name)) {
    return bins.length >= 2 ? [] : ['a counter of values needs at least two bins'];
  }
  if (bins.length !== 1) return [`a plain count has exactly one bin, not ${bins.length}`];
  const [low, high] = bins[0]!;
  return low <= 1 && 1 < high ? [] : [`the bin [${low}, ${high}] of a plain count must contain 1`];
}

/** The bins of a histogram over n match lists: one bin a list, and one for what is in none. */
export function listBins(lists: number): Bin[] {
  return Array.from({ length: lists + 1 }, (_, list): Bin => [list, list === lists ? Infinity : list + 1]);
}

/** Sorts bins without faults for `binOf`. */
export function toBinTable(bins: readonly Bin[]): BinTable {
  const order = bins.map((_, cell) => cell).sort((left, right) => bins[left]![0] - bins[right]![0]);
  return {
    lows: Float64Array.from(order, (cell) => bins[cell]![0]),
    highs: Float64Array.from(order, (cell) => bins[cell]![1]),
    cells: Int32Array.from(order),
  };
}

/** The place in the file's order of the bin that holds the value, or -1. NaN is in no bin. Hot path: runs per event. */
export function binOf(table: BinTable, value: number): number {
  const { lows, highs } = table;
  let below = 0;
  let above = lows.length;
  while (below < above) {
    const middle = (below + above) >>> 1;
    if (lows[middle]! <= value) below = middle + 1;
    else above = middle;
  }
  if (below === 0) return -1;
  const high = highs[below - 1]!;
  return value < high || high === Infinity ? table.cells[below - 1]! : -1;
}
