/** What stands under a bar: the bin's range, or what it stands for. */
import { type BinResult } from './result-file.js';

type Range = Pick<BinResult, 'low' | 'high'>;

/** Of a bin over match lists that holds what is in none of them. */
const UNMATCHED = '(unmatched)';

/** Names that do not fit a counter, in words for their owner. */
export class BinLabelError extends Error {
  override readonly name = 'BinLabelError';
}

/** The bins' ranges; `names` instead, where they are given. One name fewer than bins leaves the last to what is in no list. */
export function toBinLabels(
  counter: string,
  bins: readonly Range[],
  names: readonly string[] | undefined,
): string[] {
  if (names === undefined) return bins.map(toRange);
  if (names.length === bins.length) return [...names];
  if (names.length + 1 === bins.length) return [...names, UNMATCHED];
  throw new BinLabelError(
    `${names.length} labels do not fit the ${bins.length} bins of ${counter}: there must be as many, or one fewer`,
  );
}

/** A bin holds its low end, and not its high end. */
function toRange({ low, high }: Range): string {
  if (high === Infinity) return low === -Infinity ? 'any' : `${toText(low)} or more`;
  if (low === -Infinity) return `below ${toText(high)}`;
  return high === low + 1 && Number.isInteger(low) ? toText(low) : `${toText(low)} to <${toText(high)}`;
}

/** With separators, as in 1,048,576. */
function toText(value: number): string {
  const [whole, fraction] = String(value).split('.');
  if (String(value).includes('e')) return String(value);
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
