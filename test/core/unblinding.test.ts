import { expect } from 'chai';
import fc from 'fast-check';
import { holderSets, membersInTurn, setsOfKeeper, type HolderSets } from '../../src/core/holder-sets.js';
import { addMasks, expandMask, sumOfMasks, type MaskContext, type SetSeed } from '../../src/core/masks.js';
import { encodeParts } from '../../src/core/parts.js';
import {
  addVector,
  fromSigned,
  newVector,
  subtractVector,
  toBytes,
  toSigned,
  type RingVector,
} from '../../src/core/ring.js';
import { unblind } from '../../src/core/unblinding.js';
import { nodePrimitives, sha256 } from '../../src/crypto/primitives.js';
import { runOut } from '../support/run-out.js';

const MODULUS = 2n ** 128n;

/** `images[g]` is what the collector adds to its cells before the masks of generation g + 1. */
type Collector = { readonly name: string; readonly images: readonly (readonly bigint[])[] };

function contextOf(collector: Collector, generation: number): MaskContext {
  return { networkId: 'network', roundId: 'round', collector: collector.name, generation };
}

/** Uniform to whoever does not know this file, and the same in each run. */
function seedOf({ collector, generation }: MaskContext, set: number): Uint8Array {
  return sha256(encodeParts(['test seed', collector, String(generation), String(set)]));
}

function dealtSeeds(holders: HolderSets, context: MaskContext): SetSeed[] {
  return holders.sets.map((_, set) => ({ set, seed: seedOf(context, set) }));
}

function contextsOf(collector: Collector): MaskContext[] {
  return collector.images.map((_, at) => contextOf(collector, at + 1));
}

/** Counts and masks in turn, as a collector that is re-blinded now and then. */
function reportOf(holders: HolderSets, collector: Collector): RingVector {
  const report = newVector(collector.images[0]!.length);
  contextsOf(collector).forEach((context, at) => {
    addVector(report, fromSigned(collector.images[at]!));
    addMasks(nodePrimitives, report, { seeds: dealtSeeds(holders, context), context });
  });
  return report;
}

/** What a keeper sends for one of its holder sets. */
function answer(
  collectors: readonly Collector[],
  { set, cells }: { set: number; cells: number },
): RingVector {
  const dealt = collectors.flatMap(contextsOf).map((context) => ({ context, seed: seedOf(context, set) }));
  return runOut(sumOfMasks(nodePrimitives, dealt, { set, cells }));
}

/** The total as the tally finds it with only these keepers alive: it asks the first of each set that is. */
function released(
  { holders, alive }: { holders: HolderSets; alive: readonly number[] },
  collectors: readonly Collector[],
): bigint[] {
  const cells = collectors[0]!.images[0]!.length;
  const sums = holders.sets.map((_, set) => {
    const asked = membersInTurn(holders, set).find((member) => alive.includes(member));
    expect(asked, `a living keeper of set ${set}`).not.to.be.undefined;
    return answer(collectors, { set, cells });
  });
  const reports = collectors.map((collector) => reportOf(holders, collector));
  return toSigned(unblind(reports, sums, cells));
}

function trueTotal(collectors: readonly Collector[]): bigint[] {
  const total = newVector(collectors[0]!.images[0]!.length);
  for (const image of collectors.flatMap(({ images }) => images)) addVector(total, fromSigned(image));
  return toSigned(total);
}

const amount = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 127n - 1n, -(2n ** 127n)),
  fc.bigInt({ min: 0n, max: MODULUS - 1n }),
);

const collectorsOf = (cells: number): fc.Arbitrary<Collector[]> =>
  fc
    .array(
      fc.array(fc.array(amount, { minLength: cells, maxLength: cells }), { minLength: 1, maxLength: 3 }),
      { minLength: 1, maxLength: 3 },
    )
    .map((all) => all.map((images, at) => ({ name: `relay-${at}`, images })));

const networks = fc
  .integer({ min: 1, max: 10 })
  .chain((keepers) =>
    fc.record({
      keepers: fc.constant(keepers),
      threshold: fc.integer({ min: Math.floor(keepers / 2) + 1, max: keepers }),
    }),
  )
  .map(holderSets);

