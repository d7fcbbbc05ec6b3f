/** How many writes a second a node's store takes, each on the disk when it returns, so these are figures of the disk too. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/io/sqlite-store.js';
import { type Change } from '../../src/roles/store-port.js';
import { type BenchRow } from './bench-row.js';

const SIZES = [
  { label: '1 KB', bytes: 1000, writes: 200 },
  { label: '200 KB', bytes: 200_000, writes: 40 },
] as const;

/** In the folder of temporary files: what is measured should be a disk, not memory. */
function writesPerSecond(writes: number, changeOf: (at: number) => Change[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'privcount-bench-'));
  const store = openStore(join(folder, 'state.db'), { key: new Uint8Array(32) });
  try {
    const start = performance.now();
    for (let at = 0; at < writes; at += 1) store.write(changeOf(at));
    return (1000 * writes) / (performance.now() - start);
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export function benchStore(): BenchRow[] {
  return SIZES.flatMap(({ label, bytes, writes }) => {
    const value = new Uint8Array(bytes).fill(1);
    const row = (what: string, changeOf: (at: number) => Change[]): BenchRow => ({
      name: `${what} ${label}`,
      unit: 'writes/s',
      value: writesPerSecond(writes, changeOf),
    });
    return [
      row('insert', (at) => [{ key: `journal/${at}`, value }]),
      row('replace and overwrite', () => [{ key: 'checkpoint', value }]),
    ];
  });
}
