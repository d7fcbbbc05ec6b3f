/**
 * Parser of tagged events, `Key=Value` separated by spaces in any order (spec/counters.md, 1.4). Hot path: Tor
 * sends fields in a fixed order, which key-table.ts makes use of; the only allocation is for keys that no table knows.
 */
import { EQUALS, fromLatin1, SPACE } from './ascii.js';
import { type EventParser, type EventTable, type Fault, UNKNOWN_FIELD, WHOLE_EVENT } from './event-parser.js';
import { clearRecord, newRecord } from './event-record.js';
import { readField, toFieldCodes } from './fields.js';
import { keyTable } from './key-table.js';

const MALFORMED: Fault = { field: WHOLE_EVENT, reason: 'malformed-field' };
const REPEATED_UNKNOWN: Fault = { field: UNKNOWN_FIELD, reason: 'repeated-field' };
const NO_FIELDS: Fault = { field: WHOLE_EVENT, reason: 'field-count' };

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;

export function taggedParser<Key extends string>(table: EventTable<Key>): EventParser<Key> {
  const { keys, fields, rule } = table;
  const record = newRecord(fields.length);
  const codes = toFieldCodes(fields);
  const requiredFields = keys.map((_, field) => field).filter((field) => fields[field]!.isRequired);
  const known = keyTable(keys);
  let unknownKeys: Set<string> | undefined;

  /** Takes one field of the table; undefined if all is well. */
  function take(field: number, start: number, end: number): Fault | undefined {
    const reason =
      record.present[field] === 1 ? 'repeated-field' : readField(codes, field, record, start, end);
    return reason === undefined ? undefined : { field: keys[field]!, reason };
  }

  /** Any key may stand in an event, but once. */
  function takeUnknown(bytes: Uint8Array, start: number, end: number): Fault | undefined {
    const key = fromLatin1(bytes, start, end);
    unknownKeys ??= new Set();
    if (unknownKeys.has(key)) return REPEATED_UNKNOWN;
    unknownKeys.add(key);
    return undefined;
  }

  return {
    table,
    record,
    parse(bytes, start, end) {
      clearRecord(record);
      record.bytes = bytes;
      unknownKeys = undefined;
      let taken = 0;
      for (let from = start; from < end;) {
        // Two spaces in a row make an empty field, which is skipped.
        if (bytes[from] === SPACE) {
          from += 1;
          continue;
        }
        let field = known.guess(bytes, from, end, EQUALS);
        const equals = field < 0 ? endOfKey(bytes, from, end) : from + known.lengthOf(field);
        if (equals < 0) return MALFORMED;
        const to = endOfValue(bytes, equals + 1, end);
        if (to < 0) return MALFORMED;
        if (field < 0) field = known.find(bytes, from, equals);
        const fault = field < 0 ? takeUnknown(bytes, from, equals) : take(field, equals + 1, to);
        if (fault !== undefined) return fault;
        taken += 1;
        from = to + 1;
      }
      if (taken === 0) return NO_FIELDS;
      for (const field of requiredFields) {
        if (record.present[field] === 0) return { field: keys[field]!, reason: 'missing-field' };
      }
      return rule?.(record, table.at);
    },
  };
}

/** The place of the equals sign that ends a key of at least one byte, or -1. */
function endOfKey(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte === EQUALS) return at > start ? at : -1;
    if (byte <= SPACE && isForbidden(byte)) return -1;
  }
  return -1;
}

/** The end of the value, which a space or the line's end ends; -1 if it holds a byte that no value may. */
function endOfValue(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte > EQUALS) continue;
    if (byte === SPACE) return at;
    if (byte === EQUALS || isForbidden(byte)) return -1;
  }
  return end;
}

function isForbidden(byte: number): boolean {
  return byte === SPACE || byte === NUL || byte === LF || byte === CR;
}
