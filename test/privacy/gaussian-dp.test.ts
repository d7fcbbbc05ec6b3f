import { expect } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { composedMu, deltaOf, epsilonOf, muOf, tailQuantile } from '../../src/privacy/gaussian-dp.js';
import { integratedEpsilon } from '../../src/privacy/loss-integral.js';
import { millsRatio, normalTail } from '../../src/privacy/normal.js';

type Vectors = {
  readonly tail: readonly [number, string, string][];
  readonly delta: readonly [number, number, string][];
  readonly mu: readonly [number, number, string, string][];
};

const vectors = JSON.parse(readFileSync('test/vectors/gaussian-dp.json', 'utf8')) as Vectors;

/** Relative, the promise of spec/noise.md; ours are nearer by some digits. */
const TOLERANCE = 1e-9;

function expectNear(found: number, wanted: string | number, what: string, tolerance = TOLERANCE): void {
  expect(Math.abs(found / Number(wanted) - 1), `${what}: ${found} for ${wanted}`).to.be.below(tolerance);
}

describe('normalTail and millsRatio', () => {
  it('have 13 digits from -20 to far beyond where the tail is too small for a double', () => {
    for (const [x, ratio, tail] of vectors.tail) {
      expectNear(millsRatio(x), ratio, `ratio at ${x}`, 1e-13);
      if (Number(tail) > 0) expectNear(normalTail(x), tail, `tail at ${x}`, 1e-13);
    }
  });

  it('fall without a step, also where one method takes over from the other', () => {
    let previous = millsRatio(2.4);
    for (let x = 2.4001; x < 2.6; x += 1e-4) {
      const ratio = millsRatio(x);
      expect(ratio).to.be.below(previous);
      previous = ratio;
    }
  });
});

describe('deltaOf', () => {
  it('agrees with 50 digits from mu = 1e-6 to 40 and epsilon = 0 to 20', () => {
    for (const [mu, epsilon, delta] of vectors.delta)
      expectNear(deltaOf(mu, epsilon), delta, `${mu}, ${epsilon}`);
  });
});

describe('muOf', () => {
  it('agrees with 50 digits for both conditions, delta from 1e-3 to 1e-12 and epsilon up to 20', () => {
    for (const [epsilon, delta, differential, probabilistic] of vectors.mu) {
      expectNear(muOf({ epsilon, delta }, 'differential'), differential, `${epsilon}, ${delta}`);
      expectNear(muOf({ epsilon, delta }, 'probabilistic'), probabilistic, `${epsilon}, ${delta}`);
    }
  });

  it('is the number of the specification at (0.3, 1e-3)', () => {
    expect(muOf({ epsilon: 0.3, delta: 1e-3 }, 'differential').toFixed(8)).to.equal('0.14142473');
  });

  it('asks for more noise for the stronger condition', () => {
    for (const [epsilon, delta] of vectors.mu) {
      const level = { epsilon, delta };
      expect(muOf(level, 'probabilistic')).to.be.below(muOf(level, 'differential'));
    }
    const level = { epsilon: 0.1, delta: 0.7 };
    expect(muOf(level, 'probabilistic')).to.be.above(0);
  });

  it('refuses levels that promise nothing or everything', () => {
    for (const epsilon of [0, -1, NaN, Infinity]) {
      expect(() => muOf({ epsilon, delta: 0.1 }, 'differential')).to.throw(
        RangeError,
        'epsilon must be above 0',
      );
    }
    for (const delta of [0, -1, NaN, 1]) {
      expect(() => muOf({ epsilon: 1, delta }, 'differential')).to.throw(RangeError, 'delta must be between');
    }
  });
});

describe('epsilonOf', () => {
  it('is the inverse of deltaOf and of muOf', () => {
    for (const [epsilon, delta, differential] of vectors.mu) {
      expectNear(epsilonOf(Number(differential), delta), epsilon, `${epsilon}, ${delta}`);
    }
  });

  it('is 0 without any change, and where delta alone covers it', () => {
    expect(epsilonOf(0, 1e-9)).to.equal(0);
    expect(epsilonOf(1e-3, 1e-3)).to.equal(0);
  });

  it('has the numbers of the specification for noise that is missing and for seven rounds', () => {
    const delta = 1e-3;
    const mu = muOf({ epsilon: 0.3, delta }, 'differential');
    const missing = [0.1, 0.2, 0.5].map((share) => epsilonOf(mu / Math.sqrt(1 - share), delta).toFixed(3));
    expect(missing).to.deep.equal(['0.320', '0.343', '0.454']);
    expect(epsilonOf(mu / Math.sqrt(0.1), delta).toFixed(2)).to.equal('1.18');
    expect(epsilonOf(composedMu(Array.from({ length: 7 }, () => mu)), delta).toFixed(3)).to.equal('0.957');
  });
});

describe('integratedEpsilon', () => {
  it('finds the same epsilon by integrating the definition', () => {
    for (const [epsilon, delta, differential] of vectors.mu) {
      // Below it, delta is too near what the change of mu alone gives for the rule to see.
      if (epsilon < 0.01) continue;
      expectNear(integratedEpsilon(Number(differential), delta), epsilon, `${epsilon}, ${delta}`, 1e-7);
    }
  });

  it('is 0 where delta alone covers it, and infinite where no epsilon is enough for a double', () => {
    expect(integratedEpsilon(1e-3, 1e-3)).to.equal(0);
    expect(integratedEpsilon(1, -1)).to.equal(Infinity);
  });
});

describe('tailQuantile', () => {
  it('is the inverse of normalTail, on both sides and to 1e-300', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 37, noNaN: true }), (x) => {
        expect(tailQuantile(normalTail(x))).to.be.closeTo(x, x < 0 ? 1e-6 : 1e-12);
      }),
    );
    expect(tailQuantile(0.5)).to.equal(0);
    expect(normalTail(tailQuantile(1e-300)) / 1e-300).to.be.closeTo(1, 1e-10);
  });
});
