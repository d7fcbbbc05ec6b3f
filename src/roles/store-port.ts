/**
 * What a node keeps on its disk. One store a node; io/ makes it a database. Values are texts and bytes under keys; what they
 * mean is said where they are written (round-journal.ts, privacy-memory.ts, keeper.ts, collector.ts).
 */
export type Entry = { readonly key: string; readonly value: Uint8Array };

/** Put, or delete where there is no value. */
export type Change = { readonly key: string; readonly value: Uint8Array | undefined };

/** Nothing but reading. */
export type StoreReader = {
  get(key: string): Uint8Array | undefined;
  /** The entries whose keys begin with `prefix`, in the order of their keys' code units. */
  list(prefix: string): readonly Entry[];
};

export type Store = StoreReader & {
  /**
   * All of the changes, in turn, or, if it throws, none; on the disk when it returns. What is deleted or replaced is
   * overwritten: the store's files hold nothing of it afterwards. Throws RangeError if checkStoreKey does.
   */
  write(changes: readonly Change[]): void;
};

/**
 * Keys are names in printable ASCII, in which the orders of code units, code points and bytes are one. They are not secret:
 * only values are encrypted, and overwritten when they are deleted.
 */
const STORE_KEY = /^[!-~]{1,200}$/;

export function checkStoreKey(key: string): void {
  if (!STORE_KEY.test(key)) throw new RangeError('a key of a store has 1 to 200 printable ASCII characters');
}
