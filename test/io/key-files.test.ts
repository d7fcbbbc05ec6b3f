import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../src/config/config-error.js';
import { toHex } from '../../src/core/hex.js';
import { Identity } from '../../src/crypto/identity.js';
import { createKeyFile, type NodeKey, readKeyFile } from '../../src/io/key-files.js';
import { withFolder } from './temporary-folder.js';

const seed = Uint8Array.from({ length: 32 }, (_, at) => at + 1);
const key: NodeKey = { name: 'dc1', publicKey: new Identity(seed).publicKey, seed };

function keyFile(folder: string): string {
  const path = join(folder, 'dc1.key');
  createKeyFile(path, key);
  return path;
}

function problemOf(task: () => unknown): string {
  try {
    task();
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    const { message, faults } = error as ConfigError;
    expect(faults).to.have.length(1);
    expect(message).not.to.contain(toHex(seed).slice(0, 8));
    return faults[0]!.problem;
  }
  throw new Error('nothing was thrown');
}

describe('key files', () => {
  it(
    'give back the key that was put in, readable by the owner alone',
    withFolder((folder) => {
      const path = keyFile(folder);
      expect(readKeyFile(path)).to.deep.equal(key);
      expect(statSync(path).mode & 0o777).to.equal(0o600);
    }),
  );

  it(
    'are never overwritten, not even through a link that leads nowhere',
    withFolder((folder) => {
      const path = keyFile(folder);
      const before = readFileSync(path);
      expect(problemOf(() => createKeyFile(path, { ...key, name: 'other' }))).to.equal('is there already');
      expect(readFileSync(path)).to.deep.equal(before);
      symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
      expect(problemOf(() => createKeyFile(join(folder, 'link'), key))).to.equal('is there already');
    }),
  );

  it(
    'need their folder',
    withFolder((folder) => {
      const path = join(folder, 'none', 'dc1.key');
      expect(() => createKeyFile(path, key)).to.throw(`can't write the key file ${path}`);
    }),
  );

  for (const mode of [0o640, 0o604, 0o620, 0o601, 0o644, 0o666]) {
    const shown = `0${mode.toString(8)}`;
    it(
      `are refused with mode ${shown}`,
      withFolder((folder) => {
        const path = keyFile(folder);
        chmodSync(path, mode);
        expect(problemOf(() => readKeyFile(path))).to.equal(`can be used by others (mode ${shown})`);
      }),
    );
  }

  it(
    'are taken with a mode that lets their owner do less',
    withFolder((folder) => {
      const path = keyFile(folder);
      chmodSync(path, 0o400);
      expect(readKeyFile(path)).to.deep.equal(key);
    }),
  );

  it(
    'are refused if they are missing, links, folders or pipes',
    withFolder((folder) => {
      const path = keyFile(folder);
      symlinkSync(path, join(folder, 'link'));
      mkdirSync(join(folder, 'folder'));
      execFileSync('env', ['mkfifo', '-m', '600', join(folder, 'pipe')]);
      const problem = (name: string): string => problemOf(() => readKeyFile(join(folder, name)));
      expect(problem('none')).to.equal('is missing');
      expect(problem('link')).to.equal('is a symbolic link');
      expect(problem('folder')).to.equal('is not a plain file');
      expect(problem('pipe')).to.equal('is not a plain file');
    }),
  );

  it('are refused if they belong to another user', function () {
    // Only root can give a file away.
    if (process.geteuid?.() !== 0) this.skip();
    withFolder((folder) => {
      const path = keyFile(folder);
      chownSync(path, 12_345, 12_345);
      expect(problemOf(() => readKeyFile(path))).to.equal('belongs to user 12345');
    })();
  });

  it(
    'are refused with anything wrong in them, and the seed is not told',
    withFolder((folder) => {
      const good = JSON.parse(readFileSync(keyFile(folder), 'utf8')) as Record<string, unknown>;
      const problem = (content: unknown): string => {
        const path = join(folder, 'wrong');
        const text = typeof content === 'string' ? content : JSON.stringify(content);
        writeFileSync(path, text, { mode: 0o600 });
        return problemOf(() => readKeyFile(path));
      };
      expect(problem('')).to.equal('is not a key file: wrong in the whole');
      expect(problem(`{"seed": "${toHex(seed)}",}`)).to.equal('is not a key file: wrong in the whole');
      expect(problem({ ...good, kind: 'other' })).to.equal('is not a key file: wrong in kind');
      expect(problem({ ...good, name: 'a b' })).to.equal('is not a key file: wrong in name');
      expect(problem({ ...good, extra: 1 })).to.equal('is not a key file: wrong in the whole');
      expect(problem({ ...good, seed: toHex(seed.subarray(1)) })).to.equal(
        'is not a key file: wrong in seed',
      );
      expect(problem({ ...good, seed: toHex(seed).toUpperCase() })).to.equal(
        'is not a key file: wrong in seed',
      );
      expect(problem({ ...good, seed: 'zz'.repeat(32), public: undefined })).to.equal(
        'is not a key file: wrong in public, seed',
      );
      expect(problem({ ...good, public: '11'.repeat(32) })).to.equal(
        "has a public key that is not the seed's",
      );
      expect(problem(`${JSON.stringify(good)}${' '.repeat(1024)}`)).to.match(/^has \d+ bytes$/);
    }),
  );
});
