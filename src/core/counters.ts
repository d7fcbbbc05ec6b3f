/** Counters of a round and where their cells stand in a vector. */
import { type Bin } from './bins.js';

/** A counter as a plan states it. `sigma` is the standard deviation of the noise in each bin of the total. */
export type Counter = {
  readonly name: string;
  readonly bins: readonly Bin[];
  readonly sigma: number;
};

export type CounterPlace = {
  readonly name: string;
  readonly bins: readonly Bin[];
  /** The number of the counter's first cell; its bins follow in the order of its file. */
  readonly firstCell: number;
};

export type CounterLayout = {
  readonly places: readonly CounterPlace[];
  readonly byName: ReadonlyMap<string, CounterPlace>;
  readonly cells: number;
  /** Cells count in steps of 2^-scaleBits: what counts for 1 adds 2^scaleBits. Those of check counters count in ones. */
  readonly scaleBits: number;
};

/** Never incremented: a total other than 0 means that masks and reports do not match. */
export const ZERO_COUNT = 'ZeroCount';
/** Each collector adds 1: the total must be the number of collectors in the released set. */
export const COLLECTOR_COUNT = 'CollectorCount';

/** Check counters carry no data about anybody, and no noise. */
export function isCheckCounter(name: string): boolean {
  return name === ZERO_COUNT || name === COLLECTOR_COUNT;
}

/** One cell a bin, counters in the given order. Throws RangeError on a name that stands twice. */
export function layOutCounters(
  counters: readonly Pick<Counter, 'name' | 'bins'>[],
  scaleBits = 0,
): CounterLayout {
  const places: CounterPlace[] = [];
  const byName = new Map<string, CounterPlace>();
  let cells = 0;
  for (const { name, bins } of counters) {
    if (byName.has(name)) throw new RangeError(`counter ${name} stands twice`);
    const place = { name, bins, firstCell: cells };
    places.push(place);
    byName.set(name, place);
    cells += bins.length;
  }
  return { places, byName, cells, scaleBits };
}
