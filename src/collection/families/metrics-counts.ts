/**
 * Adds what a relay's metrics page says to the counters of family "metrics page". For each combination of values that the
 * labels of a metric may have there is a program of all the counters that take it: of those with a word for a label's value
 * and of those without. A value that we do not know is in those without.
 */
import { type MetricName } from '../../tor/metrics/metrics-names.js';
import { type MetricsReading } from '../../tor/metrics/compare-pages.js';
import { Adder, type AdderTarget, NO_VALUE, type Program } from '../adder.js';
import { type Word } from '../catalogue/grammar.js';
import { type MetricsSubject } from './metrics-subject.js';
import { METRICS_SUBJECTS } from './metrics-table.js';

/** By how much the series has grown. */
const ADDED = 1;
const LOW_HALF = 2n ** 32n - 1n;
const HALF_BITS = 32n;

/** At each place the word of the value; undefined if it is not known, or in a name left out. */
type Words = readonly (Word | undefined)[];

export class MetricsCounts {
  readonly #adder: Adder;
  readonly #subjects: ReadonlyMap<MetricName, MetricsSubject>;
  readonly #programs: ReadonlyMap<string, Program>;

  /** Counters that the target does not have cost nothing. */
  constructor(target: AdderTarget) {
    const adder = new Adder(target, { amounts: ADDED + 1, values: 0 });
    this.#adder = adder;
    this.#subjects = new Map(METRICS_SUBJECTS.map((subject) => [subject.metric, subject]));
    this.#programs = new Map(
      METRICS_SUBJECTS.flatMap((subject) =>
        seenWords(subject).map((words): [string, Program] => [
          nameOf(subject, words, '/'),
          adder.compile(countersOf(subject, words).map((name) => ({ name, adds: ADDED, at: NO_VALUE }))),
        ]),
      ),
    );
  }

  add(readings: readonly MetricsReading[]): void {
    for (const { metric, labels, added } of readings) {
      const subject = this.#subjects.get(metric)!;
      if (!subject.isCounted(labels)) continue;
      this.#adder.setAmount(ADDED, Number(added & LOW_HALF), Number(added >> HALF_BITS));
      this.#adder.run(this.#programs.get(nameOf(subject, wordsOf(subject, labels), '/'))!);
    }
    this.#adder.wipe();
  }
}

function wordsOf({ places }: MetricsSubject, labels: ReadonlyMap<string, string>): Words {
  return places.map(({ labels: names, words }) =>
    words.get(names.map((name) => labels.get(name) ?? '').join(' ')),
  );
}

/** Every combination of what a series may have at the places. */
function seenWords({ places }: MetricsSubject): Words[] {
  return combinations(places.map(({ words }) => [...words.values(), undefined]));
}

/** The names of the counters that take a series with these words. */
function countersOf(subject: MetricsSubject, words: Words): string[] {
  const choices = subject.places.map(({ mayBeLeftOut }, at) => {
    const word = words[at];
    const named = word === undefined ? [] : [word];
    return mayBeLeftOut ? [...named, undefined] : named;
  });
  return combinations(choices).map((chosen) => nameOf(subject, chosen) + subject.measure.suffix);
}

/** One of each list, in every way. */
function combinations(lists: readonly Words[]): Words[] {
  return lists.reduce<Words[]>(
    (heads, list) => heads.flatMap((head) => list.map((last) => [...head, last])),
    [[]],
  );
}

function nameOf({ noun }: MetricsSubject, words: Words, separator = ''): string {
  return [noun.text, ...words.map((word) => word?.text ?? '')].join(separator);
}
