import { expect } from 'chai';
import fc from 'fast-check';
import { fromHex, toHex } from '../../src/core/hex.js';
import {
  addMasks,
  commitToSeed,
  expandMask,
  SEED_BYTES,
  sumOfMasks,
  type MaskContext,
  type MaskPrimitives,
} from '../../src/core/masks.js';
import { addVector, fromSigned, newVector, toBytes, toSigned } from '../../src/core/ring.js';
import { nodePrimitives, sha256 } from '../../src/crypto/primitives.js';
import { maskVectors } from '../support/mask-vectors.js';
import { runOut } from '../support/run-out.js';

const context: MaskContext = { networkId: 'network', roundId: 'round', collector: 'relay', generation: 1 };
const seed = sha256(Uint8Array.of(1));
const otherSeed = sha256(Uint8Array.of(2));

function mask(of: {
  context?: Partial<MaskContext>;
  seed?: Uint8Array;
  set?: number;
  cells?: number;
}): string {
  const vector = expandMask(
    nodePrimitives,
    { seed: of.seed ?? seed, set: of.set ?? 0 },
    { context: { ...context, ...of.context }, cells: of.cells ?? 2 },
  );
  return toHex(toBytes(vector));
}

function commitment(of: { context?: Partial<MaskContext>; seed?: Uint8Array; set?: number }): string {
  const dealt = { seed: of.seed ?? seed, set: of.set ?? 0 };
  return toHex(commitToSeed(nodePrimitives, dealt, { ...context, ...of.context }));
}

/** Everything that must tell one mask from another, each time with one thing changed. */
const changes: Record<string, Parameters<typeof commitment>[0]> = {
  'the network': { context: { networkId: 'network2' } },
  'the round': { context: { roundId: 'Round' } },
  'the collector': { context: { collector: 'relay ' } },
  'the generation': { context: { generation: 2 } },
  'the holder set': { set: 1 },
  'the seed': { seed: otherSeed },
  'letters that move from the network to the round': { context: { networkId: 'networ', roundId: 'kround' } },
  'letters that move from the round to the collector': { context: { roundId: 'roundr', collector: 'elay' } },
  'digits that move from the generation to the set': { context: { generation: 11 }, set: 1 },
  'digits that move from the set to the generation': { context: { generation: 1 }, set: 11 },
};

describe('known answers of another implementation', () => {
  for (const vector of maskVectors.masks) {
    it(`agree on the mask and the commitment: ${vector.case}`, () => {
      const dealt = { seed: fromHex(vector.seed), set: vector.set };
      const bytes = toBytes(expandMask(nodePrimitives, dealt, { context: vector, cells: vector.cells }));
      expect(bytes).to.have.length(16 * vector.cells);
      if (vector.mask !== undefined) expect(toHex(bytes)).to.equal(vector.mask);
      expect(toHex(sha256(bytes))).to.equal(vector.maskSha256);
      expect(toHex(commitToSeed(nodePrimitives, dealt, vector))).to.equal(vector.commitment);
    });
  }
});

