import { expect } from 'chai';
import fc from 'fast-check';
import {
  COUNT_MAX,
  isWithinRing,
  SCALE_BITS_MAX,
  scaleBitsFor,
  scaledBack,
} from '../../src/privacy/noise-scale.js';

describe('scaleBitsFor', () => {
  it('is the least power that gives every collector’s share a sigma of 3', () => {
    expect(scaleBitsFor({ sigmas: [10, 100], weights: [0.5, 1] })).to.equal(0);
    expect(scaleBitsFor({ sigmas: [6], weights: [0.5] })).to.equal(0);
    expect(scaleBitsFor({ sigmas: [5.9], weights: [0.5] })).to.equal(1);
    expect(scaleBitsFor({ sigmas: [1], weights: [0.1] })).to.equal(5);
  });

  it('leaves out collectors that add no noise, and has nothing to do without noise', () => {
    expect(scaleBitsFor({ sigmas: [10], weights: [0, 1] })).to.equal(0);
    expect(scaleBitsFor({ sigmas: [], weights: [1] })).to.equal(0);
    expect(scaleBitsFor({ sigmas: [1], weights: [0] })).to.equal(0);
  });

  it('ends at 20 bits', () => {
    const share = 3 / 2 ** SCALE_BITS_MAX;
    expect(scaleBitsFor({ sigmas: [share], weights: [1] })).to.equal(SCALE_BITS_MAX);
    expect(scaleBitsFor({ sigmas: [share * 0.999], weights: [1] })).to.equal(undefined);
  });
});

describe('isWithinRing', () => {
  it('holds for what PrivCount counts, with every scale', () => {
    expect(isWithinRing({ sigmas: [1e12, 3], weights: [1, 1, 1] }, SCALE_BITS_MAX)).to.equal(true);
  });

  it('fails one past each limit', () => {
    const noise = { sigmas: [2 ** 100], weights: [1] };
    expect(isWithinRing(noise, 0)).to.equal(true);
    expect(isWithinRing(noise, 1)).to.equal(false);
    expect(isWithinRing({ sigmas: [1], weights: [1] }, SCALE_BITS_MAX + 1)).to.equal(false);
    expect(isWithinRing({ sigmas: [2 ** 99], weights: [2.1] }, 0)).to.equal(false);
    const crowd = (count: number): number[] => Array.from({ length: count }, () => 2 ** 18);
    expect(isWithinRing({ sigmas: [2 ** 80], weights: crowd(4) }, 20)).to.equal(false);
    expect(isWithinRing({ sigmas: [2 ** 80], weights: crowd(4) }, 2)).to.equal(true);
  });

  it('leaves room for the counts in Z/2^128', () => {
    const counts = COUNT_MAX << BigInt(SCALE_BITS_MAX);
    const noise = 1n << (119n + 7n);
    expect(counts + noise < 1n << 127n).to.equal(true);
  });
});

describe('scaledBack', () => {
  it('is the exact decimal of total / 2^k', () => {
    expect(scaledBack(7n, 0)).to.equal('7');
    expect(scaledBack(7n, 1)).to.equal('3.5');
    expect(scaledBack(-7n, 1)).to.equal('-3.5');
    expect(scaledBack(-1n, 2)).to.equal('-0.25');
    expect(scaledBack(8n, 3)).to.equal('1');
    expect(scaledBack(0n, 20)).to.equal('0');
    expect(scaledBack(1n, 20)).to.equal('0.00000095367431640625');
    expect(scaledBack((1n << 100n) + 1n, 4)).to.equal(`${(1n << 96n).toString()}.0625`);
  });

  it('gives the total back when multiplied', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(1n << 110n), max: 1n << 110n }),
        fc.integer({ min: 0, max: 20 }),
        (total, bits) => {
          const text = scaledBack(total, bits);
          const [whole, rest = ''] = text.replace('-', '').split('.');
          const scaled = (BigInt(whole! + rest) << BigInt(bits)) / 10n ** BigInt(rest.length);
          expect(text.startsWith('-') ? -scaled : scaled).to.equal(total);
        },
      ),
    );
  });
});
