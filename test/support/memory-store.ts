/** A store without a disk, for tests: it can be made to fail before or after any write, and started again from a copy. */
import { checkStoreKey, type Change, type Entry, type Store } from '../../src/roles/store-port.js';

type Image = ReadonlyMap<string, Uint8Array>;

/** Called around each write with its number, counted from 1. What it throws is what the writer sees. */
export type WriteHooks = {
  readonly beforeWrite?: (count: number, changes: readonly Change[]) => void;
  readonly afterWrite?: (count: number, changes: readonly Change[]) => void;
};

export class MemoryStore implements Store {
  #entries: Map<string, Uint8Array>;
  readonly #hooks: WriteHooks;
  #writes = 0;

  /** A store that holds what another's `image` held. */
  constructor(image: Image = new Map(), hooks: WriteHooks = {}) {
    this.#entries = copyOf(image);
    this.#hooks = hooks;
  }

  /** How many writes were begun. */
  get writes(): number {
    return this.#writes;
  }

  get(key: string): Uint8Array | undefined {
    checkStoreKey(key);
    return this.#entries.get(key)?.slice();
  }

  list(prefix: string): readonly Entry[] {
    const keys = [...this.#entries.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.map((key) => ({ key, value: this.#entries.get(key)!.slice() }));
  }

  write(changes: readonly Change[]): void {
    for (const { key } of changes) checkStoreKey(key);
    this.#writes += 1;
    const count = this.#writes;
    this.#hooks.beforeWrite?.(count, changes);
    for (const { key, value } of changes) {
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, value.slice());
    }
    this.#hooks.afterWrite?.(count, changes);
  }

  /** What would be on the disk if the node were killed now: a deep copy. */
  image(): Image {
    return copyOf(this.#entries);
  }
}

function copyOf(image: Image): Map<string, Uint8Array> {
  return new Map([...image].map(([key, value]) => [key, value.slice()]));
}
