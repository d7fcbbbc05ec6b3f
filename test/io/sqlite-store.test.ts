import { DatabaseSync } from '@photostructure/sqlite';
import { expect } from 'chai';
import { copyFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, openStoreReadOnly } from '../../src/io/sqlite-store.js';
import { StoreError } from '../../src/io/store-error.js';
import { type Change } from '../../src/roles/store-port.js';
import { bytesIn, columnsOf, remainsIn } from './store-files.js';
import { withFolder } from './temporary-folder.js';

const key = new Uint8Array(32).fill(7);

function bytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 17 + (at >>> 8)) & 0xff);
}

const put = (entry: string, length: number, seed = length): Change => ({
  key: entry,
  value: bytes(length, seed),
});

describe("the files of a node's store", () => {
  it(
    'are for their owner alone, in a folder that is made so',
    withFolder((folder) => {
      const path = join(folder, 'deep', 'state', 'state.db');
      const store = openStore(path, { key });
      store.write([put('a', 100)]);
      const state = join(folder, 'deep', 'state');
      expect(statSync(state).mode & 0o777).to.equal(0o700);
      expect(readdirSync(state).sort()).to.deep.equal([
        'state.db',
        'state.db-shm',
        'state.db-wal',
        'state.db.lock',
      ]);
      for (const name of readdirSync(state)) {
        expect(statSync(join(state, name)).mode & 0o777, name).to.equal(0o600);
      }
      store.close();
      // The package finalizes statements when they are collected as garbage, and SQLite removes these files only then.
      expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).to.equal(0);
    }),
  );

  it(
    'have no value that can be read, and the keys of entries',
    withFolder((folder) => {
      const store = openStore(join(folder, 'state.db'), { key });
      const secret = Buffer.from('the seed of a mask, and nobody else may know it');
      store.write([{ key: 'round/1/seed', value: secret }]);
      for (const task of [() => undefined, () => store.close()]) {
        task();
        const raw = bytesIn(folder);
        expect(raw.includes('round/1/seed')).to.equal(true);
        expect(raw.includes('the seed')).to.equal(false);
        expect(raw.includes('nobody else')).to.equal(false);
      }
    }),
  );
});

