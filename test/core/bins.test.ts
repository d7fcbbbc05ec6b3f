import { expect } from 'chai';
import fc from 'fast-check';
import {
  binFaults,
  binOf,
  counterBinFaults,
  isSingleBinName,
  listBins,
  SINGLE_BIN,
  toBinTable,
  type Bin,
} from '../../src/core/bins.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';

/** The plain version of `binOf`: the first bin of the file that holds the value, by the rules of spec/counters.md, 5. */
function plainBinOf(bins: readonly Bin[], value: number): number {
  return bins.findIndex(
    ([low, high]) => low <= value && (value < high || (high === Infinity && value === Infinity)),
  );
}

function place(bins: readonly Bin[], value: number): number {
  return binOf(toBinTable(bins), value);
}

/** Ends of bins and values near them, small so that they meet often, and the ones at which doubles are special. */
const edge = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom(
    -Infinity,
    Infinity,
    -0,
    0.5,
    1,
    2 ** 53,
    -Number.MAX_VALUE,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
  ),
  fc.double({ noNaN: true }),
);

/** Bins without faults: neighbours among sorted ends, some left out so that there are gaps, in any order. */
const soundBins = fc
  .tuple(
    fc.uniqueArray(edge, { minLength: 2, maxLength: 12, comparator: 'SameValueZero' }),
    fc.infiniteStream(fc.boolean()),
  )
  .map(([edges, kept]) => {
    const sorted = [...edges].sort((left, right) => (left < right ? -1 : 1));
    const touching = sorted.slice(1).map((high, at): Bin => [sorted[at]!, high]);
    const some = touching.filter(() => kept.next().value === true);
    return some.length > 0 ? some : touching;
  })
  .chain((bins) => fc.shuffledSubarray(bins, { minLength: bins.length }));

