/** Several results side by side: the same counters and bins, each with its own totals. */
import { type BinResult, type CounterResult, type RoundResult } from './result-file.js';

export type Experiment = { readonly label: string; readonly result: RoundResult };

/** A bin of one counter over all experiments that have the counter. */
export type ComparedBin = {
  readonly low: number;
  readonly high: number;
  /** By experiment, in their order. */
  readonly entries: readonly ComparedEntry[];
};

export type ComparedEntry = {
  readonly label: string;
  readonly total: string;
  readonly sigma: number | undefined;
};

export type ComparedCounter = { readonly name: string; readonly bins: readonly ComparedBin[] };

/** Experiments that cannot stand side by side, in words for their owner. */
export class ComparisonError extends Error {
  override readonly name = 'ComparisonError';
}

/** By name. Throws ComparisonError if a counter has other bins in one experiment than in another. */
export function compareExperiments(experiments: readonly Experiment[]): ComparedCounter[] {
  const names = experiments.flatMap(({ result }) => result.counters.map(({ name }) => name));
  return [...new Set(names)].sort().map((name) => {
    const found = experiments.flatMap(({ label, result }) => {
      const counter = result.counters.find((candidate) => candidate.name === name);
      return counter === undefined ? [] : [{ label, counter }];
    });
    checkSameBins(name, found);
    const { bins } = found[0]!.counter;
    return {
      name,
      bins: bins.map(({ low, high }, at) => ({
        low,
        high,
        entries: found.map(({ label, counter }) => ({
          label,
          total: counter.bins[at]!.total,
          sigma: counter.sigma,
        })),
      })),
    };
  });
}

type Found = { readonly label: string; readonly counter: CounterResult };

function checkSameBins(name: string, [first, ...others]: readonly Found[]): void {
  const toText = (bins: readonly BinResult[]): string =>
    bins.map(({ low, high }) => `[${low}, ${high})`).join(' ');
  const wanted = toText(first!.counter.bins);
  const other = others.find(({ counter }) => toText(counter.bins) !== wanted);
  if (other === undefined) return;
  throw new ComparisonError(
    `${name} has other bins in ${other.label} than in ${first!.label}: ${toText(other.counter.bins)}, not ${wanted}`,
  );
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
  return { label, result: { counters, collected: undefined } };
}

/** Exactly. */
function addDecimals(numbers: readonly string[]): string {
  const decimals = Math.max(...numbers.map((number) => number.split('.')[1]?.length ?? 0));
  const sum = numbers.reduce((units, number) => {
    const [whole, fraction = ''] = number.split('.');
    return units + BigInt(whole! + fraction.padEnd(decimals, '0'));
  }, 0n);
  if (decimals === 0) return String(sum);
  const digits = String(sum < 0n ? -sum : sum).padStart(decimals + 1, '0');
  const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`.replace(/\.?0+$/, '');
  return sum < 0n ? `-${text}` : text;
}
