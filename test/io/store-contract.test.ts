/** What roles/store-port.ts promises, of the database and of the store that other tests use in its place. */
import { expect } from 'chai';
import fc from 'fast-check';
import { join } from 'node:path';
import { openStore } from '../../src/io/sqlite-store.js';
import { type Change, type Store } from '../../src/roles/store-port.js';
import { MemoryStore } from '../support/memory-store.js';
import { withFolder } from './temporary-folder.js';

type Subject = { readonly store: Store; readonly restart: () => Store; readonly close: () => void };

const key = new Uint8Array(32).fill(7);

function inDatabase(folder: string): Subject {
  const path = join(folder, 'state.db');
  let store = openStore(path, { key });
  return {
    store,
    restart: () => {
      store.close();
      store = openStore(path, { key });
      return store;
    },
    close: () => store.close(),
  };
}

function inMemory(): Subject {
  const store = new MemoryStore();
  return { store, restart: () => new MemoryStore(store.image()), close: () => undefined };
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (entry: string, ...values: number[]): Change => ({ key: entry, value: bytes(...values) });
const remove = (entry: string): Change => ({ key: entry, value: undefined });

/** Few keys, so that they are written again; some are the beginnings of others, and some stand next to a beginning. */
const entryKey = fc.constantFrom(
  'a',
  'a/',
  'a/1',
  'a/10',
  'a/2',
  'a0',
  'A/1',
  '~',
  '~~',
  '!',
  'b'.repeat(200),
);
const content = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.integer({ min: 0, max: 20_000 }).map((length) => new Uint8Array(length).fill(length)),
);
const change = fc.record({ key: entryKey, value: fc.option(content, { nil: undefined, freq: 3 }) });
const writes = fc.array(fc.array(change, { maxLength: 5 }), { maxLength: 12 });

function expectSame(store: Store, model: ReadonlyMap<string, Uint8Array>): void {
  for (const prefix of ['', 'a', 'a/', 'a/1', 'A', '~', 'b', 'c', '!']) {
    const expected = [...model]
      .filter(([name]) => name.startsWith(prefix))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => ({ key: name, value }));
    expect(store.list(prefix), prefix).to.deep.equal(expected);
  }
  for (const name of ['a', 'a/', 'a/1', 'none']) expect(store.get(name)).to.deep.equal(model.get(name));
}

for (const [name, open] of [
  ['in a database', inDatabase],
  ['in memory', inMemory],
] as const) {
  const withStore = (task: (subject: Subject) => void): (() => void) =>
    withFolder((folder) => {
      const subject = open(folder);
      try {
        task(subject);
      } finally {
        subject.close();
      }
    });

  describe(`a store ${name}`, () => {
    it(
      'is empty at first',
      withStore(({ store }) => {
        expect(store.list('')).to.deep.equal([]);
        expect(store.get('a')).to.equal(undefined);
        store.write([remove('a')]);
        store.write([]);
        expect(store.list('')).to.deep.equal([]);
      }),
    );

    it(
      'gives what was put last, also after a restart',
      withStore(({ store, restart }) => {
        store.write([put('a', 1), put('b'), put('c', 3)]);
        store.write([put('a', 2, 2), remove('c')]);
        for (const reopen of [() => store, restart]) {
          const reader = reopen();
          expect(reader.get('a')).to.deep.equal(bytes(2, 2));
          expect(reader.get('b')).to.deep.equal(bytes());
          expect(reader.get('c')).to.equal(undefined);
        }
      }),
    );

    it(
      'makes the changes of a write in turn',
      withStore(({ store }) => {
        store.write([put('a', 1), put('a', 2), put('b', 1), remove('b'), remove('c'), put('c', 5)]);
        expect(store.list('')).to.deep.equal([put('a', 2), put('c', 5)]);
      }),
    );

    it(
      'makes all changes or none',
      withStore(({ store }) => {
        store.write([put('a', 1)]);
        expect(() => store.write([put('b', 1), remove('a'), put('not a key', 1)])).to.throw(RangeError);
        expect(store.list('')).to.deep.equal([put('a', 1)]);
      }),
    );

    it(
      'keeps its own copy of what it is given, and gives copies',
      withStore(({ store }) => {
        const value = bytes(1, 2, 3);
        store.write([{ key: 'a', value }]);
        value.fill(0);
        store.get('a')!.fill(0);
        store.list('')[0]!.value.fill(0);
        expect(store.get('a')).to.deep.equal(bytes(1, 2, 3));
      }),
    );

    it(
      'takes keys of 1 to 200 printable ASCII characters, and no other',
      withStore(({ store }) => {
        for (const good of ['!', '~', "a'b", 'a"b', '%_', 'x'.repeat(200)]) {
          store.write([put(good, 1)]);
          expect(store.get(good)).to.deep.equal(bytes(1));
          expect(store.list(good)).to.have.length(1);
        }
        for (const wrong of ['', ' ', 'a b', 'a\0', 'a\n', '\x7f', 'é', '\ud800', 'x'.repeat(201)]) {
          expect(() => store.write([put(wrong, 1)]), wrong).to.throw(RangeError, 'printable ASCII');
          expect(() => store.get(wrong), wrong).to.throw(RangeError, 'printable ASCII');
        }
      }),
    );

    it('does what a map does, whatever is written', () => {
      fc.assert(
        fc.property(writes, (batches) => {
          withStore(({ store, restart }) => {
            const model = new Map<string, Uint8Array>();
            for (const batch of batches) {
              store.write(batch);
              for (const { key: entry, value } of batch) {
                if (value === undefined) model.delete(entry);
                else model.set(entry, value);
              }
            }
            expectSame(store, model);
            expectSame(restart(), model);
          })();
        }),
        { numRuns: 15 },
      );
    });
  });
}

describe('a store in memory', () => {
  it('fails before or after the write that a test chooses', () => {
    const kill = (at: number) => (count: number) => {
      if (count === at) throw new Error('killed');
    };
    const before = new MemoryStore(undefined, { beforeWrite: kill(2) });
    before.write([put('a', 1)]);
    expect(() => before.write([put('a', 2)])).to.throw('killed');
    expect(before.get('a')).to.deep.equal(bytes(1));
    const after = new MemoryStore(before.image(), { afterWrite: kill(1) });
    expect(() => after.write([put('a', 2)])).to.throw('killed');
    expect(after.get('a')).to.deep.equal(bytes(2));
    expect([before.writes, after.writes]).to.deep.equal([2, 1]);
  });

  it('gives an image that later writes do not change', () => {
    const store = new MemoryStore();
    store.write([put('a', 1)]);
    const image = store.image();
    store.write([put('a', 2), put('b', 1)]);
    expect(new MemoryStore(image).list('')).to.deep.equal([put('a', 1)]);
    expect(new MemoryStore(image).image()).to.deep.equal(image);
  });
});
