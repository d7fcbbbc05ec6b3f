import { expect } from 'chai';
import { sampleGaussian, SIGMA_MAX, toGaussianSampler } from '../../src/privacy/discrete-gaussian.js';
import { RandomWords } from '../../src/privacy/random-words.js';
import { seededBytes } from './seeded-bytes.js';
import {
  cells,
  chiSquareDeviation,
  discreteGaussianPmf,
  normalCells,
  normalProbability,
} from './statistics.js';

const SAMPLES = 100_000;
/** A right sampler passes four standard deviations in 1 of 15,000 seeds; ours are fixed. */
const DEVIATIONS = 4;

function samples(sigma: number, seed: number, count = SAMPLES): bigint[] {
  const sampler = toGaussianSampler(sigma);
  const words = new RandomWords(seededBytes(seed));
  return Array.from({ length: count }, () => sampleGaussian(sampler, words));
}

function deviation(of: (values: readonly bigint[], sigma: number) => ReturnType<typeof cells>) {
  return (values: readonly bigint[], sigma: number): number => {
    const { observed, expected } = of(values, sigma);
    return chiSquareDeviation(observed, expected);
  };
}

describe('sampleGaussian', () => {
  for (const sigma of [0.3, 1, Math.SQRT2, 3, 25]) {
    it(`has the probabilities of the discrete Gaussian of sigma ${sigma}`, () => {
      const values = samples(sigma, 3);
      expect(deviation(cells)(values, sigma)).to.be.within(-DEVIATIONS, DEVIATIONS);
    });
  }

  for (const [name, sigma] of [
    ['1e6', 1e6],
    ['2^40', 2 ** 40],
    ['2^53 + 2', 2 ** 53 + 2],
    ['the largest', SIGMA_MAX],
  ] as const) {
    it(`has the probabilities of the normal distribution at sigma ${name}`, () => {
      expect(deviation(normalCells)(samples(sigma, 4), sigma)).to.be.within(-DEVIATIONS, DEVIATIONS);
    });
  }

  it('would be caught if its sigma were 3 % off', () => {
    expect(deviation(cells)(samples(3.09, 5), 3)).to.be.above(DEVIATIONS);
    expect(deviation(cells)(samples(24.25, 5), 25)).to.be.above(DEVIATIONS);
    expect(deviation(normalCells)(samples(1.03e6, 5), 1e6)).to.be.above(DEVIATIONS);
  });

  for (const sigma of [0.3, 1, 3, 25, 447.88951770132604, 1e6]) {
    it(`has mean, variance, skew and kurtosis of the discrete Gaussian of sigma ${sigma}`, () => {
      const pmf = sigma < 1000 ? discreteGaussianPmf(sigma) : undefined;
      const exactMoment = (power: number): number => {
        if (pmf === undefined) return [1, 0, 1, 0, 3, 0, 15, 0, 105][power]!;
        let sum = 0;
        for (let x = 1; x < 40 * sigma + 40; x += 1) sum += 2 * (x / sigma) ** power * pmf(x);
        return sum;
      };
      const values = samples(sigma, 6).map((value) => Number(value) / sigma);
      const moment = (power: number): number =>
        values.reduce((sum, value) => sum + value ** power, 0) / SAMPLES;
      for (const power of [1, 2, 3, 4]) {
        const exact = power % 2 === 1 ? 0 : exactMoment(power);
        const error = Math.sqrt((exactMoment(2 * power) - exact ** 2) / SAMPLES);
        expect(moment(power), `moment ${power}`).to.be.closeTo(exact, DEVIATIONS * error);
      }
    });
  }

  it('has tails as long as they should be', () => {
    const sigma = 1000;
    const values = samples(sigma, 7, 400_000).map((value) => Math.abs(Number(value)) / sigma);
    for (const reach of [2, 3, 3.5, 4]) {
      const beyond = values.filter((value) => value >= reach).length;
      const wanted = 400_000 * 2 * normalProbability(reach, 12);
      expect(beyond, `beyond ${reach} sigma`).to.be.closeTo(wanted, DEVIATIONS * Math.sqrt(wanted));
    }
  });

  it('is as often positive as negative', () => {
    for (const sigma of [0.5, 10, 2 ** 60]) {
      const values = samples(sigma, 8);
      const positive = values.filter((value) => value > 0n).length;
      const negative = values.filter((value) => value < 0n).length;
      expect(positive - negative).to.be.within(-DEVIATIONS * 317, DEVIATIONS * 317);
    }
  });

  it('fills the low bits of large values evenly', () => {
    const odd = samples(2 ** 80, 9).filter((value) => value % 2n !== 0n).length;
    expect(odd / SAMPLES).to.be.closeTo(0.5, 0.007);
  });

  it('is all zeros for a sigma near nothing', () => {
    expect(new Set(samples(1e-3, 10, 1000))).to.deep.equal(new Set([0n]));
    expect(new Set(samples(Number.MIN_VALUE, 10, 20))).to.deep.equal(new Set([0n]));
  });

  it('gives the same values for the same bytes', () => {
    expect(samples(25, 11, 100)).to.deep.equal(samples(25, 11, 100));
    expect(samples(25, 11, 100)).not.to.deep.equal(samples(25, 12, 100));
  });
});

describe('toGaussianSampler', () => {
  it('takes the largest sigma and refuses one above it', () => {
    expect(() => toGaussianSampler(SIGMA_MAX)).not.to.throw();
    expect(() => toGaussianSampler(SIGMA_MAX * (1 + Number.EPSILON))).to.throw(RangeError, 'at most 2^100');
  });

  for (const sigma of [NaN, 0, -1, Infinity, -Infinity]) {
    it(`refuses a sigma of ${sigma}`, () => {
      expect(() => toGaussianSampler(sigma)).to.throw(RangeError, `not ${sigma}`);
    });
  }
});
