/** The adder against bigint: amounts of any width, values in any bins. */
import { expect } from 'chai';
import fc from 'fast-check';

import { Adder, NO_VALUE, ONE } from '../../src/collection/adder.js';
import { layOutCounters } from '../../src/core/counters.js';
import { fromSigned, newVector, toSigned } from '../../src/core/ring.js';

const LAYOUT = layOutCounters([
  { name: 'Plain', bins: [[-Infinity, Infinity]] },
  {
    name: 'Spread',
    bins: [
      [10, 20],
      [-5, 0],
      [0, 10],
    ],
  },
]);

const halves = (value: bigint): [low: number, high: number] => [
  Number(value & 0xffff_ffffn),
  Number(value >> 32n),
];
const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const uint128 = fc.bigInt({ min: -(1n << 127n), max: (1n << 127n) - 1n });

describe('adder', () => {
  it('adds amounts of 64 bits and their sums to any cell, modulo 2^128', () => {
    fc.assert(
      fc.property(uint128, uint64, uint64, (start, left, right) => {
        const lanes = fromSigned([start, 0n, 0n, 0n]);
        const adder = new Adder({ layout: LAYOUT, lanes }, { amounts: 4, values: 1 });
        adder.setAmount(1, ...halves(left));
        adder.setAmount(2, ...halves(right));
        adder.setSum(3, 1, 2);
        expect(adder.amountAsNumber(3)).to.equal(Number(left + right));
        for (const adds of [ONE, 1, 2, 3]) adder.run(adder.compile([{ name: 'Plain', adds, at: NO_VALUE }]));
        expect(toSigned(lanes)[0]).to.equal(BigInt.asIntN(128, start + 1n + 2n * (left + right)));
      }),
      { numRuns: 1000 },
    );
  });

  it('adds amounts in the steps of the cells, and tells them in ones', () => {
    const integer = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
    const bits = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(bits, uint128, uint64, uint64, integer, (scaleBits, start, left, right, whole) => {
        const lanes = fromSigned([start, 0n, 0n, 0n]);
        const layout = { ...LAYOUT, scaleBits };
        const adder = new Adder({ layout, lanes }, { amounts: 5, values: 1 });
        adder.setAmount(1, 0, 0);
        adder.wipe();
        adder.setAmount(1, ...halves(left));
        adder.setAmount(2, ...halves(right));
        adder.setSum(3, 1, 2);
        adder.setInteger(4, whole);
        expect(adder.amountAsNumber(3)).to.equal(Number(left + right));
        for (const adds of [ONE, 1, 3, 4]) adder.run(adder.compile([{ name: 'Plain', adds, at: NO_VALUE }]));
        const counted = 1n + 2n * left + right + BigInt(whole);
        expect(toSigned(lanes)[0]).to.equal(BigInt.asIntN(128, start + (counted << BigInt(scaleBits))));
      }),
      { numRuns: 1000 },
    );
  });

  it('adds at the bin of the value, in the order of the file, and nowhere if there is none', () => {
    const lanes = newVector(LAYOUT.cells);
    const adder = new Adder({ layout: LAYOUT, lanes }, { amounts: 2, values: 1 });
    const program = adder.compile([{ name: 'Spread', adds: 1, at: 0 }]);
    adder.setAmount(1, 100, 0);
    for (const value of [-6, -5, 0, 9.5, 10, 20, NaN, Infinity]) {
      adder.place(0, value);
      adder.run(program);
    }
    expect(toSigned(lanes)).to.deep.equal([0n, 100n, 100n, 200n]);
  });

  it('leaves out counters that the plan does not have, and says which values nobody needs', () => {
    const adder = new Adder({ layout: LAYOUT, lanes: newVector(LAYOUT.cells) }, { amounts: 1, values: 2 });
    expect(adder.compile([{ name: 'Absent', adds: ONE, at: 0 }])).to.have.lengthOf(0);
    expect(adder.needs(0)).to.equal(false);
    adder.compile([{ name: 'Spread', adds: ONE, at: 1 }]);
    expect([adder.needs(0), adder.needs(1)]).to.deep.equal([false, true]);
  });
});
