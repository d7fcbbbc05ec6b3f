/** A folder for one test, removed afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function withFolder(task: (folder: string) => void): () => void {
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'privcount-test-'));
    try {
      task(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

export function withFolderAsync(task: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'privcount-test-'));
    try {
      await task(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
