/** Results for tests: counters with totals and a standard deviation. */
import { type Experiment } from '../../src/results/experiments.js';
import { type CounterResult, type RoundResult } from '../../src/results/result-file.js';

type Counters = Readonly<Record<string, readonly [totals: readonly string[], sigma: number | undefined]>>;

/** Bins of one, the last without an end. */
export function counterOf(
  name: string,
  [totals, sigma]: readonly [readonly string[], number | undefined],
): CounterResult {
  const bins = totals.map((total, at) => ({
    low: at,
    high: at + 1 < totals.length ? at + 1 : Infinity,
    total,
  }));
  return { name, bins, sigma };
}

export function resultOf(counters: Counters): RoundResult {
  return {
    roundId: undefined,
    counters: Object.entries(counters).map(([name, counter]) => counterOf(name, counter)),
    collected: undefined,
    privacy: undefined,
    lists: new Map(),
  };
}

export function experimentOf(label: string, counters: Counters): Experiment {
  return { label, result: resultOf(counters) };
}
