/** A node's memory of its rounds (roles/privacy-memory.ts), in `rounds.json` of its state folder. */
import { join } from 'node:path';
import { type Files } from '../roles/ports.js';
import { type MemoryFile } from '../roles/privacy-memory.js';

export function memoryPath(stateFolder: string): string {
  return join(stateFolder, 'rounds.json');
}

export function memoryFile(files: Files, stateFolder: string): MemoryFile {
  const path = memoryPath(stateFolder);
  return {
    read: () => {
      const bytes = files.read(path);
      return bytes && new TextDecoder().decode(bytes);
    },
    write: (text) => files.writeWhole(path, new TextEncoder().encode(text)),
  };
}
