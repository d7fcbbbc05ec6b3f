/** What a store's database looks like, and how a file is known to be one. */
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { StoreError, WANTED_UNDAMAGED } from './store-error.js';

/** "PVCT": what `file` and we know a store by. */
const APPLICATION_ID = 0x50564354;
const SCHEMA_VERSION = 1;
/** The size that store-rows.ts computes with. */
const PAGE_BYTES = 4096;

/** Fills an empty file. Without WAL until all is there, so that this one file is all of it. */
export function makeSchema(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA synchronous = FULL;
      BEGIN IMMEDIATE;
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${SCHEMA_VERSION};
      CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
      COMMIT;
      PRAGMA journal_mode = WAL;
    `);
  } finally {
    database.close();
  }
}

/** Throws StoreError unless the file is a store of this version, and whole as far as SQLite can tell. */
export function checkSchema(path: string, database: DatabaseSyncInstance): void {
  const isOurs = valueOf(database, 'application_id') === APPLICATION_ID;
  if (!isOurs) {
    throw new StoreError('foreign', `${path} is a database, but not a state of privcount`, WANTED_UNDAMAGED);
  }
  const version = valueOf(database, 'user_version');
  if (version !== SCHEMA_VERSION) {
    const message = `${path} has the format ${String(version)}, and this version of privcount reads ${SCHEMA_VERSION}`;
    throw new StoreError('version', message, 'the version of privcount that wrote it, or a newer one');
  }
  if (valueOf(database, 'quick_check(1)') !== 'ok' || valueOf(database, 'page_size') !== PAGE_BYTES) {
    throw new StoreError('damaged', `${path} is damaged`, WANTED_UNDAMAGED);
  }
}

function valueOf(database: DatabaseSyncInstance, pragma: string): unknown {
  const row: unknown = database.prepare(`PRAGMA ${pragma}`).get();
  return row === null || typeof row !== 'object' ? undefined : Object.values(row)[0];
}
