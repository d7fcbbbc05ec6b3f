/** Several results side by side: the same counters and bins, each with its own totals. */
import { addDecimals } from './decimal.js';
import { type Measured } from './estimate.js';
import { type BinResult, type CounterResult, type RoundResult } from './result-file.js';

export type Experiment = { readonly label: string; readonly result: RoundResult };

/** A bin of one counter over all experiments that have the counter. */
export type ComparedBin = {
  /** Which of all the counter's bins it is, from 0. */
  readonly at: number;
  readonly low: number;
  readonly high: number;
  /** By experiment, in their order. */
  readonly entries: readonly ComparedEntry[];
};

export type ComparedEntry = Measured & { readonly label: string };

export type ComparedCounter = {
  readonly name: string;
  /** How many bins the counter has; those that are left out count too. */
  readonly binsInAll: number;
  readonly bins: readonly ComparedBin[];
};

/** Experiments that cannot stand side by side, in words for their owner. */
export class ComparisonError extends Error {
  override readonly name = 'ComparisonError';
}

type Found = { readonly label: string; readonly counter: CounterResult };

/** By name. Throws ComparisonError if a counter has other bins in one experiment than in another. */
export function compareExperiments(experiments: readonly Experiment[]): ComparedCounter[] {
  const byName = new Map<string, Found[]>();
  for (const { label, result } of experiments) {
    for (const counter of result.counters) {
      const found = byName.get(counter.name);
      if (found === undefined) byName.set(counter.name, [{ label, counter }]);
      else found.push({ label, counter });
    }
  }
  return [...byName.keys()].sort().map((name) => toCompared(name, byName.get(name)!));
}

function toCompared(name: string, found: readonly Found[]): ComparedCounter {
  checkSameBins(name, found);
  const { bins } = found[0]!.counter;
  return {
    name,
    binsInAll: bins.length,
    bins: bins.map(({ low, high }, at) => ({
      at,
      low,
      high,
      entries: found.map(({ label, counter }) => ({
        label,
        total: counter.bins[at]!.total,
        sigma: counter.sigma,
      })),
    })),
  };
}

/** How much of unlike bins an error shows. */
const BINS_SHOWN = 5;

function checkSameBins(name: string, [first, ...others]: readonly Found[]): void {
  const wanted = first!.counter.bins;
  for (const { label, counter } of others) {
    const isSame =
      counter.bins.length === wanted.length &&
      counter.bins.every(({ low, high }, at) => low === wanted[at]!.low && high === wanted[at]!.high);
    if (isSame) continue;
    throw new ComparisonError(
      `${name} has other bins in ${label} than in ${first!.label}: ${binsText(counter.bins)}, not ${binsText(wanted)}`,
    );
  }
}

function binsText(bins: readonly BinResult[]): string {
  const shown = bins.slice(0, BINS_SHOWN).map(({ low, high }) => `[${low}, ${high})`);
  return bins.length > BINS_SHOWN ? `${shown.join(' ')} ... (${bins.length} bins)` : shown.join(' ');
}

/** All experiments as one: totals are added, and so are the variances of their noise. */
export function totalOf(experiments: readonly Experiment[], label: string): Experiment {
  const counters = compareExperiments(experiments).map(({ name, bins }): CounterResult => {
    const sigmas = bins[0]!.entries.map(({ sigma }) => sigma);
    return {
      name,
      bins: bins.map(({ low, high, entries }) => ({
        low,
        high,
        total: addDecimals(entries.map(({ total }) => total)),
      })),
      sigma: sigmas.includes(undefined) ? undefined : Math.hypot(...sigmas.map((sigma) => sigma ?? 0)),
    };
  });
  const result = { roundId: undefined, counters, collected: undefined, privacy: undefined, lists: new Map() };
  return { label, result };
}
