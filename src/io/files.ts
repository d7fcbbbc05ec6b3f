/** Files as the roles see them (roles/ports.ts). What a node must not forget is written whole or not at all. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Files } from '../roles/ports.js';

const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;

export const files: Files = {
  read(path) {
    try {
      return readFileSync(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw failure('read', path, error);
    }
  },

  writeWhole(path, bytes, { isPublic = false } = {}) {
    const folder = dirname(path);
    const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
    try {
      writeDurably(temporary, bytes, isPublic ? PUBLIC_MODE : PRIVATE_MODE);
      renameSync(temporary, path);
      syncFolder(folder);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw failure('write', path, error);
    }
  },
};

/** A new file, on the disk when this returns. O_EXCL: a link put in its place is not followed. */
export function writeDurably(path: string, bytes: Uint8Array, mode: number): void {
  const descriptor = openSync(path, 'wx', mode);
  try {
    writeFileSync(descriptor, bytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The new name is on the disk only once its folder is. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function failure(what: string, path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`can't ${what} ${path}: ${reason}`, { cause });
}