describe('a mask', () => {
  it('is the same each time and for a longer vector begins the same', () => {
    expect(mask({})).to.equal(mask({}));
    expect(mask({ cells: 5 }).slice(0, mask({}).length)).to.equal(mask({}));
  });

  for (const [what, change] of Object.entries(changes)) {
    it(`is another one after a change of ${what}`, () => {
      expect(mask(change)).not.to.equal(mask({}));
    });
  }

  it('differs between any two contexts', () => {
    const text = fc.string({ maxLength: 3 });
    const contexts = fc.record({
      networkId: text,
      roundId: text,
      collector: text,
      generation: fc.integer({ min: 1, max: 12 }),
      set: fc.nat({ max: 12 }),
    });
    fc.assert(
      fc.property(contexts, contexts, ({ set: left, ...leftContext }, { set: right, ...rightContext }) => {
        const same = left === right && JSON.stringify(leftContext) === JSON.stringify(rightContext);
        const masks = [
          mask({ context: leftContext, set: left, cells: 1 }),
          mask({ context: rightContext, set: right, cells: 1 }),
        ];
        expect(masks[0] === masks[1]).to.equal(same);
      }),
      { numRuns: 300 },
    );
  });

  for (const length of [0, SEED_BYTES - 1, SEED_BYTES + 1]) {
    it(`of a seed of ${length} bytes is refused`, () => {
      expect(() => mask({ seed: new Uint8Array(length) })).to.throw(
        RangeError,
        `a seed has 32 bytes, not ${length}`,
      );
    });
  }

  it('leaves neither its key nor its key stream in memory, and the seed as it was', () => {
    const secrets: Uint8Array[] = [];
    const watched: MaskPrimitives = {
      ...nodePrimitives,
      hkdfSha256: (...of) => keep(nodePrimitives.hkdfSha256(...of)),
      aes256CtrKeyStream: (...of) => keep(nodePrimitives.aes256CtrKeyStream(...of)),
    };
    function keep(secret: Uint8Array): Uint8Array {
      secrets.push(secret);
      return secret;
    }
    const own = seed.slice();
    const vector = expandMask(watched, { seed: own, set: 0 }, { context, cells: 2 });
    expect(toHex(toBytes(vector))).to.equal(mask({}));
    expect(secrets.map((secret) => secret.length)).to.deep.equal([32, 32]);
    expect(secrets.every((secret) => secret.every((byte) => byte === 0))).to.be.true;
    expect(own).to.deep.equal(seed);
  });
});

describe('a commitment to a seed', () => {
  it('has 32 bytes and is the same each time', () => {
    expect(commitment({})).to.match(/^[0-9a-f]{64}$/);
    expect(commitment({})).to.equal(commitment({}));
  });

  for (const [what, change] of Object.entries(changes)) {
    it(`is another one after a change of ${what}`, () => {
      expect(commitment(change)).not.to.equal(commitment({}));
    });
  }

  it('is no part of the mask of the same seed', () => {
    expect(mask({ cells: 100 })).not.to.contain(commitment({}));
  });
});

describe('sums of masks', () => {
  const seeds = [
    { set: 0, seed },
    { set: 4, seed: otherSeed },
  ];

  it('are added to what is in the vector, one mask a seed', () => {
    const target = fromSigned([5n, -7n]);
    addMasks(nodePrimitives, target, { seeds, context });
    const wanted = fromSigned([5n, -7n]);
    for (const dealt of seeds) addVector(wanted, expandMask(nodePrimitives, dealt, { context, cells: 2 }));
    expect(target).to.deep.equal(wanted);
    expect(toSigned(target)).not.to.deep.equal([5n, -7n]);
  });

  it('of one holder set are over all collectors and generations dealt', () => {
    const dealt = [
      { context, seed },
      { context: { ...context, generation: 2 }, seed: otherSeed },
      { context: { ...context, collector: 'relay2' }, seed },
    ];
    const wanted = newVector(3);
    for (const one of dealt) {
      addVector(
        wanted,
        expandMask(nodePrimitives, { set: 2, seed: one.seed }, { context: one.context, cells: 3 }),
      );
    }
    const sum = (seeds: typeof dealt, set: number) =>
      runOut(sumOfMasks(nodePrimitives, seeds, { set, cells: 3 }));
    expect(sum(dealt, 2)).to.deep.equal(wanted);
    expect(sum([...dealt].reverse(), 2)).to.deep.equal(wanted);
    expect(sum(dealt, 3)).not.to.deep.equal(wanted);
  });

  it('of no seeds are zero', () => {
    const target = fromSigned([9n]);
    addMasks(nodePrimitives, target, { seeds: [], context });
    expect(toSigned(target)).to.deep.equal([9n]);
    expect(runOut(sumOfMasks(nodePrimitives, [], { set: 0, cells: 2 }))).to.deep.equal(newVector(2));
  });

  it('are added up with a pause after each, so that whoever adds thousands can go on hearing its peers', () => {
    const dealt = [1, 2, 3].map((generation) => ({ context: { ...context, generation }, seed }));
    const work = sumOfMasks(nodePrimitives, dealt, { set: 0, cells: 1 });
    expect(dealt.map(() => work.next())).to.deep.equal(dealt.map(() => ({ done: false, value: undefined })));
    expect(work.next().done).to.equal(true);
  });
});
