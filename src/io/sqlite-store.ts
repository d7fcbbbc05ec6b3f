/**
 * A node's store (roles/store-port.ts) as a database of SQLite. A write is on the disk when it returns: WAL with
 * synchronous=FULL. What it deletes or replaces is gone from all of the store's files by then: secure_delete zeroes what is
 * freed, store-rows.ts keeps values where that holds, and a checkpoint empties the log, which has older pages. (The blocks that a
 * file system or a disk keeps of a shortened file are beyond any program.)
 */
import { randomBytes } from 'node:crypto';
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { STATE_SALT_BYTES } from '../crypto/state-values.js';
import { checkStoreKey, type Change, type Entry, type Store, type StoreReader } from '../roles/store-port.js';
import { isDiskFailure, reporting } from './store-error.js';
import { createStoreFile, isStoreThere } from './store-files.js';
import { lockStore } from './store-lock.js';
import { readerOf } from './store-reader.js';
import { toColumn } from './store-rows.js';
import { checkSchema, makeSchema } from './store-schema.js';

type StoreOptions = {
  /** As crypto/state-key.ts makes it. The caller may wipe it afterwards. */
  readonly key: Uint8Array;
};

/** A reader is done within milliseconds. One that is not, a stopped process, must not stop the node as well. */
const BUSY_MS = 1000;

const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA secure_delete = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA cell_size_check = ON;
`;

/** Opens the node's store, or makes it. Throws StoreError. One process at a time; `openStoreReadOnly` may be used beside it. */
export function openStore(path: string, { key }: StoreOptions): Store & { close(): void } {
  const unlock = lockStore(path);
  try {
    return reporting(`open ${path}`, () => {
      if (!isStoreThere(path)) createStoreFile(path, makeSchema);
      return new SqliteStore(path, key, unlock);
    });
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Opens the store of a node, which may be running. Undefined if there is none yet. Throws StoreError. */
export function openStoreReadOnly(
  path: string,
  { key }: StoreOptions,
): (StoreReader & { close(): void }) | undefined {
  return reporting(`open ${path}`, () => {
    if (!isStoreThere(path)) return undefined;
    const { database, stateKey, reader } = openDatabase(path, key, true);
    const close = (): void => {
      stateKey.fill(0);
      database.close();
    };
    return { ...reader, close };
  });
}

class SqliteStore implements Store {
  readonly #path: string;
  readonly #stateKey: Uint8Array;
  readonly #database: DatabaseSyncInstance;
  readonly #reader: StoreReader;
  readonly #unlock: () => void;
  readonly #has: StatementSyncInstance;
  readonly #put: StatementSyncInstance;
  readonly #delete: StatementSyncInstance;
  readonly #checkpoint: StatementSyncInstance;
  /** The files may still hold what was deleted or replaced: at first too, for a kill may have come before it was overwritten. */
  #isWipeDue = true;
  /** Once the disk failed, what it has is known to a store opened anew only. */
  #failure: Error | undefined;

  constructor(path: string, key: Uint8Array, unlock: () => void) {
    const { database, stateKey, reader } = openDatabase(path, key, false);
    this.#path = path;
    this.#stateKey = stateKey;
    this.#database = database;
    this.#reader = reader;
    this.#unlock = unlock;
    this.#has = database.prepare('SELECT 1 FROM entries WHERE key = ?');
    this.#put = database.prepare(
      'INSERT INTO entries VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#delete = database.prepare('DELETE FROM entries WHERE key = ?');
    this.#checkpoint = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#wipe();
  }

  get(key: string): Uint8Array | undefined {
    return this.#reader.get(key);
  }

  list(prefix: string): readonly Entry[] {
    return this.#reader.list(prefix);
  }

  write(changes: readonly Change[]): void {
    for (const { key } of changes) checkStoreKey(key);
    if (changes.length === 0) return;
    reporting(`write ${this.#path}`, () => {
      if (this.#failure !== undefined) throw this.#failure;
      this.#commit(changes);
      this.#wipeIfDue();
    });
  }

  /** Leaves all in one file. Throws StoreError if that fails, or what was deleted could not be overwritten. */
  close(): void {
    try {
      reporting(`close ${this.#path}`, () => {
        if (this.#failure === undefined) this.#wipe();
      });
    } finally {
      this.#stateKey.fill(0);
      this.#database.close();
      this.#unlock();
    }
  }

  #commit(changes: readonly Change[]): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const change of changes) this.#apply(change);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollBack(error);
      throw error;
    }
  }

  #apply({ key, value }: Change): void {
    if (this.#has.get(key) !== undefined) this.#isWipeDue = true;
    if (value === undefined) {
      this.#delete.run(key);
      return;
    }
    const salt = randomBytes(STATE_SALT_BYTES);
    this.#put.run(key, toColumn({ key, value }, { stateKey: this.#stateKey, salt }));
  }

  #rollBack(reason: unknown): void {
    // Part of it may have come into the log.
    this.#isWipeDue = true;
    if (isDiskFailure(reason)) this.#failure = reason;
    // SQLite may have rolled back by itself.
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  /**
   * The changes are on the disk and stand, so that what was deleted could not be overwritten is no reason to throw: it is tried
   * again with the next write, and when the store is closed or opened.
   */
  #wipeIfDue(): void {
    if (!this.#isWipeDue) return;
    try {
      this.#wipe();
    } catch (error) {
      if (isDiskFailure(error)) this.#failure = error;
    }
  }

  /** Writes the log's pages into the database and cuts the log to nothing. While somebody reads it is put off. */
  #wipe(): void {
    const row: unknown = this.#checkpoint.get();
    const { busy } = row as { readonly busy: number };
    this.#isWipeDue = busy !== 0;
  }
}

function openDatabase(
  path: string,
  key: Uint8Array,
  readOnly: boolean,
): { database: DatabaseSyncInstance; stateKey: Uint8Array; reader: StoreReader } {
  const database = new DatabaseSync(path, { readOnly, timeout: BUSY_MS, defensive: true });
  const stateKey = key.slice();
  try {
    checkSchema(path, database);
    if (!readOnly) database.exec(SETTINGS);
    return { database, stateKey, reader: readerOf(database, { path, stateKey }) };
  } catch (error) {
    database.close();
    throw error;
  }
}
