/**
 * Family "metrics page": ours, not PrivCount's. What an unmodified relay counts by itself and shows at its MetricsPort
 * (spec/tor-metrics.md). A name has a noun for the metric, and for each of its labels a word, or none for all values together:
 * also for those that a later tor may add. All are plain counts. Gauges are never counted, nor what the relay's operator and
 * our own scraping do.
 */
import { ONE } from '../adder.js';
import { type Advice, type CatalogueEntry, entriesOf, total } from '../catalogue/entry.js';
import { optional, sequence } from '../catalogue/grammar.js';
import { type MetricsSubject } from './metrics-subject.js';
import { METRICS_SUBJECTS } from './metrics-table.js';

const FAMILY = { family: 'metrics page', events: [] } as const;

export const METRICS_ENTRIES: readonly CatalogueEntry[] = METRICS_SUBJECTS.flatMap(entriesOfSubject);

function entriesOfSubject(subject: MetricsSubject): CatalogueEntry[] {
  const { metric, noun, measure, places } = subject;
  const terms = places.map(({ words, mayBeLeftOut }) => {
    const term = [...words.values()];
    return mayBeLeftOut ? optional(term) : term;
  });
  const measures = [total(measure.suffix, ONE, measure.unit, measure.says)];
  return entriesOf(FAMILY, sequence([noun], ...terms), measures).map((entry) => ({
    ...entry,
    metric,
    advice: adviceFor(subject, entry.subject.text.slice(noun.text.length)),
  }));
}

function adviceFor({ advice }: MetricsSubject, words: string): Advice {
  const keys = Object.keys(advice).filter((key) => words.startsWith(key));
  const longest = keys.reduce((best, key) => (key.length > best.length ? key : best), '');
  return advice[longest] ?? advice[''];
}
