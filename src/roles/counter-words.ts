/** What a counter's name means, for those who read results. */
import { CATALOGUE } from '../collection/catalogue/catalogue.js';
import { binKind } from '../collection/catalogue/entry.js';
import { listKindOf } from '../config/list-bins.js';
import { type CounterWords } from '../results/chart.js';

/** What the catalogue says; undefined of check counters, of a traffic model's and of names that are in no catalogue. */
export function counterWords(name: string): CounterWords | undefined {
  const entry = CATALOGUE.get(name);
  if (entry === undefined) return undefined;
  const { meaning, unit } = entry;
  return binKind(name) === 'plain count'
    ? { meaning, counted: unit, binned: undefined, listKind: undefined }
    : { meaning, counted: 'number', binned: unit, listKind: listKindOf(name) };
}