describe('the bin of a value', () => {
  it('has an inclusive low end and an exclusive high end', () => {
    const bins: Bin[] = [
      [0, 10],
      [10, 20],
    ];
    expect([-0.001, 0, -0, 9.999, 10, 19.999, 20].map((value) => place(bins, value))).to.deep.equal([
      -1, 0, 0, 0, 1, 1, -1,
    ]);
  });

  it('includes infinity if the bin ends there, and minus infinity if it begins there', () => {
    const bins: Bin[] = [
      [-Infinity, 0],
      [5, Infinity],
    ];
    expect(
      [-Infinity, -Number.MAX_VALUE, 0, 5, Number.MAX_VALUE, Infinity].map((value) => place(bins, value)),
    ).to.deep.equal([0, 0, -1, 1, 1, 1]);
    expect(place([[0, Number.MAX_VALUE]], Infinity)).to.equal(-1);
    expect(place([[0, 1]], -Infinity)).to.equal(-1);
  });

  it('is told by its place in the file, also if that is not sorted', () => {
    const bins: Bin[] = [
      [100, Infinity],
      [-5, 0],
      [10, 100],
      [0, 10],
    ];
    expect([-5, -1, 0, 9, 10, 99, 100, 1e300].map((value) => place(bins, value))).to.deep.equal([
      1, 1, 3, 3, 2, 2, 0, 0,
    ]);
  });

  it('is none in a gap, and none for what is not a number', () => {
    const bins: Bin[] = [
      [0, 1],
      [2, 3],
    ];
    expect([1, 1.5, 1.999].map((value) => place(bins, value))).to.deep.equal([-1, -1, -1]);
    expect(place(bins, 2)).to.equal(1);
    expect(place(bins, NaN)).to.equal(-1);
    expect(place([SINGLE_BIN], NaN)).to.equal(-1);
  });

  it('is the one that a plain search through the file finds', () => {
    fc.assert(
      fc.property(soundBins, fc.array(edge, { minLength: 1, maxLength: 20 }), (bins, values) => {
        const table = toBinTable(bins);
        const ends = bins.flat();
        for (const value of [...values, ...ends, NaN]) {
          expect(binOf(table, value), String(value)).to.equal(plainBinOf(bins, value));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('of every value is the single bin', () => {
    for (const value of [-Infinity, -1, 0, 1, Infinity]) expect(place([SINGLE_BIN], value)).to.equal(0);
  });
});

describe('faults of bins', () => {
  it('are none for touching bins, bins with gaps and unsorted bins', () => {
    fc.assert(
      fc.property(soundBins, (bins) => {
        expect(binFaults(bins)).to.deep.equal([]);
      }),
    );
  });

  it('are found where bins overlap, by property, and only there', () => {
    const bin = fc.tuple(edge, edge).filter(([low, high]) => low < high);
    fc.assert(
      fc.property(fc.array(bin, { minLength: 1, maxLength: 5 }), (bins) => {
        const overlap = bins.some(([low, high], at) =>
          bins.slice(at + 1).some(([otherLow, otherHigh]) => low < otherHigh && otherLow < high),
        );
        expect(binFaults(bins).length > 0).to.equal(overlap);
      }),
      { numRuns: 1000 },
    );
  });

  it('are one sentence for no bins at all', () => {
    expect(binFaults([])).to.deep.equal(['there must be at least one bin']);
  });

  const wrong: [string, Bin, string][] = [
    ['empty', [3, 3], 'bin [3, 3] must have a low end below its high end'],
    ['upside down', [4, 3], 'bin [4, 3] must have a low end below its high end'],
    ['empty at infinity', [Infinity, Infinity], 'bin [Infinity, Infinity] must have'],
    ['empty at minus infinity', [-Infinity, -Infinity], 'bin [-Infinity, -Infinity] must have'],
    ['without a low end', [NaN, 3], 'bin [NaN, 3] must have'],
    ['without a high end', [3, NaN], 'bin [3, NaN] must have'],
    ['empty between the two zeros', [-0, 0], 'bin [0, 0] must have'],
  ];
  for (const [what, bin, fault] of wrong) {
    it(`name a bin that is ${what}`, () => {
      expect(binFaults([bin])).to.have.length(1);
      expect(binFaults([bin])[0]).to.contain(fault);
    });
  }

  it('name both of two bins that overlap, also if they are the same or one is in the other', () => {
    const overlap = (...bins: Bin[]): string[] => binFaults(bins);
    expect(overlap([0, 10], [9, 20])).to.deep.equal([
      'bins [0, 10] and [9, 20] overlap; bins may only touch',
    ]);
    expect(overlap([9, 20], [0, 10])).to.deep.equal(overlap([0, 10], [9, 20]));
    expect(overlap([1, 2], [1, 2])).to.have.length(1);
    expect(overlap([0, 10], [3, 4])).to.have.length(1);
    expect(overlap([-Infinity, 0], [-Infinity, 5])).to.have.length(1);
    expect(overlap([0, Infinity], [5, Infinity])).to.have.length(1);
    expect(overlap([0, 10], [10, 20])).to.deep.equal([]);
  });

  it('are all told, not only the first', () => {
    const faults = binFaults([
      [5, 5],
      [9, 7],
      [20, 30],
      [29, 40],
      [39, 50],
    ]);
    expect(faults).to.have.length(4);
  });
});

describe('bins of a counter', () => {
  it('are one if its name, or what stands before its first _, ends in Count', () => {
    for (const name of [
      'ZeroCount',
      'ExitStreamCount',
      'ExitStreamTrafficModelEmissionCount_s0_+',
      'ExitStreamTrafficModelTransitionCount_START_s_1',
    ]) {
      expect(isSingleBinName(name), name).to.be.true;
    }
  });

  it('are one if it is a delay of the traffic model, and several if it is another delay', () => {
    expect(isSingleBinName('ExitStreamTrafficModelLogDelayTime')).to.be.true;
    expect(isSingleBinName('ExitCircuitTrafficModelSquaredLogDelayTime_Dwell_$')).to.be.true;
    expect(isSingleBinName('HSDir2StoreAddUploadDelayTime')).to.be.false;
  });

  it('are several for any other name', () => {
    for (const name of [
      'ExitCircuitStreamHistogram',
      'ExitDomainExactMatchCountList',
      'EntryCircuitCellRatio',
      '',
    ]) {
      expect(isSingleBinName(name), name).to.be.false;
    }
  });

  it('of a plain count must be one that holds the value 1', () => {
    const faults = (...bins: Bin[]): string[] => counterBinFaults('ExitStreamCount', bins);
    for (const bin of [SINGLE_BIN, [0, Infinity], [1, 2], [0.5, 1.5]] as Bin[])
      expect(faults(bin)).to.deep.equal([]);
    for (const bin of [
      [5, 10],
      [0, 1],
      [1.0001, Infinity],
      [-Infinity, 1],
    ] as Bin[]) {
      expect(faults(bin)).to.deep.equal([`the bin [${bin[0]}, ${bin[1]}] of a plain count must contain 1`]);
    }
    expect(faults([0, 1], [1, 2])).to.deep.equal(['a plain count has exactly one bin, not 2']);
  });

  it('of a counter of values must be two or more', () => {
    const faults = (...bins: Bin[]): string[] => counterBinFaults('ExitStreamLifeTime', bins);
    expect(faults(SINGLE_BIN)).to.deep.equal(['a counter of values needs at least two bins']);
    expect(faults([0, 1], [1, 2])).to.deep.equal([]);
    expect(faults([0, 1], [5, Infinity], [1, 2])).to.deep.equal([]);
  });

  it('are refused as any bins are, before their number', () => {
    expect(counterBinFaults('ExitStreamCount', [])).to.deep.equal(binFaults([]));
    expect(counterBinFaults('ExitStreamLifeTime', [[2, 1]])).to.deep.equal(binFaults([[2, 1]]));
  });

  it('over n match lists are one a list, and one for what is in none', () => {
    expect(listBins(3)).to.deep.equal([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, Infinity],
    ]);
    expect(listBins(1)).to.deep.equal([
      [0, 1],
      [1, Infinity],
    ]);
    for (const lists of [1, 2, 17]) {
      const bins = listBins(lists);
      expect(counterBinFaults('ExitDomainExactMatchCountList', bins)).to.deep.equal([]);
      for (let list = 0; list < lists; list += 1) expect(place(bins, list)).to.equal(list);
      expect([place(bins, lists), place(bins, Infinity)]).to.deep.equal([lists, lists]);
    }
  });
});

describeWithSharedData("the arity of PrivCount's 5,326 names", () => {
  it('is one bin for 2,214 names and several for 3,112', () => {
    const names = Object.keys(
      JSON.parse(readShared('original/counter-names.json.gz').toString('utf8')) as Record<string, string[]>,
    );
    const single = names.filter(isSingleBinName);
    expect([names.length, single.length, names.length - single.length]).to.deep.equal([5326, 2214, 3112]);
  });
});
