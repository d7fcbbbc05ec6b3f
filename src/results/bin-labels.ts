/** What stands under a bar: the bin's range, or what it stands for. */
import { grouped } from './decimal.js';
import { type Experiment } from './experiments.js';
import { type BinResult } from './result-file.js';

type Range = Pick<BinResult, 'low' | 'high'>;

/** Of a bin over match lists that holds what is in none of them. */
const UNMATCHED = '(unmatched)';

/** Where the labels of bins over match lists come from. `given`: the operator's own, one a list. */
export type LabelSource = 'range' | 'file' | 'content' | { readonly given: readonly string[] };

/** Names that do not fit a counter, in words for their owner. */
export class BinLabelError extends Error {
  override readonly name = 'BinLabelError';
}

/**
 * What an outcome calls the lists of a counter of so many bins: of the first experiment that says so. Undefined where ranges
 * are to stand, as they do if a file's names do not fit its bins; the operator's own stand anyway.
 */
export function listNames(
  experiments: readonly Experiment[],
  source: LabelSource,
  { listKind, bins }: { readonly listKind: string | undefined; readonly bins: number },
): readonly string[] | undefined {
  if (listKind === undefined || source === 'range') return undefined;
  if (typeof source === 'object') return source.given;
  return experiments
    .map(({ result }) => result.lists.get(listKind)?.[source])
    .find((names) => names !== undefined && isFitting(names, bins));
}

function isFitting(names: readonly string[], bins: number): boolean {
  return names.length === bins || names.length + 1 === bins;
}

/** The bins' ranges; `names` instead, where they are given. One name fewer than bins leaves the last to what is in no list. */
export function toBinLabels(
  counter: string,
  bins: readonly Range[],
  names: readonly string[] | undefined,
): string[] {
  return names === undefined ? withNumbers(bins.map(toRange)) : fitted(counter, bins.length, names);
}

/** The same of the bins that are shown. */
export function shownLabels(
  {
    name,
    bins,
    binsInAll,
  }: {
    readonly name: string;
    readonly binsInAll: number;
    readonly bins: readonly (Range & { readonly at: number })[];
  },
  names: readonly string[] | undefined,
): string[] {
  if (names === undefined) return toBinLabels(name, bins, undefined);
  const all = fitted(name, binsInAll, names);
  return bins.map(({ at }) => all[at]!);
}

function fitted(counter: string, bins: number, names: readonly string[]): string[] {
  if (names.length === bins) return withNumbers(names);
  if (names.length + 1 === bins) return [...withNumbers(names), UNMATCHED];
  throw new BinLabelError(
    `${names.length} labels do not fit the ${bins} bins of ${counter}: there must be as many, or one fewer`,
  );
}

/** Bins of one name would be drawn as one. */
function withNumbers(names: readonly string[]): string[] {
  const times = new Map<string, number>([[UNMATCHED, 1]]);
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  return names.map((name, at) => (times.get(name)! > 1 ? `${at}: ${name}` : name));
}

/** A bin holds its low end, and not its high end. */
export function toRange({ low, high }: Range): string {
  if (high === Infinity) return low === -Infinity ? 'all' : `${toText(low)} or more`;
  if (low === -Infinity) return `below ${toText(high)}`;
  return high === low + 1 && Number.isInteger(low) ? toText(low) : `${toText(low)} to <${toText(high)}`;
}

function toText(value: number): string {
  const text = String(value);
  return text.includes('e') ? text : grouped(text);
}
