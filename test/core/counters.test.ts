import { expect } from 'chai';
import fc from 'fast-check';
import { SINGLE_BIN, type Bin } from '../../src/core/bins.js';
import { COLLECTOR_COUNT, isCheckCounter, layOutCounters, ZERO_COUNT } from '../../src/core/counters.js';

describe('the layout of counters', () => {
  it('gives each bin one cell, in the order of the counters and of their files', () => {
    const histogram: Bin[] = [
      [10, Infinity],
      [0, 10],
    ];
    const layout = layOutCounters([
      { name: 'ACount', bins: [SINGLE_BIN] },
      { name: 'BHistogram', bins: histogram },
      { name: 'CCount', bins: [SINGLE_BIN] },
    ]);
    expect(layout.cells).to.equal(4);
    expect(layout.places.map(({ name, firstCell }) => [name, firstCell])).to.deep.equal([
      ['ACount', 0],
      ['BHistogram', 1],
      ['CCount', 3],
    ]);
    expect(layout.byName.get('BHistogram')).to.equal(layout.places[1]);
    expect(layout.places[1]!.bins).to.deep.equal(histogram);
  });

  it('covers every cell exactly once', () => {
    const counters = fc.uniqueArray(
      fc.record({
        name: fc.string(),
        bins: fc.array(fc.constant(SINGLE_BIN), { minLength: 1, maxLength: 4 }),
      }),
      { selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(counters, (list) => {
        const layout = layOutCounters(list);
        const cells = layout.places.flatMap(({ firstCell, bins }) => bins.map((_, bin) => firstCell + bin));
        expect(cells).to.deep.equal(Array.from({ length: layout.cells }, (_, cell) => cell));
        for (const { name } of list) expect(layout.byName.get(name)!.name).to.equal(name);
      }),
    );
  });

  it('of no counters has no cells', () => {
    expect(layOutCounters([])).to.deep.equal({ places: [], byName: new Map(), cells: 0, scaleBits: 0 });
  });

  it('knows names as they are, also those that objects inherit', () => {
    const layout = layOutCounters([{ name: '__proto__', bins: [SINGLE_BIN] }]);
    expect(layout.byName.get('__proto__')!.firstCell).to.equal(0);
    expect(layout.byName.has('constructor')).to.be.false;
  });

  it('refuses a name that stands twice', () => {
    const twice = ['A', 'B', 'A'].map((name) => ({ name, bins: [SINGLE_BIN] }));
    expect(() => layOutCounters(twice)).to.throw(RangeError, 'counter A stands twice');
  });
});

describe('check counters', () => {
  it('are the one that nobody increments and the one that each collector increments once', () => {
    expect([ZERO_COUNT, COLLECTOR_COUNT].map(isCheckCounter)).to.deep.equal([true, true]);
    expect(['zerocount', 'ZeroCount_', 'ExitStreamCount', ''].some(isCheckCounter)).to.be.false;
  });
});
