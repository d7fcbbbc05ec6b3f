/** Parser of positional events: values separated by single spaces, in the table's order, none left out. Hot path. */
import { SPACE } from './ascii.js';
import { type EventParser, type EventTable, type Fault, WHOLE_EVENT } from './event-parser.js';
import { newRecord } from './event-record.js';
import { readField } from './fields.js';

const WRONG_COUNT: Fault = { field: WHOLE_EVENT, reason: 'field-count' };

export function positionalParser<Key extends string>(table: EventTable<Key>): EventParser<Key> {
  const { keys, fields, rule } = table;
  const record = newRecord(fields.length);
  return {
    table,
    record,
    parse(bytes, start, end) {
      record.bytes = bytes;
      if (spacesIn(bytes, start, end) !== fields.length - 1) return WRONG_COUNT;
      let from = start;
      for (let field = 0; field < fields.length; field += 1) {
        let to = from;
        while (to < end && bytes[to] !== SPACE) to += 1;
        const reason = readField(fields[field]!, field, record, from, to);
        if (reason !== undefined) return { field: keys[field]!, reason };
        from = to + 1;
      }
      return rule?.(record, table.at);
    },
  };
}

function spacesIn(bytes: Uint8Array, start: number, end: number): number {
  let spaces = 0;
  for (let at = start; at < end; at += 1) if (bytes[at] === SPACE) spaces += 1;
  return spaces;
}
