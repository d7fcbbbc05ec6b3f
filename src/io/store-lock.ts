/**
 * One process for each store: a file beside it, on which a transaction of SQLite's stays open as long as the process lives.
 * The system ends it with the process, however that ends. The store itself stays open to readers (`privcount ledger`).
 */
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { sqliteCode, SQLITE_BUSY, StoreError, toStoreError } from './store-error.js';
import { makePrivateFile } from './store-files.js';

/** Two processes that ask at the same moment hinder each other once; whoever has the lock keeps it far longer. */
const WAIT_MS = 250;

/** Throws StoreError `in-use` if another process has the lock. The lock lasts until what this returns is called. */
export function lockStore(path: string): () => void {
  const lockPath = `${path}.lock`;
  let lock: DatabaseSyncInstance | undefined;
  try {
    makePrivateFile(lockPath);
    lock = new DatabaseSync(lockPath, { timeout: WAIT_MS });
    // Nothing is ever written to it, so it needs no journal file.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    const held = lock;
    return () => held.close();
  } catch (error) {
    lock?.close();
    if (sqliteCode(error) !== SQLITE_BUSY) throw toStoreError(`lock ${lockPath}`, error);
    const wanted = 'one privcount for each state folder: stop the other, or give this one another folder';
    throw new StoreError('in-use', `another privcount uses ${path}`, wanted, { cause: error });
  }
}
