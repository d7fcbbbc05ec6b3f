/** The cookie of the control port that `inject` plays: a file that only its owner can read, as tor writes it. */
import { lstatSync, rmSync } from 'node:fs';
import { COOKIE_BYTES } from '../tor/control/safe-cookie.js';
import { writeDurably } from './files.js';

const PRIVATE_MODE = 0o600;

/** Throws an Error that names the path if something is there that is no older cookie of the same user. */
export function writeCookieFile(path: string, cookie: Uint8Array): void {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status !== undefined) {
    const isOurs = status.isFile() && status.size === COOKIE_BYTES && status.uid === process.getuid?.();
    if (!isOurs) throw new Error(`${path} is there already, and is no cookie file that this user wrote`);
    rmSync(path);
  }
  try {
    writeDurably(path, cookie, PRIVATE_MODE);
  } catch (error) {
    throw new Error(`can't write ${path}: ${error instanceof Error ? error.message : 'unknown'}`, {
      cause: error,
    });
  }
}
