import { expect } from 'chai';
import { toSigned } from '../../src/core/ring.js';
import { drawNoise, sampleDiscreteGaussian } from '../../src/privacy/noise-vector.js';
import { RandomWords } from '../../src/privacy/random-words.js';
import { seededBytes } from './seeded-bytes.js';

describe('drawNoise', () => {
  it('gives one value a cell, the same as sampling them one after another', () => {
    const sigmas = Float64Array.of(1.5, 1.5, 0, 2 ** 90, 3, 1.5);
    const words = new RandomWords(seededBytes(1));
    const plain = Array.from(sigmas, (sigma) => (sigma === 0 ? 0n : sampleDiscreteGaussian(sigma, words)));
    expect(toSigned(drawNoise(sigmas, seededBytes(1)))).to.deep.equal(plain);
  });

  it('adds no noise to cells of sigma 0', () => {
    expect(toSigned(drawNoise(new Float64Array(5), seededBytes(2)))).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
    expect(drawNoise(new Float64Array(0), seededBytes(2))).to.have.length(0);
  });

  it('draws each cell by itself', () => {
    const [left, right] = [0, 1].map((half) =>
      toSigned(drawNoise(new Float64Array(20_000).fill(100), seededBytes(3)))
        .filter((_, cell) => cell % 2 === half)
        .map(Number),
    );
    const correlation =
      left!.reduce((sum, value, at) => sum + (value / 100) * (right![at]! / 100), 0) / 10_000;
    expect(correlation).to.be.within(-0.04, 0.04);
  });

  for (const sigma of [NaN, -1, -Infinity, Infinity, 2 ** 101]) {
    it(`refuses a sigma of ${sigma}`, () => {
      expect(() => drawNoise(Float64Array.of(1, sigma), seededBytes(4))).to.throw(
        RangeError,
        'sigma must be',
      );
    });
  }
});
