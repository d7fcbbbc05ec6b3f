import { expect } from 'chai';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { files } from '../../src/io/files.js';
import { withFolder } from './temporary-folder.js';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('files', () => {
  it(
    'reads back what it wrote, and leaves nothing else in the folder',
    withFolder((folder) => {
      const path = join(folder, 'vote');
      files.writeWhole(path, Uint8Array.of(1, 2, 3));
      files.writeWhole(path, Uint8Array.of(4));
      expect([...files.read(path)!]).to.deep.equal([4]);
      expect(readdirSync(folder)).to.deep.equal(['vote']);
    }),
  );

  it(
    'writes for the owner alone, and for all where it is public',
    withFolder((folder) => {
      files.writeWhole(join(folder, 'private'), new Uint8Array(1));
      files.writeWhole(join(folder, 'public'), new Uint8Array(1), { isPublic: true });
      expect(modeOf(join(folder, 'private'))).to.equal(0o600);
      expect(modeOf(join(folder, 'public')) & ~0o022).to.equal(0o644 & ~0o022);
      expect(modeOf(join(folder, 'public')) & 0o022).to.equal(0);
    }),
  );

  it(
    'replaces a link instead of writing where it leads',
    withFolder((folder) => {
      const target = join(folder, 'target');
      writeFileSync(target, 'kept');
      symlinkSync(target, join(folder, 'link'));
      files.writeWhole(join(folder, 'link'), Uint8Array.of(7));
      expect(readFileSync(target, 'utf8')).to.equal('kept');
      expect([...files.read(join(folder, 'link'))!]).to.deep.equal([7]);
    }),
  );

  it(
    'has undefined for a file that is missing',
    withFolder((folder) => {
      expect(files.read(join(folder, 'none'))).to.equal(undefined);
    }),
  );

  it(
    'names the path of what it can neither read nor write, and cleans up',
    withFolder((folder) => {
      expect(() => files.read(folder)).to.throw(`can't read ${folder}`);
      mkdirSync(join(folder, 'taken', 'inside'), { recursive: true });
      const path = join(folder, 'taken');
      expect(() => files.writeWhole(path, new Uint8Array(1))).to.throw(`can't write ${path}`);
      expect(readdirSync(folder)).to.deep.equal(['taken']);
      const lost = join(folder, 'no', 'such', 'folder');
      expect(() => files.writeWhole(lost, new Uint8Array(1))).to.throw(`can't write ${lost}`);
    }),
  );
});