const networkAndLiving = networks.chain((holders) =>
  fc.record({
    holders: fc.constant(holders),
    alive: fc.shuffledSubarray(
      Array.from({ length: holders.keepers }, (_, keeper) => keeper),
      { minLength: holders.threshold, maxLength: holders.threshold },
    ),
  }),
);

describe('unblinding', () => {
  it('with any t keepers gives the exact total of counts and noise', () => {
    const runs = fc.tuple(networkAndLiving, fc.integer({ min: 1, max: 3 }).chain(collectorsOf));
    fc.assert(
      fc.property(runs, ([living, collectors]) => {
        expect(released(living, collectors)).to.deep.equal(trueTotal(collectors));
      }),
      { numRuns: 40 },
    );
  });

  const holders = holderSets({ keepers: 3, threshold: 2 });
  const three: Collector[] = [
    {
      name: 'a',
      images: [
        [1n, 10n],
        [2n, 0n],
      ],
    },
    { name: 'b', images: [[3n, 20n]] },
    { name: 'c', images: [[4n, -30n]] },
  ];

  it('leaves a lost collector out of the total and out of the masks', () => {
    const rest = three.slice(1);
    expect(released({ holders, alive: [0, 2] }, three)).to.deep.equal([10n, 0n]);
    expect(released({ holders, alive: [0, 2] }, rest)).to.deep.equal([7n, -10n]);
  });

  it('wraps a total that leaves the range, as a sum modulo 2^128 does', () => {
    const two: Collector[] = ['a', 'b'].map((name) => ({ name, images: [[2n ** 127n - 1n]] }));
    expect(released({ holders, alive: [1, 2] }, two)).to.deep.equal([-2n]);
  });

  it('gives nonsense if masks of other reports, fewer sets or one generation less are taken away', () => {
    const reports = three.map((collector) => reportOf(holders, collector));
    const sums = (collectors: readonly Collector[]): RingVector[] =>
      holders.sets.map((_, set) => answer(collectors, { set, cells: 2 }));
    const older = [{ ...three[0]!, images: three[0]!.images.slice(1) }, ...three.slice(1)];
    expect(toSigned(unblind(reports, sums(three), 2))).to.deep.equal([10n, 0n]);
    for (const wrong of [sums(three.slice(1)), sums(three).slice(1), sums(older), []]) {
      for (const value of toSigned(unblind(reports, wrong, 2))) {
        // A uniform value is this small once in 2^64 times.
        expect(value > 2n ** 63n || value < -(2n ** 63n)).to.be.true;
      }
    }
  });

  it('of no reports is zero, and vectors of another length are refused', () => {
    expect(unblind([], [], 2)).to.deep.equal(newVector(2));
    expect(() => unblind([newVector(1)], [], 2)).to.throw(RangeError);
    expect(() => unblind([], [newVector(3)], 2)).to.throw(RangeError);
  });

  it('leaves reports and sums as they were', () => {
    const report = fromSigned([5n]);
    const sum = fromSigned([2n]);
    expect(toSigned(unblind([report], [sum], 1))).to.deep.equal([3n]);
    expect([report, sum].map(toSigned)).to.deep.equal([[5n], [2n]]);
  });
});

const CELLS = 512;
/** Upper 1e-4 point of chi-square with 255 degrees of freedom; fixed seeds make the outcome the same in each run. */
const CHI_SQUARE_MAX = 348;

function byteFrequencies(vector: RingVector): number[] {
  const times = new Array<number>(256).fill(0);
  for (const byte of toBytes(vector)) times[byte]! += 1;
  return times;
}

