/** What the catalogue says of one counter. */
import { type EventName } from '../../tor/events/event-names.js';
import { NO_VALUE } from '../adder.js';
import { type Term } from './grammar.js';

export type CatalogueEntry = {
  readonly name: string;
  /** The family it belongs to; doc/counters.md has a section for each. */
  readonly family: string;
  /** The events that a relay must send for it. */
  readonly events: readonly EventName[];
  /** In what a plain count counts, or in what the bins of the others are. */
  readonly unit: string;
  readonly meaning: string;
};

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

/** The entries of every subject (what stands before the measure in a name) with every measure. */
export function entriesOf(
  family: Pick<CatalogueEntry, 'family' | 'events'>,
  subjects: Term,
  measures: readonly Measure[],
): CatalogueEntry[] {
  return subjects.flatMap((subject) =>
    measures.map(({ suffix, unit, says }) => ({
      ...family,
      name: subject.text + suffix,
      unit,
      meaning: sentence(says, subject.says),
    })),
  );
}

function sentence(says: string, qualifiers: readonly string[]): string {
  const [what, ...rest] = qualifiers;
  return `${[says, what].filter(Boolean).join(' ')}${rest.length > 0 ? `: ${rest.join(', ')}` : ''}.`;
}
