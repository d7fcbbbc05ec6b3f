/**
 * One event, parsed. A parser has one record and fills it again for each line, so that an event costs no allocation;
 * what a handler wants to keep it copies. Every array but `addresses` has one element a field of the event's table.
 */

/** Why an event is rejected. The names are public: the log and the rejection counters use them. */
export const REASONS = [
  'field-count',
  'malformed-field',
  'repeated-field',
  'missing-field',
  'not-an-integer',
  'not-a-number',
  'not-an-address',
  'out-of-range',
  'wrong-length',
  'wrong-version',
  'inconsistent',
  'bad-payload',
] as const;

export type Reason = (typeof REASONS)[number];

/** 32-bit words in which an address is kept: an IPv4 address is in the first, an IPv6 address fills all four. */
export const ADDRESS_WORDS = 4;

export type EventRecord = {
  /** The line's buffer, valid until the handler returns; text fields are slices [starts, ends) of it. */
  bytes: Uint8Array;
  /** 1 if the event states the field. The other arrays hold 0 for a field that is not stated. */
  readonly present: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Integers exactly: the magnitude is high * 2^32 + low. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly negative: Uint8Array;
  /** Integers as the nearest double, floats, and of addresses the IP version, 4 or 6. */
  readonly numbers: Float64Array;
  readonly addresses: Uint32Array;
};

export function newRecord(fields: number): EventRecord {
  return {
    bytes: new Uint8Array(0),
    present: new Uint8Array(fields),
    starts: new Int32Array(fields),
    ends: new Int32Array(fields),
    low: new Uint32Array(fields),
    high: new Uint32Array(fields),
    negative: new Uint8Array(fields),
    numbers: new Float64Array(fields),
    addresses: new Uint32Array(fields * ADDRESS_WORDS),
  };
}

/** Forgets the last event. The slices need no clearing: they are only read of fields that are present. */
export function clearRecord(record: EventRecord): void {
  record.present.fill(0);
  record.low.fill(0);
  record.high.fill(0);
  record.negative.fill(0);
  record.numbers.fill(0);
}
