/**
 * What an event's table says of a field (spec/counters.md, 1.2 and 1.6-1.11), and the reading of one value by it.
 * All bounds are inclusive.
 */
import { readAddress } from './address.js';
import { COMMA } from './ascii.js';
import { ADDRESS_WORDS, type EventRecord, type Reason } from './event-record.js';
import { toFloat } from './float.js';
import { readInteger } from './integer.js';

export type FieldKind = 'integer' | 'float' | 'address' | 'text' | 'list' | 'unchecked';

export type Field = {
  readonly kind: FieldKind;
  /** Bounds of an integer or float; of a text's bytes; of a list's items. */
  readonly min: number;
  readonly max: number;
  readonly isRequired: boolean;
  /** Set if the field may only stand in events of onion services of this version. */
  readonly version?: 2 | 3;
};

type Bounds = { readonly min?: number; readonly max?: number };

function field(kind: FieldKind, { min = -Infinity, max = Infinity }: Bounds = {}): Field {
  return { kind, min, max, isRequired: false };
}

export function integer(bounds?: Bounds): Field {
  return field('integer', bounds);
}

export function flag(): Field {
  return integer({ min: 0, max: 1 });
}

export function float(bounds?: Bounds): Field {
  return field('float', bounds);
}

export function address(): Field {
  return field('address');
}

export function text(bounds?: Bounds): Field {
  return field('text', bounds);
}

/** Comma-separated; an empty value has no items. */
export function list(bounds?: Bounds): Field {
  return field('list', bounds);
}

/** Any value is fine. Of some fields the original checks more, but only warns and counts the event all the same. */
export function unchecked(): Field {
  return field('unchecked');
}

export function required(optional: Field): Field {
  return { ...optional, isRequired: true };
}

export function ofVersion(version: 2 | 3, any: Field): Field {
  return { ...any, version };
}

/** Reads the slice as the field's value into the record; answers what is wrong with it, or undefined. Hot path. */
export function readField(
  field: Field,
  at: number,
  record: EventRecord,
  start: number,
  end: number,
): Reason | undefined {
  const { bytes } = record;
  record.present[at] = 1;
  record.starts[at] = start;
  record.ends[at] = end;
  switch (field.kind) {
    case 'integer': {
      const reason = readInteger(bytes, start, end, record, at);
      return reason ?? (isWithin(field, record.numbers[at]!) ? undefined : 'out-of-range');
    }
    case 'float': {
      const value = toFloat(bytes, start, end);
      record.numbers[at] = value;
      if (Number.isNaN(value)) return 'not-a-number';
      return isWithin(field, value) ? undefined : 'out-of-range';
    }
    case 'address':
      record.numbers[at] = readAddress(bytes, start, end, record.addresses, at * ADDRESS_WORDS);
      return record.numbers[at] === 0 ? 'not-an-address' : undefined;
    case 'text':
      return isWithin(field, end - start) ? undefined : 'wrong-length';
    case 'list':
      return isWithin(field, itemCount(bytes, start, end)) ? undefined : 'wrong-length';
    case 'unchecked':
      return undefined;
  }
}

function isWithin(field: Field, value: number): boolean {
  return value >= field.min && value <= field.max;
}

function itemCount(bytes: Uint8Array, start: number, end: number): number {
  let items = start === end ? 0 : 1;
  for (let at = start; at < end; at += 1) if (bytes[at] === COMMA) items += 1;
  return items;
}
