/** A node's memory of its rounds (privacy-memory.ts), as an entry of its store. */
import { type MemoryFile } from './privacy-memory.js';
import { type Store, type StoreReader } from './store-port.js';

const KEY = 'memory';

export function storeMemory(store: Store): MemoryFile {
  return {
    read: () => memoryIn(store),
    write: (text) => store.write([{ key: KEY, value: new TextEncoder().encode(text) }]),
  };
}

/** As it is read while the node itself runs; undefined if it has taken part in no round yet. */
export function memoryIn(store: StoreReader): string | undefined {
  const value = store.get(KEY);
  return value && new TextDecoder().decode(value);
}
