/**
 * The sampler against its exact distribution (spec/noise.md, "Drawing it"), and samplers that could take its place. Tails
 * are in sampler-tails.test.ts.
 */
import { expect } from 'chai';
import { toSigned } from '../../src/core/ring.js';
import { drawNoise } from '../../src/privacy/noise-vector.js';
import { type RandomBytes } from '../../src/privacy/random-words.js';
import { seededBytes } from '../privacy/seeded-bytes.js';
import { cells, chiSquareDeviation, discreteGaussianPmf, normalCells } from '../privacy/statistics.js';
import { type Finding, correlationDeviation, measurePower } from './verdict.js';

/** Draws a sample for each sigma. */
type Sampler = (sigmas: Float64Array, random: RandomBytes) => bigint[];

const SAMPLES = 4000;
const SIGMAS = [0.5, 3, 25, 1e6];
const RUNS = 10;

const real: Sampler = (sigmas, random) => toSigned(drawNoise(sigmas, random));

function checkSampler(sampler: Sampler): (seed: number) => Finding[] {
  return (seed) => SIGMAS.flatMap((sigma, at) => checkAt(sampler, sigma, 100 * seed + at));
}

function checkAt(sampler: Sampler, sigma: number, seed: number): Finding[] {
  const draw = (): bigint[] => sampler(new Float64Array(SAMPLES).fill(sigma), seededBytes(seed));
  const values = draw();
  const { observed, expected } = sigma < 1000 ? cells(values, sigma) : normalCells(values, sigma);
  const scaled = values.map((value) => Number(value) / sigma);
  return [
    { what: `chi-square at sigma ${sigma}`, deviations: chiSquareDeviation(observed, expected) },
    ...[1, 2, 3, 4].map((power) => momentFinding(scaled, sigma, power)),
    { what: 'neighbouring samples', deviations: correlationDeviation(scaled.slice(1), scaled.slice(0, -1)) },
  ];
}

function momentFinding(scaled: readonly number[], sigma: number, power: number): Finding {
  const mean = scaled.reduce((sum, value) => sum + value ** power, 0) / scaled.length;
  const exact = exactMoment(sigma, power);
  const error = Math.sqrt((exactMoment(sigma, 2 * power) - exact ** 2) / scaled.length);
  return { what: `moment ${power} at sigma ${sigma}`, deviations: (mean - exact) / error };
}

/** E[(X / sigma)^power] of the discrete Gaussian; of the normal distribution where that is the same to 12 digits. */
function exactMoment(sigma: number, power: number): number {
  if (power % 2 === 1) return 0;
  if (sigma > 1000) return [1, 0, 1, 0, 3, 0, 15, 0, 105][power]!;
  const pmf = discreteGaussianPmf(sigma);
  let sum = 0;
  for (let x = 1; x < 40 * sigma + 40; x += 1) sum += 2 * (x / sigma) ** power * pmf(x);
  return sum;
}

/** A generator that somebody seeded: the same bytes for whoever asks. */
const seeded: RandomBytes = (length) => seededBytes(42)(length);

/** Box and Muller's normal samples, rounded: not the discrete Gaussian, which matters where sigma is small. */
const rounded: Sampler = (sigmas, random) => {
  const bytes = random(8 * sigmas.length);
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from(sigmas, (sigma, at) => {
    const [u, v] = [0, 4].map((offset) => (words.getUint32(8 * at + offset) + 0.5) / 2 ** 32);
    return BigInt(Math.round(sigma * Math.sqrt(-2 * Math.log(u!)) * Math.cos(2 * Math.PI * v!)));
  });
};

const MUTANTS: Readonly<Record<string, Sampler>> = {
  'noise off': (sigmas) => Array.from(sigmas, () => 0n),
  'half of sigma': (sigmas, random) =>
    real(
      sigmas.map((sigma) => sigma / 2),
      random,
    ),
  'noise added twice': (sigmas, random) => real(sigmas, random).map((value) => 2n * value),
  'two noises added': (sigmas, random) => {
    const [left, right] = [real(sigmas, random), real(sigmas, random)];
    return left.map((value, at) => value + right[at]!);
  },
  'one sample for all cells': (sigmas, random) => {
    const [value] = real(sigmas.slice(0, 1), random);
    return Array.from(sigmas, () => value!);
  },
  'a rounded normal sample': rounded,
  'no negative noise': (sigmas, random) => real(sigmas, random).map((value) => (value < 0n ? -value : value)),
};

describe('an attack on the sampler', function () {
  this.timeout(240_000);

  it('finds nothing in the real one: chi-square, four moments, neighbours', () => {
    expect(measurePower('the real sampler', RUNS, checkSampler(real))).to.equal(0);
  });

  for (const [name, mutant] of Object.entries(MUTANTS)) {
    it(`catches ${name}`, () => {
      expect(measurePower(name, RUNS, checkSampler(mutant))).to.equal(RUNS);
    });
  }

  it('catches a generator that was seeded: it draws the same noise twice', () => {
    const draws = (random: RandomBytes): bigint[] => real(new Float64Array(50).fill(100), random);
    expect(draws(seeded)).to.deep.equal(draws(seeded));
    const source = seededBytes(1);
    expect(draws(source)).not.to.deep.equal(draws(source));
  });
});
