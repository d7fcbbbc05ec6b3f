/**
 * Counters over match lists get their bins from the lists (spec/counters.md, 5.1): n files make n + 1 bins, one for each
 * list and one for what is in none. Where no files are configured, the bins of the counters file stay.
 */
import { type Bin, listBins } from '../core/bins.js';
import { checkNoFaults } from './config-error.js';
import { type ListFiles } from './tally-config.js';

type Named = { readonly name: string; readonly bins: readonly Bin[] };

const isHsdir = (name: string): boolean => name.startsWith('HSDir');

/** Which counters each kind of list gives bins to. */
const countersOf: Record<keyof ListFiles, (name: string) => boolean> = {
  domains: (name) => name.startsWith('ExitDomain') && name.endsWith('CountList'),
  countries: (name) => name.includes('CountryMatch') && name.endsWith('CountList'),
  autonomousSystems: (name) => name.includes('ASMatch') && name.endsWith('CountList'),
  hsdirStores: (name) => isHsdir(name) && name.includes('Store') && name.endsWith('ReasonCountList'),
  hsdirFetches: (name) => isHsdir(name) && name.includes('Fetch') && name.endsWith('ReasonCountList'),
  circuitFailures: (name) => name.endsWith('FailureCircuitReasonCountList'),
  onionAddresses: (name) =>
    isHsdir(name) && /Store|Fetch/.test(name) && name.endsWith('OnionAddressCountList'),
};

/** The kind of match list that a counter of this name counts over; undefined if it counts over none. */
export function listKindOf(name: string): keyof ListFiles | undefined {
  return (Object.keys(countersOf) as (keyof ListFiles)[]).find((kind) => countersOf[kind](name));
}

/**
 * The same counters, those over configured lists with the lists' bins. Throws ConfigError, naming the file of bins, on
 * counters that then have none.
 */
export function withListBins<Counter extends Named>(
  counters: readonly Counter[],
  lists: ListFiles,
  file: string,
): Counter[] {
  const ready = counters.map((counter) => {
    const kind = listKindOf(counter.name);
    const files = kind === undefined ? 0 : lists[kind].length;
    return files === 0 ? counter : { ...counter, bins: listBins(files) };
  });
  checkNoFaults(
    ready
      .filter(({ bins }) => bins.length === 0)
      .map(({ name }) => ({
        file,
        key: `counters.${name}.bins`,
        problem: 'is missing, and no match lists are configured that would give the bins',
        wanted: 'bins, or match lists in the section tally_server',
      })),
  );
  return ready;
}
