import { expect } from 'chai';
import { continuousSigma, continuousWorth, discreteSigma } from '../../src/privacy/discrete-margin.js';
import { deltaOf } from '../../src/privacy/gaussian-dp.js';
import { discreteGaussianPmf } from './statistics.js';

/** delta of the discrete Gaussian against itself moved by `move`, by the definition. */
function discreteDelta(sigma: number, move: number, epsilon: number): number {
  const pmf = discreteGaussianPmf(sigma);
  let delta = 0;
  for (let x = -Math.ceil(40 * sigma) - move; x <= 40 * sigma + move; x += 1) {
    delta += Math.max(0, pmf(x) - Math.exp(epsilon) * pmf(x - move));
  }
  return delta;
}

describe('discreteSigma', () => {
  const sigmas = [0.5, 1, 2, 3, 4.5, 5.99, 6, 10, 24.99, 25, 40];

  it('hides at least what continuous noise does, for each epsilon and any number of steps', () => {
    for (const sigma of sigmas) {
      const drawn = discreteSigma(sigma);
      for (const move of [1, 2, 5]) {
        for (let epsilon = 0; epsilon < (4 * move) / sigma; epsilon += (0.31 * move) / sigma) {
          const discrete = discreteDelta(drawn, move, epsilon);
          expect(discrete, `${sigma}, ${move}, ${epsilon}`).to.be.below(
            deltaOf(move / sigma, epsilon) * (1 + 1e-9) + 1e-15,
          );
        }
      }
    }
  });

  it('is needed: without it the discrete noise hides less', () => {
    const sigma = 6;
    const missed = Array.from({ length: 60 }, (_, at) => at / 100).filter(
      (epsilon) => discreteDelta(sigma, 1, epsilon) > deltaOf(1 / sigma, epsilon),
    );
    expect(missed).not.to.deep.equal([]);
  });

  it('adds the flat margins of the specification from 6 and from 25 on, and they are enough', () => {
    expect(discreteSigma(25)).to.equal(25 * 1.0005);
    expect(discreteSigma(1e9)).to.equal(1e9 * 1.0005);
    expect(discreteSigma(6)).to.equal(6 * 1.002);
    expect(discreteSigma(24.9)).to.equal(24.9 * 1.002);
    for (let sigma = 6; sigma < 120; sigma *= 1.3) {
      expect(continuousWorth(discreteSigma(sigma)), String(sigma)).to.be.at.least(sigma);
    }
  });

  it('is the least that is enough below 6, to a part in 100,000', () => {
    for (const sigma of sigmas.filter((value) => value < 6)) {
      expect(continuousWorth(discreteSigma(sigma))).to.be.at.least(sigma);
      expect(continuousWorth(discreteSigma(sigma) * (1 - 2e-5))).to.be.below(sigma);
    }
  });
});

describe('continuousWorth', () => {
  it('is short of sigma by 1 in 24 sigma squared', () => {
    for (const sigma of [3, 6, 12, 25]) {
      expect((sigma / continuousWorth(sigma) - 1) * 24 * sigma * sigma).to.be.closeTo(1, 0.02);
    }
  });
});

describe('noise in steps of 2^-k', () => {
  it('is worth no less than noise of the same sigma in whole steps', () => {
    for (let sigma = 0.2; sigma < 60; sigma *= 1.17) {
      for (const bits of [1, 2, 5].filter((its) => sigma * 2 ** its < 300)) {
        const worth = continuousWorth(sigma * 2 ** bits) / 2 ** bits;
        expect(worth, `${sigma}, ${bits}`).to.be.at.least(continuousWorth(sigma) * (1 - 1e-12));
      }
    }
  });
});

describe('continuousSigma', () => {
  it('gives back at least what discreteSigma was made of, and never more than the noise is worth', () => {
    for (let sigma = 0.5; sigma < 60; sigma *= 1.037) {
      const drawn = discreteSigma(sigma);
      expect(continuousSigma(drawn), String(sigma)).to.be.at.least(sigma * (1 - 1e-9));
      expect(continuousSigma(drawn), String(sigma)).to.be.at.most(continuousWorth(drawn) * (1 + 1e-9));
    }
  });

  it('is never more than any sigma is worth, on both sides of each margin', () => {
    for (const sigma of [5.99, 6, 6.011, 6.012, 6.013, 24.99, 25, 25.0124, 25.0126, 100]) {
      expect(continuousSigma(sigma), String(sigma)).to.be.at.most(continuousWorth(sigma) * (1 + 1e-9));
    }
  });
});
