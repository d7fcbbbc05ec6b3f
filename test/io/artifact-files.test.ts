import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { artifactFiles } from '../../src/io/artifact-files.js';
import { files } from '../../src/io/files.js';
import { artifactDigest } from '../../src/roles/artifacts.js';
import { withFolder } from './temporary-folder.js';

describe('the cache of lists', () => {
  const bytes = new TextEncoder().encode('example.com\n');
  const digest = artifactDigest(bytes);

  function cacheIn(folder: string) {
    mkdirSync(join(folder, 'artifacts'), { recursive: true });
    return artifactFiles(files, folder, artifactDigest);
  }

  it(
    'keeps what is put, also when it is opened anew',
    withFolder((folder) => {
      const cache = cacheIn(folder);
      expect(cache.get(digest)).to.equal(undefined);
      cache.put(digest, bytes);
      expect(new Uint8Array(cache.get(digest)!)).to.deep.equal(bytes);
      expect(new Uint8Array(cacheIn(folder).get(digest)!)).to.deep.equal(bytes);
    }),
  );

  it(
    'does not give a file that has changed, and takes the right one in its place',
    withFolder((folder) => {
      const cache = cacheIn(folder);
      cache.put(digest, bytes);
      const path = join(folder, 'artifacts', digest);
      chmodSync(path, 0o600);
      writeFileSync(path, 'example.org\n');
      expect(cache.get(digest)).to.equal(undefined);
      cache.put(digest, bytes);
      expect(new Uint8Array(cache.get(digest)!)).to.deep.equal(bytes);
    }),
  );
});
