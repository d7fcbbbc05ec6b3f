/**
 * Files of ../shared/data, which are for tests and benches and not part of the project. Tests that need them are
 * skipped by name where the folder is missing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const sharedFolder = resolve(process.env['PRIVCOUNT_SHARED_DATA'] ?? '../shared/data');

function hasSharedData(): boolean {
  return existsSync(sharedFolder);
}

/** Like `describe`; the whole suite is pending, and says why, where the folder is missing. */
export function describeWithSharedData(title: string, suite: () => void): void {
  if (hasSharedData()) describe(title, suite);
  else describe(`${title} (skipped: no ../shared/data)`, () => it('needs ../shared/data'));
}

export function sharedPath(path: string): string {
  return join(sharedFolder, path);
}

/** The file's bytes, unpacked if its name ends in .gz. */
export function readShared(path: string): Buffer {
  const bytes = readFileSync(sharedPath(path));
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}
