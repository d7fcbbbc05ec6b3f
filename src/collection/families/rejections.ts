/**
 * Family "rejected events": ours, not PrivCount's. How many events a relay sent is itself something to count, so what a
 * collector could not count is told by blinded counters too, never by a log or a status. They need no event of their own:
 * they count among the events that the plan's other counters need.
 */
import { REASONS, type Reason } from '../../tor/events/event-record.js';
import { Adder, type AdderTarget, NO_VALUE, ONE, type Program } from '../adder.js';
import { type CatalogueEntry, entriesOf, total } from '../catalogue/entry.js';
import { sequence, word, type Word } from '../catalogue/grammar.js';

/** Why a line is not counted: a fault of its fields, or that no event has its name. */
export type RejectionReason = Reason | 'unknown-event';

const REASON_WORDS: Readonly<Record<RejectionReason, Word>> = {
  'field-count': word('FieldCount', 'with too few or too many fields'),
  'malformed-field': word('MalformedField', 'with a field that is no key and value'),
  'repeated-field': word('RepeatedField', 'with a field that stands twice'),
  'missing-field': word('MissingField', 'without a field that it must have'),
  'not-an-integer': word('NoInteger', 'with a field that is no whole number'),
  'not-a-number': word('NoNumber', 'with a field that is no number'),
  'not-an-address': word('NoAddress', 'with a field that is no IP address'),
  'out-of-range': word('OutOfRange', 'with a number that is too small or too great'),
  'wrong-length': word('WrongLength', 'with a text or list that is too short or too long'),
  'wrong-version': word('WrongVersion', 'with a field of another version of onion services'),
  inconsistent: word('Inconsistent', 'with fields that contradict each other'),
  'bad-payload': word('BadPayload', 'with a path that can not be read'),
  'unknown-event': word('UnknownName', 'with a name that no event has'),
};

const FAMILY = { family: 'rejected events', events: [] } as const;
const COUNT = total('Count', ONE, 'events', 'Number of');
const DROPPED_AMOUNT = 1;

export const REJECTION_ENTRIES: readonly CatalogueEntry[] = [
  ...entriesOf(
    FAMILY,
    sequence(
      [word('RejectedEvent', 'events that were not counted')],
      [word(''), ...Object.values(REASON_WORDS)],
    ),
    [COUNT],
  ),
  ...entriesOf(
    FAMILY,
    [word('DroppedEvent', 'events that came faster than they could be counted, and were dropped unread')],
    [{ ...COUNT, adds: DROPPED_AMOUNT }],
  ),
];

export class Rejections {
  readonly #adder: Adder;
  readonly #byReason: ReadonlyMap<RejectionReason, Program>;
  readonly #dropped: Program;

  constructor(target: AdderTarget) {
    const adder = new Adder(target, { amounts: 2, values: 0 });
    const compile = (names: readonly string[], adds: number): Program =>
      adder.compile(names.map((name) => ({ name: `${name}Count`, adds, at: NO_VALUE })));
    const reasons: readonly RejectionReason[] = [...REASONS, 'unknown-event'];
    this.#adder = adder;
    this.#byReason = new Map(
      reasons.map((reason) => [
        reason,
        compile(['RejectedEvent', `RejectedEvent${REASON_WORDS[reason].text}`], ONE),
      ]),
    );
    this.#dropped = compile(['DroppedEvent'], DROPPED_AMOUNT);
  }

  note(reason: RejectionReason): void {
    this.#adder.run(this.#byReason.get(reason)!);
  }

  noteDropped(events: number): void {
    this.#adder.setInteger(DROPPED_AMOUNT, events);
    this.#adder.run(this.#dropped);
  }
}
