/** What store-writer.ts writes: each write adds to a journal, replaces a value and deletes another, as the roles do. */
import { type Change, type Entry } from '../../src/roles/store-port.js';

export const KILL_TEST_KEY = new Uint8Array(32).fill(9);

/** Some values fill several pages. */
function valueOf(number: number): Uint8Array {
  return new Uint8Array(number % 7 === 0 ? 20_000 : 200).fill(number);
}

function journalKey(number: number): string {
  return `journal/${String(number).padStart(8, '0')}`;
}

export function batchOf(number: number): Change[] {
  return [
    { key: journalKey(number), value: Uint8Array.of(number & 0xff) },
    { key: 'latest', value: valueOf(number) },
    { key: `only/${number}`, value: valueOf(number) },
    ...(number === 0 ? [] : [{ key: `only/${number - 1}`, value: undefined }]),
  ];
}

/** All that a store holds after so many writes. */
export function entriesAfter(writes: number): Entry[] {
  if (writes === 0) return [];
  const last = writes - 1;
  return [
    ...Array.from({ length: writes }, (_, at) => ({ key: journalKey(at), value: Uint8Array.of(at & 0xff) })),
    { key: 'latest', value: valueOf(last) },
    { key: `only/${last}`, value: valueOf(last) },
  ];
}
