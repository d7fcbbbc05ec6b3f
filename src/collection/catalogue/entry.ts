/** What the catalogue says of one counter. */
import { isSingleBinName } from '../../core/bins.js';
import { type EventName } from '../../tor/events/event-names.js';
import { type MetricName } from '../../tor/metrics/metrics-names.js';
import { type Addition, NO_VALUE, ONE } from '../adder.js';
import { type Term } from './grammar.js';

export type CatalogueEntry = {
  /** The subject and then the measure. */
  readonly name: string;
  /** The family it belongs to; doc/counters.md has a section for each. */
  readonly family: string;
  /** The events that a relay must send for it. */
  readonly events: readonly EventName[];
  /** The metric that a relay's page must have for it; absent if it is not counted by the page. */
  readonly metric?: MetricName;
  /** For the file of noise; the network's own file decides. */
  readonly advice?: Advice;
  /** In what a plain count counts, or in what the bins of the others are. */
  readonly unit: string;
  /** One sentence. */
  readonly meaning: string;
  /** The parts of the name: what is counted, and what of it. */
  readonly subject: Part;
  readonly measure: Part;
};

/** The most that one person moves the counter within PrivCount's action bounds of a day, and why. */
export type Advice = { readonly sensitivity: number; readonly because: string };

export type Part = { readonly text: string; readonly says: string };

/** The end of a counter's name: what is added (an amount of the event's adder), to the bin of which value. */
export type Measure = {
  readonly suffix: string;
  readonly adds: number;
  readonly at: number;
  readonly unit: string;
  readonly says: string;
};

/** `adds` to a plain count. */
export function total(suffix: string, adds: number, unit: string, says: string): Measure {
  return { suffix, adds, at: NO_VALUE, unit, says };
}

/** Adds 1 to the bin of a value, for each of what is counted. */
export function histogram(suffix: string, at: number, unit: string, says: string): Measure {
  return { suffix, adds: ONE, at, unit, says: `${says}, over` };
}

/** The same counts by the match list whose number is the value. */
export function listed(counts: readonly Measure[], list: number): Measure[] {
  return counts.map(({ suffix, adds, says }) => ({
    suffix: `${suffix}List`,
    adds,
    at: list,
    unit: 'number of the match list',
    says: `By match list: ${says.charAt(0).toLowerCase()}${says.slice(1)}`,
  }));
}

/** What is added to the counters of these subjects with these measures. */
export function additionsOf(subjects: readonly string[], measures: readonly Measure[]): Addition[] {
  return subjects.flatMap((subject) =>
    measures.map(({ suffix, adds, at }) => ({ name: subject + suffix, adds, at })),
  );
}

/** The entries of every subject (what stands before the measure in a name) with every measure. */
export function entriesOf(
  family: Pick<CatalogueEntry, 'family' | 'events'>,
  subjects: Term,
  measures: readonly Measure[],
): CatalogueEntry[] {
  return subjects.flatMap(({ text, says }) =>
    measures.map(({ suffix, unit, says: measureSays }) =>
      entry(family, unit, { text, says: describe(says) }, { text: suffix, says: measureSays }),
    ),
  );
}

export function entry(
  { family, events }: Pick<CatalogueEntry, 'family' | 'events'>,
  unit: string,
  subject: Part,
  measure: Part,
): CatalogueEntry {
  const meaning = `${measure.says} ${subject.says}.`;
  return { name: subject.text + measure.text, family, events, unit, meaning, subject, measure };
}

/** What something is, and after a colon what else is said of it. */
function describe([what, ...rest]: readonly string[]): string {
  return rest.length > 0 ? `${what!}: ${rest.join(', ')}` : what!;
}

/** What a relay must give for it, for people. */
export function needsOf({ events, metric }: CatalogueEntry): string[] {
  return [...events, ...(metric === undefined ? [] : ["the relay's metrics page"])];
}

export type BinKind = 'plain count' | 'histogram' | 'match lists';

/** Where a counter's bins come from: it has one, those of the counters file, or one for each match list. */
export function binKind(name: string): BinKind {
  if (name.endsWith('CountList')) return 'match lists';
  return isSingleBinName(name) ? 'plain count' : 'histogram';
}
