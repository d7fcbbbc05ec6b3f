/**
 * Parser of tor's own events (spec/tor-metrics.md, "Standard control events"): values separated by single spaces, then words
 * in any order. Of these the ones of the table are read, as `Key=Value`; all others are passed over, because later versions
 * of tor may add some. Hot path.
 */
import { EQUALS, SPACE } from './ascii.js';
import { type EventParser, type EventTable, type Fault, WHOLE_EVENT } from './event-parser.js';
import { clearRecord, newRecord } from './event-record.js';
import { readField, toFieldCodes } from './fields.js';
import { keyTable, type KeyTable } from './key-table.js';

const TOO_FEW: Fault = { field: WHOLE_EVENT, reason: 'field-count' };
const NO_FIELD = -1;

export function standardParser<Key extends string>(table: EventTable<Key>): EventParser<Key> {
  const { keys, fields, leading, rule } = table;
  const record = newRecord(fields.length);
  const codes = toFieldCodes(fields);
  const required = keys.map((_, field) => field).filter((field) => fields[field]!.isRequired);
  const keywords = keyTable(keys.slice(leading));

  function take(field: number, start: number, end: number): Fault | undefined {
    const reason =
      record.present[field] === 1 ? 'repeated-field' : readField(codes, field, record, start, end);
    return reason === undefined ? undefined : { field: keys[field]!, reason };
  }

  return {
    table,
    record,
    parse(bytes, start, end) {
      clearRecord(record);
      record.bytes = bytes;
      let from = start;
      for (let field = 0; field < leading; field += 1) {
        if (from >= end) return TOO_FEW;
        const to = endOfWord(bytes, from, end);
        const fault = take(field, from, to);
        if (fault !== undefined) return fault;
        from = to + 1;
      }
      while (from < end) {
        const to = endOfWord(bytes, from, end);
        const field = keywordAt(keywords, bytes, from, to);
        const fault = field < 0 ? undefined : take(leading + field, from + keywords.lengthOf(field) + 1, to);
        if (fault !== undefined) return fault;
        from = to + 1;
      }
      for (const field of required) {
        if (record.present[field] === 0) return { field: keys[field]!, reason: 'missing-field' };
      }
      return rule?.(record, table.at);
    },
  };
}

function endOfWord(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SPACE) at += 1;
  return at;
}

/** The keyword whose `Key=Value` the word is, or NO_FIELD. */
function keywordAt(keywords: KeyTable, bytes: Uint8Array, start: number, end: number): number {
  let equals = start;
  while (equals < end && bytes[equals] !== EQUALS) equals += 1;
  return equals === end ? NO_FIELD : keywords.find(bytes, start, equals);
}
