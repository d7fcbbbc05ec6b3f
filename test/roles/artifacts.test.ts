import { expect } from 'chai';
import { ARTIFACT_BYTES_MAX, ARTIFACT_PIECE_BYTES } from '../../src/protocol/limits.js';
import { type Message, type MessageOf } from '../../src/protocol/messages.js';
import { answerWant, ArtifactFetch, artifactDigest } from '../../src/roles/artifacts.js';
import { type ArtifactCache } from '../../src/roles/ports.js';

/** Keeps what is put, and counts how often it is looked into. */
class FakeCache implements ArtifactCache {
  readonly kept = new Map<string, Uint8Array>();
  looks = 0;

  get(digest: string): Uint8Array | undefined {
    this.looks += 1;
    return this.kept.get(digest);
  }

  put(digest: string, bytes: Uint8Array): void {
    this.kept.set(digest, bytes);
  }
}

function bytesOf(length: number, fill: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + fill) & 0xff);
}

const small = bytesOf(1000, 1);
const large = bytesOf(2 * ARTIFACT_PIECE_BYTES + 5, 2);
const exact = bytesOf(ARTIFACT_PIECE_BYTES, 3);
const [smallDigest, largeDigest, exactDigest] = [small, large, exact].map(artifactDigest) as [
  string,
  string,
  string,
];
const atTally = new Map([
  [smallDigest, small],
  [largeDigest, large],
  [exactDigest, exact],
]);

class World {
  readonly cache = new FakeCache();
  readonly wants: MessageOf<'want'>[] = [];
  /** What the fetch ended with. */
  done: ReadonlyMap<string, Uint8Array> | undefined;
  missing: string | undefined;
  readonly fetch = new ArtifactFetch(this.cache, (message: Message) => {
    if (message.kind !== 'want') throw new Error(`a node sent a ${message.kind}`);
    this.wants.push(message);
  });

  begin(...digests: string[]): this {
    this.fetch.fetch({
      digests,
      onDone: (artifacts) => (this.done = artifacts),
      onMissing: (digest) => (this.missing = digest),
    });
    return this;
  }

  /** The tally answers everything that is asked for, up to so many pieces. */
  serve(pieces = Infinity): number {
    let served = 0;
    for (; served < pieces && this.wants.length > 0; served += 1)
      this.fetch.take(answerWant(atTally, this.wants.shift()!));
    return served;
  }
}

