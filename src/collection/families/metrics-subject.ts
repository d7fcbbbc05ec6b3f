/** What one metric of a relay's page is counted as (families/metrics-names.ts). */
import { type MetricName } from '../../tor/metrics/metrics-names.js';
import { type Advice } from '../catalogue/entry.js';
import { word, type Word } from '../catalogue/grammar.js';

/** One label, or several that say something only together. */
export type MetricsPlace = {
  readonly labels: readonly string[];
  /** By the values of the labels, joined by a blank: the words of those that we know. */
  readonly words: ReadonlyMap<string, Word>;
  /** False if what has one value can not be added to what has another. */
  readonly mayBeLeftOut: boolean;
};

export type MetricsSubject = {
  readonly metric: MetricName;
  readonly noun: Word;
  readonly measure: { readonly suffix: 'Count' | 'ByteCount'; readonly unit: string; readonly says: string };
  readonly places: readonly MetricsPlace[];
  /** By the words after the noun: those of the longest key that they begin with. */
  readonly advice: Readonly<Record<string, Advice>> & { readonly '': Advice };
  /** False for a series that no counter takes, not even those of all values. */
  readonly isCounted: (labels: ReadonlyMap<string, string>) => boolean;
};

export const BYTES_OF = { suffix: 'ByteCount', unit: 'bytes', says: 'Bytes' } as const;

export function numberOf(unit: string): MetricsSubject['measure'] {
  return { suffix: 'Count', unit, says: 'Number of' };
}

/** `words`: by the label's value, the word in the name and what it says. */
export function label(
  name: string,
  words: Readonly<Record<string, readonly [text: string, says: string]>>,
): MetricsPlace {
  return { labels: [name], words: toWords(words), mayBeLeftOut: true };
}

export function toWords(
  words: Readonly<Record<string, readonly [text: string, says: string]>>,
): ReadonlyMap<string, Word> {
  return new Map(Object.entries(words).map(([value, [text, says]]) => [value, word(text, says)]));
}

export function subject(
  metric: MetricName,
  noun: Word,
  given: Pick<MetricsSubject, 'measure' | 'advice'> & Partial<MetricsSubject>,
): MetricsSubject {
  return { metric, noun, places: [], isCounted: () => true, ...given };
}
