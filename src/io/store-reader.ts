/** Reading a store, whether or not it may be written to. */
import { type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { checkStoreKey, type Entry, type StoreReader } from '../roles/store-port.js';
import { reporting } from './store-error.js';
import { toEntry } from './store-rows.js';

/** The first character after those that keys are made of. */
const AFTER_ALL = '\x7f';

/**
 * Throws StoreError if any entry was written under another key or has changed since: SQLite has no checksums, the values'
 * authenticators are, and a fault is better told before a round than in it. A store has some megabytes at most.
 */
export function readerOf(
  database: DatabaseSyncInstance,
  place: { readonly path: string; readonly stateKey: Uint8Array },
): StoreReader {
  const doing = `read ${place.path}`;
  const one: StatementSyncInstance = database.prepare('SELECT key, value FROM entries WHERE key = ?');
  const some = database.prepare('SELECT key, value FROM entries WHERE key >= ? AND key < ? ORDER BY key');
  const list = (prefix: string): readonly Entry[] =>
    some.all(prefix, `${prefix}${AFTER_ALL}`).map((row) => toEntry(row, place));
  list('');
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
      return reporting(doing, () => list(prefix));
    },
  };
}