describe('artifacts', () => {
  it('come piece by piece, and are handed over by digest', () => {
    const world = new World().begin(smallDigest, largeDigest, exactDigest);
    expect(world.serve()).to.equal(1 + 3 + 1);
    expect(world.done).to.deep.equal(atTally);
    expect(world.cache.kept).to.deep.equal(atTally);
    expect(world.missing).to.equal(undefined);
  });

  it('are handed over at once where all are in the cache, or none is wanted', () => {
    const world = new World();
    world.cache.put(smallDigest, small);
    world.begin(smallDigest);
    expect(world.done).to.deep.equal(new Map([[smallDigest, small]]));
    expect(world.wants).to.deep.equal([]);
    expect(new World().begin().done).to.deep.equal(new Map());
  });

  it('that are in the cache are not asked for again', () => {
    const world = new World();
    world.cache.put(largeDigest, large);
    world.begin(largeDigest, smallDigest);
    expect(world.wants.map(({ digest }) => digest)).to.deep.equal([smallDigest]);
  });

  it('are looked up in the cache once each, and not for each piece: a look reads and hashes a whole file', () => {
    const world = new World();
    world.cache.put(smallDigest, small);
    world.begin(smallDigest, largeDigest, exactDigest).serve();
    expect(world.done?.size).to.equal(3);
    expect(world.cache.looks).to.equal(3);
  });

  it('are asked for again from their start when the connection was lost meanwhile', () => {
    const world = new World().begin(largeDigest);
    world.serve(2);
    const [late] = world.wants.splice(0);
    world.fetch.resume();
    expect(world.wants).to.deep.equal([{ kind: 'want', digest: largeDigest, offset: 0, parts: [] }]);
    world.fetch.take(answerWant(atTally, late!));
    expect(world.done, 'a piece out of its order changes nothing').to.equal(undefined);
    world.serve();
    expect(world.done).to.deep.equal(new Map([[largeDigest, large]]));
  });

  it('are not asked for by a node that wants none', () => {
    const world = new World();
    world.fetch.resume();
    expect(world.wants).to.deep.equal([]);
    world.begin(smallDigest).serve();
    world.fetch.resume();
    expect(world.wants).to.deep.equal([]);
  });

  it('of an earlier plan are no longer wanted once another plan is there', () => {
    const world = new World().begin(largeDigest);
    world.serve(1);
    const [old] = world.wants.splice(0);
    world.begin(smallDigest);
    world.fetch.take(answerWant(atTally, old!));
    world.serve();
    expect(world.done).to.deep.equal(new Map([[smallDigest, small]]));
    expect(world.cache.kept.has(largeDigest)).to.equal(false);
  });

  it('are missing where the tally does not have them', () => {
    const unknown = 'ee'.repeat(32);
    const world = new World().begin(smallDigest, unknown);
    world.serve();
    expect(world.missing).to.equal(unknown);
    expect(world.done).to.equal(undefined);
  });

  function piece(changes: Partial<MessageOf<'piece'>>): MessageOf<'piece'> {
    return { kind: 'piece', digest: smallDigest, offset: 0, total: small.length, parts: [small], ...changes };
  }

  const refused: Record<string, Partial<MessageOf<'piece'>>> = {
    'with another digest': { parts: [bytesOf(1000, 9)] },
    'longer than they were said to be': { total: 999 },
    'above the limit': { total: ARTIFACT_BYTES_MAX + 1 },
    'with an empty piece': { parts: [new Uint8Array(0)] },
    'that the tally says are empty': { total: 0 },
  };
  for (const [what, changes] of Object.entries(refused)) {
    it(`${what} are given up, and nothing is kept`, () => {
      const world = new World().begin(smallDigest);
      world.fetch.take(piece(changes));
      expect(world.missing).to.equal(smallDigest);
      expect(world.cache.kept.size).to.equal(0);
      world.fetch.take(piece({}));
      expect(world.done, 'not even if they come afterwards').to.equal(undefined);
    });
  }

  it('may be as long as the limit', () => {
    const world = new World().begin(smallDigest);
    world.fetch.take(piece({ total: ARTIFACT_BYTES_MAX }));
    expect(world.missing).to.equal(undefined);
    expect(world.wants.at(-1)).to.include({ digest: smallDigest, offset: small.length });
  });

  const ignored: Record<string, Partial<MessageOf<'piece'>>> = {
    'of another list': { digest: largeDigest },
    'from another place': { offset: 1 },
  };
  for (const [what, changes] of Object.entries(ignored)) {
    it(`pieces ${what} change nothing`, () => {
      const world = new World().begin(smallDigest);
      world.fetch.take(piece(changes));
      expect(world.missing).to.equal(undefined);
      world.serve();
      expect(world.done).to.deep.equal(new Map([[smallDigest, small]]));
    });
  }

  it('pieces that nobody asked for change nothing', () => {
    const world = new World();
    world.fetch.take(piece({}));
    expect(world.cache.kept.size).to.equal(0);
  });
});

describe("the tally's answer to a want", () => {
  const ask = (digest: string, offset: number) =>
    answerWant(atTally, { kind: 'want', digest, offset, parts: [] });

  it('is the piece from there on, and how long the whole is', () => {
    expect(ask(largeDigest, ARTIFACT_PIECE_BYTES)).to.deep.equal({
      kind: 'piece',
      digest: largeDigest,
      offset: ARTIFACT_PIECE_BYTES,
      total: large.length,
      parts: [large.subarray(ARTIFACT_PIECE_BYTES, 2 * ARTIFACT_PIECE_BYTES)],
    });
    expect(ask(largeDigest, 2 * ARTIFACT_PIECE_BYTES).parts[0]).to.have.lengthOf(5);
  });

  it('is empty, with length 0, where the tally does not have it', () => {
    expect(ask('ee'.repeat(32), 0)).to.deep.include({ total: 0, parts: [new Uint8Array(0)] });
  });

  it('is empty past the end', () => {
    expect(ask(smallDigest, small.length)).to.deep.include({ total: 1000, parts: [new Uint8Array(0)] });
    expect(ask(smallDigest, Number.MAX_SAFE_INTEGER).parts[0]).to.have.lengthOf(0);
  });
});
