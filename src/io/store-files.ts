/** The files of a node's store: nobody else may read them, nor put others in their place. */
import { closeSync, lstatSync, mkdirSync, openSync, renameSync, rmSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode, syncFolder } from './files.js';
import { StoreError, WANTED_UNDAMAGED } from './store-error.js';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** What SQLite keeps beside the database in WAL mode. */
const COMPANIONS = ['-wal', '-shm'];

/** Whether there is a store. Throws StoreError unless its files and folder are this user's alone. */
export function isStoreThere(path: string): boolean {
  const folder = statsOf(dirname(path));
  if (folder !== undefined) checkFolder(dirname(path), folder);
  const companions = COMPANIONS.filter((end) => checkPrivate(`${path}${end}`) > 0);
  const bytes = checkPrivate(path);
  if (bytes > 0) return true;
  if (bytes === 0) throw new StoreError('damaged', `${path} is empty`, WANTED_UNDAMAGED);
  // SQLite would play an orphaned log back into a new database.
  if (companions.includes('-wal')) {
    throw new StoreError('damaged', `${path} is missing, but ${path}-wal is there`, WANTED_UNDAMAGED);
  }
  return false;
}

/**
 * Makes the store's file: `fill` makes it whole under another name first, so that a kill in between leaves none rather than
 * half of one. Only for whoever has the store's lock.
 */
export function createStoreFile(path: string, fill: (path: string) => void): void {
  const unfinished = `${path}.new`;
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${unfinished}${end}`, { force: true });
  createPrivateFile(unfinished);
  fill(unfinished);
  // What a reader left of an earlier database of this name belongs to no other.
  for (const end of COMPANIONS) rmSync(`${path}${end}`, { force: true });
  renameSync(unfinished, path);
  syncFolder(dirname(path));
}

/** An empty file in a private folder, unless there is one, which must be private. */
export function makePrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
  checkFolder(dirname(path), lstatSync(dirname(path)));
  if (checkPrivate(path) >= 0) return;
  try {
    createPrivateFile(path);
  } catch (error) {
    // Another process was faster: it is the same file then.
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'wx', FILE_MODE));
}

function checkFolder(path: string, stats: Stats): void {
  if (stats.isSymbolicLink()) return;
  if (!stats.isDirectory()) throw refusal(path, 'is not a folder', 'a folder');
  checkOwner(path, stats);
  if ((stats.mode & OTHERS_WRITE) !== 0) {
    throw refusal(path, `can be written to by others (mode ${modeOf(stats)})`, `chmod 700 ${path}`);
  }
}

/**
 * The size of the file; -1 if there is none. The file is not opened for this: to close it again would take away the locks
 * that SQLite has on it in this process.
 */
function checkPrivate(path: string): number {
  const stats = statsOf(path);
  if (stats === undefined) return -1;
  if (stats.isSymbolicLink()) throw refusal(path, 'is a symbolic link', 'the file itself');
  if (!stats.isFile()) throw refusal(path, 'is not a plain file', 'a file that privcount made');
  checkOwner(path, stats);
  if ((stats.mode & OTHERS) !== 0) {
    throw refusal(path, `can be used by others (mode ${modeOf(stats)})`, `chmod 600 ${path}`);
  }
  return stats.size;
}

function checkOwner(path: string, { uid }: Stats): void {
  const user = process.geteuid?.();
  if (user === undefined || uid === user) return;
  throw refusal(
    path,
    `belongs to user ${uid}`,
    `the user that runs this node, and this command as that user`,
  );
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}

function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function refusal(path: string, problem: string, wanted: string): StoreError {
  return new StoreError('not-private', `${path} ${problem}`, wanted);
}
