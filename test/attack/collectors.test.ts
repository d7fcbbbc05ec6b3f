/**
 * The noise of a whole network: what each collector adds, and what is in the total (spec/noise.md, "Drawing it" and "Who is
 * missing"): the sum over collectors is the discrete Gaussian of sigma times the root of the sum of squared weights.
 */
import { expect } from 'chai';
import { addVector, newVector, type RingVector, toSigned } from '../../src/core/ring.js';
import { noiseVariance } from '../../src/core/network.js';
import { drawNoise } from '../../src/privacy/noise-vector.js';
import { type RandomBytes } from '../../src/privacy/random-words.js';
import { seededBytes } from '../privacy/seeded-bytes.js';
import { cells, chiSquareDeviation } from '../privacy/statistics.js';
import {
  correlationDeviation,
  type Finding,
  measurePower,
  print,
  varianceDeviation,
  variancePower,
} from './verdict.js';

/** What collector number `at` adds, with its own share of sigma in each cell. */
type Draw = (shares: Float64Array, random: RandomBytes, at: number) => RingVector;

const WEIGHTS = [1, 0.7, 0.5, 0.3, 0.3];
/** The lightest collector's share is 3, the least that a plan may have. */
const SIGMA = 10;
const CELLS = 2000;
const RUNS = 10;

const real: Draw = (shares, random) => drawNoise(shares, random);

function checkTotals(draw: Draw): (seed: number) => Finding[] {
  return (seed) => {
    const [first, second] = [0, 1].map((round) => totalsOf(draw, 2 * seed + round));
    const sigma = SIGMA * Math.sqrt(noiseVariance(WEIGHTS));
    const { observed, expected } = cells(first!, sigma);
    const [scaled, again] = [first!, second!].map((values) => values.map((value) => Number(value) / sigma));
    return [
      { what: 'the variance of the total', deviations: varianceDeviation(scaled!) },
      { what: 'the distribution of the total', deviations: chiSquareDeviation(observed, expected) },
      { what: 'the next round', deviations: correlationDeviation(scaled!, again!) },
      {
        what: 'neighbouring cells',
        deviations: correlationDeviation(scaled!.slice(1), scaled!.slice(0, -1)),
      },
    ];
  };
}

function totalsOf(draw: Draw, seed: number): bigint[] {
  const total = newVector(CELLS);
  for (const [at, weight] of WEIGHTS.entries()) {
    const shares = new Float64Array(CELLS).fill(weight * SIGMA);
    addVector(total, draw(shares, seededBytes(1000 * seed + at), at));
  }
  return toSigned(total);
}

/** `variance`: of the total then, in units of what it should be, where that follows from the mutant. */
type Mutant = { readonly draw: Draw; readonly variance?: number };

function silent(gone: number): Mutant {
  const left = WEIGHTS.filter((_, at) => at !== gone);
  return {
    draw: (shares, random, at) => (at === gone ? newVector(shares.length) : real(shares, random, at)),
    variance: noiseVariance(left) / noiseVariance(WEIGHTS),
  };
}

const MUTANTS: Readonly<Record<string, Mutant>> = {
  'noise off': { draw: (shares) => newVector(shares.length), variance: 0 },
  'half of sigma': {
    draw: (shares, random, at) =>
      real(
        shares.map((share) => share / 2),
        random,
        at,
      ),
    variance: 1 / 4,
  },
  'noise added twice': {
    draw: (shares, random, at) => {
      const noise = real(shares, random, at);
      addVector(noise, noise.slice());
      return noise;
    },
    variance: 4,
  },
  'one silent collector, the heaviest': silent(0),
  'one silent collector of a middling weight': silent(1),
  'a generator with one seed at all collectors': {
    draw: (shares) => real(shares, seededBytes(42), 0),
  },
  'a generator that each collector seeds with its number': {
    draw: (shares, _, at) => real(shares, seededBytes(at), at),
  },
};

describe('an attack on the sum over collectors', function () {
  this.timeout(240_000);

  it('finds nothing in the real one', () => {
    expect(measurePower('the real collectors', RUNS, checkTotals(real))).to.equal(0);
  });

  for (const [name, { draw, variance }] of Object.entries(MUTANTS)) {
    it(`catches ${name}`, () => {
      expect(measurePower(name, RUNS, checkTotals(draw))).to.equal(RUNS);
      if (variance === undefined) return;
      print(`by the variance alone, computed: ${(100 * variancePower(variance, CELLS)).toFixed(2)} %`);
    });
  }

  it('says which share of the noise may be missing from one round unseen', () => {
    const seen = [0.95, 0.9, 0.85, 0.8, 0.7].map((variance) => {
      const percent = (100 * variancePower(variance, CELLS)).toFixed(0);
      return `${Math.round(100 - 100 * variance)} %: ${percent} %`;
    });
    print(`of the variance of ${CELLS} cells missing, seen with a probability of ${seen.join(', ')}`);
    expect(variancePower(0.7, CELLS)).to.be.above(0.999);
    expect(variancePower(1, CELLS)).to.be.below(1e-6);
  });
});
