/** Reading a store, whether or not it may be written to. */
import { type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { checkStoreKey, type Entry, type StoreReader } from '../roles/store-port.js';
import { reporting } from './store-error.js';
import { toEntry } from './store-rows.js';

/** The first character after those that keys are made of. */
const AFTER_ALL = '\x7f';

/** Throws StoreError if the first entry was written under another key: that tells whose store it is. */
export function readerOf(
  database: DatabaseSyncInstance,
  place: { readonly path: string; readonly stateKey: Uint8Array },
): StoreReader {
  const doing = `read ${place.path}`;
  const one: StatementSyncInstance = database.prepare('SELECT key, value FROM entries WHERE key = ?');
  const some = database.prepare('SELECT key, value FROM entries WHERE key >= ? AND key < ? ORDER BY key');
  const first: unknown = database.prepare('SELECT key, value FROM entries ORDER BY key LIMIT 1').get();
  if (first !== undefined) toEntry(first, place);
  return {
    get: (key) => {
      checkStoreKey(key);
      return reporting(doing, () => {
        const row: unknown = one.get(key);
        return row === undefined ? undefined : toEntry(row, place).value;
      });
    },
    list: (prefix): readonly Entry[] => {
      if (prefix !== '') checkStoreKey(prefix);
      return reporting(doing, () =>
        some.all(prefix, `${prefix}${AFTER_ALL}`).map((row) => toEntry(row, place)),
      );
    },
  };
}
