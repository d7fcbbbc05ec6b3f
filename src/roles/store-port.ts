/**
 * What a node keeps on its disk. One store a node; io/ makes it a database. Values are texts and bytes under keys; what they
 * mean is said where they are written (round-journal.ts, privacy-memory.ts, keeper.ts, collector.ts).
 */
export type Entry = { readonly key: string; readonly value: Uint8Array };

/** Put, or delete where there is no value. */
export type Change = { readonly key: string; readonly value: Uint8Array | undefined };

export type Store = {
  get(key: string): Uint8Array | undefined;
  /** The entries whose keys begin with `prefix`, in the order of their keys' code units. */
  list(prefix: string): readonly Entry[];
  /**
   * All of the changes or, if it throws, none; on the disk when it returns. What is deleted or replaced is overwritten: the
   * store's files hold nothing of it afterwards.
   */
  write(changes: readonly Change[]): void;
};
