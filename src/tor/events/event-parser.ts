/** What the forms of events have in common: a table of fields, and a parser that fills a record by it. */
import { type EventName } from './event-names.js';
import { type EventRecord, type Reason } from './event-record.js';
import { type Field } from './fields.js';

/** Names the whole event, where no single field is at fault. */
export const WHOLE_EVENT = '(event)';
/** Stands for a field whose name is not in the table: that name is content, and content is never reported. */
export const UNKNOWN_FIELD = '(unknown)';

export type Fault = { readonly field: string; readonly reason: Reason };

/** A rule about several fields, called when each by itself is fine. */
export type EventRule<Key extends string> = (
  record: EventRecord,
  at: Readonly<Record<Key, number>>,
) => { readonly field: Key; readonly reason: Reason } | undefined;

export type EventTable<Key extends string = string> = {
  readonly event: EventName;
  /** `standard`: values in the table's order, and then words of which only some are known. */
  readonly form: 'positional' | 'tagged' | 'standard';
  /** So many fields come first, as values without keys. */
  readonly leading: number;
  readonly keys: readonly Key[];
  readonly fields: readonly Field[];
  /** The place of each field in the record's arrays. */
  readonly at: Readonly<Record<Key, number>>;
  readonly rule: EventRule<Key> | undefined;
};

export type EventParser<Key extends string = string> = {
  readonly table: EventTable<Key>;
  /** Of the last line that `parse` accepted. */
  readonly record: EventRecord;
  /**
   * Reads the fields, [start, end) being what follows the event's name and one space. Answers undefined if the event is
   * valid, else its first fault. Never throws.
   */
  parse(bytes: Uint8Array, start: number, end: number): Fault | undefined;
};

/** A table of named fields in their order. */
export function eventTable<Key extends string>(
  event: EventName,
  form: 'positional' | 'tagged',
  fields: Readonly<Record<Key, Field>>,
  rule?: EventRule<Key>,
): EventTable<Key> {
  return tableOf({ event, form, rule }, fields, form === 'positional' ? Object.keys(fields).length : 0);
}

/** A table of one of tor's own events: values, and then keywords, to which later versions of tor may add. */
export function standardTable<Leading extends string, Keyword extends string = never>(
  event: EventName,
  leading: Readonly<Record<Leading, Field>>,
  keywords: Readonly<Record<Keyword, Field>>,
  rule?: EventRule<Leading | Keyword>,
): EventTable<Leading | Keyword> {
  const fields = { ...leading, ...keywords } as Readonly<Record<Leading | Keyword, Field>>;
  return tableOf({ event, form: 'standard', rule }, fields, Object.keys(leading).length);
}

function tableOf<Key extends string>(
  head: Pick<EventTable<Key>, 'event' | 'form' | 'rule'>,
  fields: Readonly<Record<Key, Field>>,
  leading: number,
): EventTable<Key> {
  const keys = Object.keys(fields) as Key[];
  const at = Object.fromEntries(keys.map((key, index) => [key, index])) as Record<Key, number>;
  return { ...head, leading, keys, fields: keys.map((key) => fields[key]), at };
}
