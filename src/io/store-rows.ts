/**
 * The rows of a store's database: values encrypted (crypto/state-values.ts), behind zeros.
 *
 * SQLite's secure_delete zeroes what is freed, but where the tree is balanced, copies of cells stay behind in the pages that
 * they were moved from (`rebuildPage` in btree.c), for as long as nothing else is written there. Overflow pages are never moved, and
 * zeroed when they are freed. So what lies in the tree's own pages must be worth nothing: of a row these are at most the first
 * 1,002 bytes in pages of 4,096, (4096 - 12) * 64 / 255 - 23 (sqlite.org/fileformat2.html), the key and zeros.
 */
import { decryptValue, encryptValue } from '../crypto/state-values.js';
import { type Entry } from '../roles/store-port.js';
import { StoreError } from './store-error.js';

const PADDING = new Uint8Array(1024);

/** The column `value` of an entry. `salt` as for `encryptValue`. */
export function toColumn({ key, value }: Entry, by: { stateKey: Uint8Array; salt: Uint8Array }): Uint8Array {
  return Buffer.concat([PADDING, encryptValue(value, { ...by, entryKey: key })]);
}

/** The entry in a row of columns `key` and `value`. Throws StoreError if it was not written under this key. */
export function toEntry(row: unknown, { path, stateKey }: { path: string; stateKey: Uint8Array }): Entry {
  const { key, value: column } = row as { readonly key: string; readonly value: Uint8Array };
  const value = decryptValue(column.subarray(PADDING.length), { stateKey, entryKey: key });
  if (value !== undefined) return { key, value };
  const message = `the entry ${key} of ${path} was written by another key, or has been changed`;
  throw new StoreError('other-key', message, 'the key file and the state folder of one node');
}