function chiSquareUniform(times: readonly number[]): number {
  const expected = times.reduce((sum, count) => sum + count, 0) / times.length;
  return times.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Whether two samples of the same size come from one distribution, whatever it is. */
function chiSquareSame({ left, right }: { left: readonly number[]; right: readonly number[] }): number {
  return left.reduce((sum, count, at) => {
    const both = count + right[at]!;
    return both === 0 ? sum : sum + (count - right[at]!) ** 2 / both;
  }, 0);
}

/** The most that these keepers can do with a report: take away every mask whose seed any of them holds. */
function viewOf(
  { holders, group }: { holders: HolderSets; group: readonly number[] },
  collector: Collector,
): RingVector {
  const view = reportOf(holders, collector);
  for (const context of contextsOf(collector)) {
    for (const dealt of dealtSeeds(holders, context)) {
      if (!holders.sets[dealt.set]!.some((member) => group.includes(member))) continue;
      subtractVector(view, expandMask(nodePrimitives, dealt, { context, cells: CELLS }));
    }
  }
  return view;
}

function groupsOf({ keepers, size }: { keepers: number; size: number }): number[][] {
  const all = Array.from({ length: keepers }, (_, keeper) => keeper);
  return Array.from({ length: 2 ** keepers }, (_, bits) =>
    all.filter((keeper) => (bits >>> keeper) & 1),
  ).filter((group) => group.length === size);
}

/** Two collectors that have counted as differently as can be, and their masks by other seeds, as in two rounds. */
const nothing: Collector = { name: 'nothing', images: [new Array<bigint>(CELLS).fill(0n)] };
const everything: Collector = {
  name: 'everything',
  images: [new Array<bigint>(CELLS).fill(2n ** 127n - 1n)],
};

describe('the view of t-1 keepers', () => {
  const networksTested: [threshold: number, keepers: number][] = [
    [1, 1],
    [2, 2],
    [2, 3],
    [3, 3],
    [3, 4],
    [3, 5],
    [4, 5],
  ];
  for (const [threshold, keepers] of networksTested) {
    const holders = holderSets({ keepers, threshold });

    it(`is uniform whatever was counted, for any ${threshold - 1} of ${keepers}`, () => {
      for (const group of groupsOf({ keepers, size: threshold - 1 })) {
        const left = byteFrequencies(viewOf({ holders, group }, nothing));
        const right = byteFrequencies(viewOf({ holders, group }, everything));
        expect(chiSquareUniform(left)).to.be.below(CHI_SQUARE_MAX);
        expect(chiSquareUniform(right)).to.be.below(CHI_SQUARE_MAX);
        expect(chiSquareSame({ left, right })).to.be.below(CHI_SQUARE_MAX);
      }
    });

    it(`becomes the counts themselves with one keeper more, which the same test sees, for any ${threshold} of ${keepers}`, () => {
      for (const group of groupsOf({ keepers, size: threshold })) {
        const view = viewOf({ holders, group }, everything);
        expect(toSigned(view)).to.deep.equal(everything.images[0]);
        expect(chiSquareUniform(byteFrequencies(view))).to.be.above(1000 * CHI_SQUARE_MAX);
      }
    });
  }

  it('lacks one seed of each collector and generation, whose masks alone hide the counts', () => {
    const holders = holderSets({ keepers: 4, threshold: 3 });
    const collector = { ...everything, images: [...everything.images, ...everything.images] };
    for (const group of groupsOf({ keepers: 4, size: 2 })) {
      const known = group.flatMap((keeper) => setsOfKeeper(holders, keeper));
      const unseen = holders.sets.map((_, set) => set).filter((set) => !known.includes(set));
      expect(unseen).to.have.length(1);
      const view = viewOf({ holders, group }, collector);
      subtractVector(view, answer([collector], { set: unseen[0]!, cells: CELLS }));
      expect(toSigned(view)).to.deep.equal(trueTotal([collector]));
    }
  });

  it('of two images of one collector is uniform in their difference as well, if it was re-blinded between them', () => {
    const holders = holderSets({ keepers: 3, threshold: 2 });
    const reblinded = { ...everything, images: [...everything.images, ...nothing.images] };
    const difference = viewOf({ holders, group: [1] }, reblinded);
    subtractVector(difference, viewOf({ holders, group: [1] }, everything));
    expect(chiSquareUniform(byteFrequencies(difference))).to.be.below(CHI_SQUARE_MAX);
  });
});
