/**
 * Bins and noise of a round's counters from their two files (spec/counters.md, 5.1): the name filters first, then both
 * files must name the same counters.
 */
import { type Bin } from '../core/bins.js';
import { checkNoFaults, type ConfigFault } from './config-error.js';

export type NameFilters = {
  /** A name is kept if this is found anywhere in it; absent keeps all. */
  readonly accept?: RegExp;
  /** A name is dropped if this is found anywhere in it; absent drops none. */
  readonly reject?: RegExp;
};

export type CombinedCounter<Noise> = {
  readonly name: string;
  readonly bins: readonly Bin[];
  readonly noise: Noise;
};

type NamedFile<Value> = {
  readonly file: string;
  readonly counters: ReadonlyMap<string, Value>;
};

/**
 * The counters that pass the filters, in the order of the bins file. As in PrivCount, a counter that is in one file only
 * is a fault even if the filters would drop it. Throws ConfigError that names each.
 */
export function combineCounters<Noise>(
  bins: NamedFile<readonly Bin[]>,
  noise: NamedFile<Noise>,
  filters: NameFilters,
): CombinedCounter<Noise>[] {
  checkNoFaults([...missingFrom(noise, bins), ...missingFrom(bins, noise)]);
  const kept = [...bins.counters]
    .filter(([name]) => isKept(name, filters))
    .map(([name, itsBins]) => ({ name, bins: itsBins, noise: noise.counters.get(name)! }));
  if (kept.length === 0) checkNoFaults([nothingLeft(bins.file)]);
  return kept;
}

/** The same where no noise is asked for: all counters of the bins file that pass the filters. */
export function filterCounters(
  bins: NamedFile<readonly Bin[]>,
  filters: NameFilters,
): CombinedCounter<undefined>[] {
  return combineCounters(
    bins,
    { file: bins.file, counters: new Map([...bins.counters.keys()].map((name) => [name, undefined])) },
    filters,
  );
}

function missingFrom(lacking: NamedFile<unknown>, other: NamedFile<unknown>): ConfigFault[] {
  return [...other.counters.keys()]
    .filter((name) => !lacking.counters.has(name))
    .map((name) => ({
      file: lacking.file,
      key: `counters.${name}`,
      problem: `is missing, but stands in ${other.file}`,
      wanted: 'the same counters in both files',
    }));
}

function isKept(name: string, { accept, reject }: NameFilters): boolean {
  return (accept?.test(name) ?? true) && !(reject?.test(name) ?? false);
}

function nothingLeft(file: string): ConfigFault {
  return {
    file,
    key: 'counters',
    problem: 'has no counter that counter_name_accept and counter_name_reject leave over',
    wanted: 'at least one counter',
  };
}
