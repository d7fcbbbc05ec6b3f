import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { files } from '../../src/io/files.js';
import { artifactFiles, collectorMemory, keeperFiles } from '../../src/io/node-stores.js';
import { artifactDigest } from '../../src/roles/artifacts.js';
import { withFolder } from './temporary-folder.js';

const ROUND = 'ab'.repeat(16);
const VOTE = { proposalDigest: 'cd'.repeat(32), vote: new Uint8Array([1, 2, 255]) };

function keeperIn(folder: string) {
  mkdirSync(join(folder, 'rounds'), { recursive: true });
  return keeperFiles(files, folder);
}

describe("a keeper's store", () => {
  it(
    'knows the rounds that it has seen, also when it is opened anew',
    withFolder((folder) => {
      const store = keeperIn(folder);
      expect(store.hasSeen(ROUND)).to.equal(false);
      store.markSeen(ROUND);
      expect(store.hasSeen(ROUND)).to.equal(true);
      expect(keeperIn(folder).hasSeen(ROUND)).to.equal(true);
      expect(store.hasSeen('00'.repeat(16))).to.equal(false);
    }),
  );

  it(
    'has the vote on the disk when it returns, for its owner alone',
    withFolder((folder) => {
      const store = keeperIn(folder);
      store.markSeen(ROUND);
      store.saveVote(ROUND, VOTE);
      const path = join(folder, 'rounds', `${ROUND}.json`);
      expect(JSON.parse(readFileSync(path, 'utf8'))).to.deep.equal({
        roundId: ROUND,
        proposalDigest: VOTE.proposalDigest,
        vote: '0102ff',
      });
      expect(statSync(path).mode & 0o777).to.equal(0o600);
      expect(readdirSync(join(folder, 'rounds'))).to.deep.equal([`${ROUND}.json`]);
      expect(store.hasSeen(ROUND)).to.equal(true);
    }),
  );

  it(
    'takes one vote a round and no other, also when it is opened anew',
    withFolder((folder) => {
      const store = keeperIn(folder);
      store.markSeen(ROUND);
      store.saveVote(ROUND, VOTE);
      const other = { ...VOTE, proposalDigest: '00'.repeat(32) };
      for (const opened of [store, keeperIn(folder)])
        expect(() => opened.saveVote(ROUND, other)).to.throw(`round ${ROUND} has a vote already`);
      expect(readFileSync(join(folder, 'rounds', `${ROUND}.json`), 'utf8')).to.include(VOTE.proposalDigest);
      store.saveVote('11'.repeat(16), other);
    }),
  );

  it(
    'takes no vote where what it wrote before can not be read',
    withFolder((folder) => {
      const store = keeperIn(folder);
      writeFileSync(join(folder, 'rounds', `${ROUND}.json`), '{"roundId":');
      expect(() => store.saveVote(ROUND, VOTE)).to.throw(SyntaxError);
      expect(store.hasSeen(ROUND)).to.equal(true);
    }),
  );

  it(
    'throws, and names the file, where the disk does not take it',
    withFolder((folder) => {
      const store = keeperFiles(files, join(folder, 'nowhere'));
      expect(() => store.markSeen(ROUND)).to.throw(`can't write ${join(folder, 'nowhere', 'rounds')}`);
    }),
  );
});

describe("a collector's store", () => {
  it('takes reports, and forgets rounds that it may not know', () => {
    const store = collectorMemory();
    store.saveReport(ROUND, { kind: 'report', roundId: ROUND, parts: [] });
    store.forget(ROUND);
    store.forget(ROUND);
  });
});

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