describe('what a store deletes or replaces', () => {
  for (const length of [0, 16, 500, 3000, 4000, 50_000]) {
    it(
      `leaves nothing in any file when the write returns, with values of ${length} bytes`,
      withFolder((folder) => {
        const path = join(folder, 'state.db');
        const store = openStore(path, { key });
        store.write([put('kept', 700), put('a', length), put('b', length)]);
        const before = columnsOf(path);
        const a = before.get('a')!;
        expect(remainsIn(bytesIn(folder), [...before.values()])).to.equal(3);
        store.write([put('a', length, 1)]);
        expect(remainsIn(bytesIn(folder), [a])).to.equal(0);
        const newer = columnsOf(path).get('a')!;
        store.write([{ key: 'a', value: undefined }, put('c', 100)]);
        expect(remainsIn(bytesIn(folder), [a, newer])).to.equal(0);
        expect(remainsIn(bytesIn(folder), [before.get('kept')!, before.get('b')!])).to.equal(2);
        store.close();
        expect(remainsIn(bytesIn(folder), [a, newer])).to.equal(0);
      }),
    );
  }

  /** Secure deletion alone leaves some of these in pages whose cells SQLite moved elsewhere. */
  it(
    'leaves nothing after thousands of changes to a growing and shrinking tree',
    withFolder((folder) => {
      const path = join(folder, 'state.db');
      const store = openStore(path, { key });
      let live = new Map<string, Buffer>();
      const dead: Buffer[] = [];
      let state = 1;
      const random = (below: number): number => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
        return (state >>> 8) % below;
      };
      for (let round = 0; round < 8; round += 1) {
        const batch = Array.from({ length: 300 }, () => {
          const name = `round/${random(300)}${'/x'.repeat(random(3))}`;
          return random(5) < 3 - 2 * (round % 2) ? put(name, random(400)) : { key: name, value: undefined };
        });
        store.write(batch);
        for (const { key: name } of batch) {
          if (live.has(name)) dead.push(live.get(name)!);
          live.delete(name);
        }
        live = columnsOf(path);
        expect(remainsIn(bytesIn(folder), dead), `round ${round}`).to.equal(0);
      }
      expect(dead.length).to.be.greaterThan(400);
      expect(remainsIn(bytesIn(folder), [...live.values()])).to.equal(live.size);
      store.close();
    }),
  );

  it(
    'is overwritten with a later write if a reader was in the way, and the write itself stands',
    withFolder((folder) => {
      const path = join(folder, 'state.db');
      const store = openStore(path, { key });
      store.write([put('a', 300)]);
      const column = columnsOf(path).get('a')!;
      const reader = new DatabaseSync(path, { readOnly: true });
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM entries').get();
      store.write([put('a', 300, 1)]);
      expect(store.get('a')).to.deep.equal(bytes(300, 1));
      expect(remainsIn(bytesIn(folder), [column])).to.equal(1);
      reader.exec('COMMIT');
      reader.close();
      store.write([put('b', 10)]);
      expect(remainsIn(bytesIn(folder), [column])).to.equal(0);
      store.close();
    }),
  );

  it(
    'is overwritten when the store is opened, if the node was killed before it could be',
    withFolder((folder) => {
      const path = join(folder, 'state.db');
      const store = openStore(path, { key });
      store.write([put('a', 300)]);
      const column = columnsOf(path).get('a')!;
      const reader = new DatabaseSync(path, { readOnly: true });
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM entries').get();
      store.write([{ key: 'a', value: undefined }, put('b', 5)]);
      withFolder((other) => {
        for (const name of ['state.db', 'state.db-wal']) copyFileSync(join(folder, name), join(other, name));
        expect(remainsIn(bytesIn(other), [column])).to.equal(1);
        const again = openStore(join(other, 'state.db'), { key });
        expect(again.list('').map((entry) => entry.key)).to.deep.equal(['b']);
        expect(remainsIn(bytesIn(other), [column])).to.equal(0);
        again.close();
      })();
      reader.close();
      store.close();
    }),
  );
});

describe('a store that is open', () => {
  it(
    'is refused to a second writer until it is closed',
    withFolder((folder) => {
      const path = join(folder, 'state.db');
      const store = openStore(path, { key });
      expect(() => openStore(path, { key }))
        .to.throw(StoreError, `another privcount uses ${path}`)
        .with.property('fault', 'in-use');
      store.write([put('a', 1)]);
      store.close();
      const again = openStore(path, { key });
      expect(again.get('a')).to.deep.equal(bytes(1, 1));
      again.close();
    }),
  );

  it(
    'can be read beside its writer, and shows each write once it is done',
    withFolder((folder) => {
      const path = join(folder, 'state.db');
      expect(openStoreReadOnly(path, { key })).to.equal(undefined);
      expect(readdirSync(folder)).to.deep.equal([]);
      const store = openStore(path, { key });
      const reader = openStoreReadOnly(path, { key })!;
      expect(reader.list('')).to.deep.equal([]);
      store.write([put('a', 10), put('b', 20)]);
      expect(reader.get('a')).to.deep.equal(bytes(10, 10));
      store.write([{ key: 'a', value: undefined }]);
      expect(reader.list('').map((entry) => entry.key)).to.deep.equal(['b']);
      store.close();
      expect(reader.get('b')).to.deep.equal(bytes(20, 20));
      reader.close();
      const late = openStoreReadOnly(path, { key })!;
      expect(late.get('b')).to.deep.equal(bytes(20, 20));
      late.close();
    }),
  );

  it(
    'wipes its own copy of the key only',
    withFolder((folder) => {
      const path = join(folder, 'state.db');
      const given = key.slice();
      const store = openStore(path, { key: given });
      store.write([put('a', 10)]);
      store.close();
      expect(given).to.deep.equal(key);
      const again = openStore(path, { key: given });
      given.fill(0);
      expect(again.get('a')).to.deep.equal(bytes(10, 10));
      again.close();
    }),
  );
});
