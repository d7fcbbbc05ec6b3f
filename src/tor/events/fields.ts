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

const KINDS: readonly FieldKind[] = ['integer', 'float', 'address', 'text', 'list', 'unchecked'];
const [INTEGER, FLOAT, ADDRESS, TEXT, LIST] = KINDS.map((_, code) => code);

/** The fields of a table as the hot path wants them: one array for each property. */
export type FieldCodes = {
  readonly kinds: Uint8Array;
  readonly mins: Float64Array;
  readonly maxs: Float64Array;
};

export function toFieldCodes(fields: readonly Field[]): FieldCodes {
  return {
    kinds: Uint8Array.from(fields, ({ kind }) => KINDS.indexOf(kind)),
    mins: Float64Array.from(fields, ({ min }) => min),
    maxs: Float64Array.from(fields, ({ max }) => max),
  };
}

/** Reads the slice as the value of field `at` into the record; answers what is wrong with it, or undefined. Hot path. */
export function readField(
  codes: FieldCodes,
  at: number,
  record: EventRecord,
  start: number,
  end: number,
): Reason | undefined {
  const { bytes } = record;
  const kind = codes.kinds[at]!;
  record.present[at] = 1;
  record.starts[at] = start;
  record.ends[at] = end;
  if (kind === INTEGER) {
    const reason = readInteger(bytes, start, end, record, at);
    return reason ?? (isWithin(codes, at, record.numbers[at]!) ? undefined : 'out-of-range');
  }
  if (kind === TEXT) return isWithin(codes, at, end - start) ? undefined : 'wrong-length';
  if (kind === FLOAT) {
    const value = toFloat(bytes, start, end);
    record.numbers[at] = value;
    if (Number.isNaN(value)) return 'not-a-number';
    return isWithin(codes, at, value) ? undefined : 'out-of-range';
  }
  if (kind === ADDRESS) {
    const version = readAddress(bytes, start, end, record.addresses, at * ADDRESS_WORDS);
    record.numbers[at] = version;
    return version === 0 ? 'not-an-address' : undefined;
  }
  if (kind === LIST) return isWithin(codes, at, itemCount(bytes, start, end)) ? undefined : 'wrong-length';
  return undefined;
}

function isWithin({ mins, maxs }: FieldCodes, at: number, value: number): boolean {
  return value >= mins[at]! && value <= maxs[at]!;
}

function itemCount(bytes: Uint8Array, start: number, end: number): number {
  let items = start === end ? 0 : 1;
  for (let at = start; at < end; at += 1) if (bytes[at] === COMMA) items += 1;
  return items;
}
