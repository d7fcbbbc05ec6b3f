/** What is wrong with a store's files is said in a sentence, and nothing is made anew in their place. */
import { DatabaseSync } from '@photostructure/sqlite';
import { expect } from 'chai';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openStore, openStoreReadOnly } from '../../src/io/sqlite-store.js';
import { StoreError, type StoreFault } from '../../src/io/store-error.js';
import { withFolder } from './temporary-folder.js';

const key = new Uint8Array(32).fill(7);
const otherKey = key.with(0, 8);

/** A store with values in the tree's pages and in overflow pages, closed. */
function storeIn(folder: string): string {
  const path = join(folder, 'state.db');
  const store = openStore(path, { key });
  const entries = Array.from({ length: 40 }, (_, at) => ({
    key: `round/${at}`,
    value: new Uint8Array(500 * at).fill(at),
  }));
  store.write(entries);
  store.close();
  // A file of its own again: the package finalizes statements when they are collected, and SQLite its files only then.
  const whole = join(folder, 'whole.db');
  copyFileSync(path, whole);
  for (const name of readdirSync(folder)) if (name !== 'whole.db') rmSync(join(folder, name));
  renameSync(whole, path);
  chmodSync(path, 0o600);
  return path;
}

function attempt(task: () => unknown): StoreError {
  try {
    task();
  } catch (error) {
    expect(error).to.be.instanceOf(StoreError);
    return error as StoreError;
  }
  throw new Error('nothing was thrown');
}

/** Both ways of opening say the same, and leave the file as it is. */
function expectRefused(path: string, faults: StoreFault | StoreFault[], message: string | RegExp): void {
  const before =
    statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(path) : undefined;
  for (const open of [openStore, openStoreReadOnly]) {
    const error = attempt(() => open(path, { key }));
    if (typeof message === 'string') expect(error.message).to.equal(message);
    else expect(error.message).to.match(message);
    expect(error.fault).to.be.oneOf([faults].flat());
    expect(error.message).to.contain(path);
    expect(error.wanted).not.to.equal('');
  }
  if (before !== undefined) expect(readFileSync(path).equals(before)).to.equal(true);
}

describe('a store that others could use', () => {
  for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666]) {
    const shown = `0${mode.toString(8)}`;
    it(
      `is refused with mode ${shown}`,
      withFolder((folder) => {
        const path = storeIn(folder);
        chmodSync(path, mode);
        expectRefused(path, 'not-private', `${path} can be used by others (mode ${shown})`);
      }),
    );
  }

  it(
    'is refused if its log or its folder are open to others, and taken if others can see names only',
    withFolder((folder) => {
      const path = storeIn(folder);
      writeFileSync(`${path}-wal`, '', { mode: 0o644 });
      expect(attempt(() => openStore(path, { key })).message).to.equal(
        `${path}-wal can be used by others (mode 0644)`,
      );
      rmSync(`${path}-wal`);
      for (const mode of [0o770, 0o707, 0o722]) {
        chmodSync(folder, mode);
        expect(attempt(() => openStore(path, { key })).message).to.match(/can be written to by others/);
      }
      chmodSync(folder, 0o755);
      openStore(path, { key }).close();
    }),
  );

  it(
    'is refused if it is a link, a folder, or its lock is a link',
    withFolder((folder) => {
      const path = storeIn(folder);
      const link = join(folder, 'link.db');
      symlinkSync(path, link);
      expectRefused(link, 'not-private', `${link} is a symbolic link`);
      const nowhere = join(folder, 'nowhere.db');
      symlinkSync(join(folder, 'none'), nowhere);
      expectRefused(nowhere, 'not-private', `${nowhere} is a symbolic link`);
      const inner = join(folder, 'inner.db');
      mkdirSync(inner);
      expectRefused(inner, 'not-private', `${inner} is not a plain file`);
      rmSync(`${path}.lock`, { force: true });
      symlinkSync(join(folder, 'none'), `${path}.lock`);
      expect(attempt(() => openStore(path, { key })).message).to.equal(`${path}.lock is a symbolic link`);
    }),
  );

  it('is refused if it belongs to another user', function () {
    // Only root can give a file away.
    if (process.geteuid?.() !== 0) this.skip();
    withFolder((folder) => {
      const path = storeIn(folder);
      chownSync(path, 12_345, 12_345);
      expectRefused(path, 'not-private', `${path} belongs to user 12345`);
    })();
  });
});

