/** Parser of positional events: values separated by single spaces, in the table's order, none left out. Hot path. */
import { SPACE } from './ascii.js';
import { type EventParser, type EventTable, type Fault, WHOLE_EVENT } from './event-parser.js';
import { type EventRecord, newRecord } from './event-record.js';
import { readField, toFieldCodes } from './fields.js';

const WRONG_COUNT: Fault = { field: WHOLE_EVENT, reason: 'field-count' };

export function positionalParser<Key extends string>(table: EventTable<Key>): EventParser<Key> {
  const { keys, fields, rule } = table;
  const record = newRecord(fields.length);
  const codes = toFieldCodes(fields);
  return {
    table,
    record,
    parse(bytes, start, end) {
      record.bytes = bytes;
      if (!splitAtSpaces(bytes, start, end, record)) return WRONG_COUNT;
      for (let field = 0; field < fields.length; field += 1) {
        const reason = readField(codes, field, record, record.starts[field]!, record.ends[field]!);
        if (reason !== undefined) return { field: keys[field]!, reason };
      }
      return rule?.(record, table.at);
    },
  };
}

/** Finds the slice of each value; false if there are more or fewer than fields. */
function splitAtSpaces(
  bytes: Uint8Array,
  start: number,
  end: number,
  { starts, ends }: EventRecord,
): boolean {
  let field = 0;
  starts[0] = start;
  for (let at = start; at < end; at += 1) {
    if (bytes[at] !== SPACE) continue;
    ends[field] = at;
    field += 1;
    if (field === starts.length) return false;
    starts[field] = at + 1;
  }
  ends[field] = end;
  return field === starts.length - 1;
}
