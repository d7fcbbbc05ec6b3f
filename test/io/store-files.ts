/** The bytes of a store's files, and whether anything of a value is still among them. */
import { DatabaseSync } from '@photostructure/sqlite';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Everything in the folder. It takes this process's locks from files that are open: only for tests with one process. */
export function bytesIn(folder: string): Buffer {
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
}

/** The values as they lie in the file, by their keys: padding, salt, authenticator, ciphertext. */
export function columnsOf(path: string): Map<string, Buffer> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const rows: unknown = database.prepare('SELECT key, value FROM entries').all();
    return new Map(
      (rows as readonly { key: string; value: Uint8Array }[]).map(({ key, value }) => [
        key,
        Buffer.from(value),
      ]),
    );
  } finally {
    database.close();
  }
}

const WINDOW = 8;
/** The zeros before each value, and its salt, which is random and tells nothing by itself but is looked for all the same. */
const PADDING_BYTES = 1024;

/** How many of the values have left eight bytes or more of theirs, at one of every eight places, in these bytes. */
export function remainsIn(bytes: Buffer, columns: readonly Buffer[]): number {
  const windows = new Set<bigint>();
  for (let at = 0; at + WINDOW <= bytes.length; at += 1) windows.add(bytes.readBigUInt64LE(at));
  return columns.filter((column) => {
    for (let at = PADDING_BYTES; at + WINDOW <= column.length; at += WINDOW) {
      if (windows.has(column.readBigUInt64LE(at))) return true;
    }
    return false;
  }).length;
}