describe('a file that is no store of this version', () => {
  it(
    'is refused if it is the database of another program',
    withFolder((folder) => {
      const path = join(folder, 'state.db');
      new DatabaseSync(path).exec('CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB)');
      chmodSync(path, 0o600);
      expectRefused(path, 'foreign', `${path} is a database, but not a state of privcount`);
    }),
  );

  for (const version of [0, 2, 4_000_000]) {
    it(
      `is refused with format ${version}, and both formats are told`,
      withFolder((folder) => {
        const path = storeIn(folder);
        const database = new DatabaseSync(path);
        database.exec(`PRAGMA journal_mode = DELETE; PRAGMA user_version = ${version}`);
        database.close();
        const message = `${path} has the format ${version}, and this version of privcount reads 1`;
        expectRefused(path, 'version', message);
      }),
    );
  }

  it(
    'is refused if it is no database, or empty',
    withFolder((folder) => {
      const path = join(folder, 'state.db');
      writeFileSync(path, 'name: a file of something else\n'.repeat(1000), { mode: 0o600 });
      expectRefused(path, 'damaged', `can't open ${path}: file is not a database`);
      writeFileSync(path, 'short', { mode: 0o600 });
      expectRefused(path, 'damaged', `can't open ${path}: file is not a database`);
      writeFileSync(path, '', { mode: 0o600 });
      expectRefused(path, 'damaged', `${path} is empty`);
    }),
  );
});

describe('a store that is damaged', () => {
  it(
    'is refused wherever it was cut',
    withFolder((folder) => {
      const path = storeIn(folder);
      const whole = readFileSync(path);
      expect(whole.length % 4096).to.equal(0);
      for (let pages = whole.length / 4096 - 1; pages > 0; pages -= 7) {
        for (const bytes of [pages * 4096, pages * 4096 + 100]) {
          writeFileSync(path, whole);
          truncateSync(path, bytes);
          expectRefused(
            path,
            ['damaged', 'other-key', 'machine'],
            /disk I.O error$|is damaged$|malformed|not a database|has been changed$/,
          );
          for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
        }
      }
    }),
  );

  it(
    'is refused when it is opened, whatever page is overwritten; no entry is lost in silence',
    withFolder((folder) => {
      const path = storeIn(folder);
      const whole = readFileSync(path);
      for (let at = 0; at < whole.length; at += 4096) {
        const bytes = Buffer.from(whole);
        bytes.fill(0xa5, at, at + 4096);
        writeFileSync(path, bytes);
        const error = attempt(() => openStore(path, { key }));
        expect(error.fault, `page ${at / 4096}`).to.be.oneOf(['damaged', 'other-key', 'foreign']);
        expect(error.message).to.contain(path);
        for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
      }
    }),
  );

  it(
    'is not made anew when the database is gone and its log is not',
    withFolder((folder) => {
      const path = storeIn(folder);
      rmSync(path);
      writeFileSync(`${path}-wal`, 'frames', { mode: 0o600 });
      expectRefused(path, 'damaged', `${path} is missing, but ${path}-wal is there`);
    }),
  );

  it(
    'is made whole or not at all: what a kill left of a new one is passed over',
    withFolder((folder) => {
      const path = join(folder, 'state.db');
      writeFileSync(`${path}.new`, 'half of a database', { mode: 0o600 });
      writeFileSync(`${path}.new-journal`, 'half of a journal', { mode: 0o600 });
      const store = openStore(path, { key });
      expect(store.list('')).to.deep.equal([]);
      store.close();
      expect(readdirSync(folder).filter((name) => name.includes('.new'))).to.deep.equal([]);
    }),
  );
});

describe('a store of another key', () => {
  it(
    'is refused when it is opened, and the entry is named',
    withFolder((folder) => {
      const path = storeIn(folder);
      for (const open of [openStore, openStoreReadOnly]) {
        const error = attempt(() => open(path, { key: otherKey }));
        expect(error.fault).to.equal('other-key');
        expect(error.message).to.equal(
          `the entry round/0 of ${path} was written by another key, or has been changed`,
        );
      }
    }),
  );

  it(
    'can be opened while it is empty',
    withFolder((folder) => {
      const path = join(folder, 'state.db');
      openStore(path, { key: otherKey }).close();
      openStore(path, { key }).close();
    }),
  );

  it(
    'is told from values that were put in the place of others',
    withFolder((folder) => {
      const path = storeIn(folder);
      const database = new DatabaseSync(path);
      const value = (name: string): string => `(SELECT value FROM entries WHERE key = '${name}')`;
      database.exec(`UPDATE entries SET value = ${value('round/8')} WHERE key = 'round/9'`);
      database.close();
      const error = attempt(() => openStore(path, { key }));
      expect(error.fault).to.equal('other-key');
      expect(error.message).to.contain('the entry round/9 of');
    }),
  );
});
