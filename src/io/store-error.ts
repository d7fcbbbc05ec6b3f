/**
 * What can go wrong with a node's store. All of it is for the operator to mend, so each message is a sentence that names the
 * file; none shows a value.
 */

/**
 * in-use: another process has the store; or a reader of it does not end.
 * not-private: others can use its files, or it is no plain file.
 * foreign: it is something else than a store.
 * version: another version of privcount wrote it.
 * damaged: it is not whole.
 * other-key: it was written under the key of another node.
 * machine: the disk is full, or reading or writing failed.
 */
export type StoreFault =
  'in-use' | 'not-private' | 'foreign' | 'version' | 'damaged' | 'other-key' | 'machine';

export class StoreError extends Error {
  readonly fault: StoreFault;
  /** What would be right. */
  readonly wanted: string;

  constructor(fault: StoreFault, message: string, wanted: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.fault = fault;
    this.wanted = wanted;
  }
}

export const SQLITE_BUSY = 5;
const SQLITE_IOERR = 10;

type ResultCode = { readonly code: number; readonly text: string; readonly fault: StoreFault };

/** What SQLite's primary result codes mean for a store (sqlite.org/rescode.html), with its own texts for them. */
const RESULT_CODES: readonly ResultCode[] = [
  { code: SQLITE_BUSY, text: 'database is locked', fault: 'in-use' },
  { code: 8, text: 'attempt to write a readonly database', fault: 'machine' },
  { code: SQLITE_IOERR, text: 'disk I/O error', fault: 'machine' },
  { code: 11, text: 'database disk image is malformed', fault: 'damaged' },
  { code: 13, text: 'database or disk is full', fault: 'machine' },
  { code: 14, text: 'unable to open database file', fault: 'machine' },
  { code: 26, text: 'file is not a database', fault: 'damaged' },
];
/** The low byte of an extended result code is the primary one. */
const PRIMARY_CODE = 0xff;

export const WANTED_UNDAMAGED =
  'the file as it was, together with its -wal file (do not restore an old copy: it would forget rounds)';

const WANTED: Readonly<Partial<Record<StoreFault, string>>> = {
  'in-use': 'one privcount for each state folder',
  damaged: WANTED_UNDAMAGED,
  machine: 'a disk with space that this user can write to',
};

/** Does something with a store. Errors of SQLite and of the file system become StoreErrors; others are ours and stay as they are. */
export function reporting<Result>(doing: string, task: () => Result): Result {
  try {
    return task();
  } catch (error) {
    throw toStoreError(doing, error);
  }
}

export function toStoreError(doing: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const fault = faultOf(error);
  if (fault === undefined) return error;
  return new StoreError(fault, `can't ${doing}: ${error.message}`, WANTED[fault] ?? '', { cause: error });
}

function faultOf(error: Error): StoreFault | undefined {
  if ('syscall' in error) return 'machine';
  const code = sqliteCode(error);
  return RESULT_CODES.find((known) => known.code === code)?.fault;
}

/**
 * SQLite's primary result code; undefined if the error is not SQLite's, or its code none of the above. The package gives the
 * number with most errors; with those that `all` throws it gives the text alone.
 */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & PRIMARY_CODE;
  return RESULT_CODES.find(({ text }) => text === error.message)?.code;
}

/** Reading, writing or syncing itself failed: what is on the disk is not known any more. A full disk is known to be full. */
export function isDiskFailure(error: unknown): error is Error {
  return sqliteCode(error) === SQLITE_IOERR;
}
