import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore, openStoreReadOnly } from '../../src/io/sqlite-store.js';
import { StoreError } from '../../src/io/store-error.js';
import { entriesAfter, KILL_TEST_KEY } from '../support/store-batches.js';
import { withFolderAsync } from '../io/temporary-folder.js';

const KILLS = 50;
/** Longer than a write with its checkpoint takes, so that every part of one is hit. */
const LIFE_MS_MAX = 60;
const writer = fileURLToPath(new URL('../support/store-writer.js', import.meta.url));

/** Starts the writer and kills it some time after it has told of its first write. Gives the last write that it told of. */
async function lastToldBeforeKill(path: string, lifeMs: number): Promise<number> {
  const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (told === '') setTimeout(() => child.kill('SIGKILL'), lifeMs);
    told += text;
  });
  const signal = await new Promise((resolve) => {
    child.once('close', (_, by) => resolve(by));
  });
  expect(signal).to.equal('SIGKILL');
  return Number(told.split('\n').at(-2));
}

describe('a store whose process is killed', function () {
  this.timeout(400_000);

  it(
    `${KILLS} times opens again each time with every write that returned, and at most one more, whole`,
    withFolderAsync(async (folder) => {
      const path = join(folder, 'state.db');
      for (let kill = 0; kill < KILLS; kill += 1) {
        const told = await lastToldBeforeKill(path, (kill * 37) % LIFE_MS_MAX);
        const store = openStore(path, { key: KILL_TEST_KEY });
        const entries = store.list('');
        store.close();
        const writes = entries.filter(({ key }) => key.startsWith('journal/')).length;
        expect(writes).to.be.within(told, told + 1);
        expect(entries).to.deep.equal(entriesAfter(writes));
      }
    }),
  );

  it(
    'is refused to this process while the other lives, can be read, and is free at once when it is killed',
    withFolderAsync(async (folder) => {
      const path = join(folder, 'state.db');
      const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      expect(() => openStore(path, { key: KILL_TEST_KEY }))
        .to.throw(StoreError, `another privcount uses ${path}`)
        .with.property('fault', 'in-use');
      const reader = openStoreReadOnly(path, { key: KILL_TEST_KEY })!;
      const entries = reader.list('');
      expect(entries).to.deep.equal(entriesAfter(entries.length - 2));
      reader.close();
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      const late = openStoreReadOnly(path, { key: KILL_TEST_KEY })!;
      const found = late.list('');
      late.close();
      const store = openStore(path, { key: KILL_TEST_KEY });
      expect(store.list('')).to.deep.equal(found);
      expect(found).to.deep.equal(entriesAfter(found.length - 2));
      store.close();
    }),
  );
});
