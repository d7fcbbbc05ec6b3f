/**
 * The independent accountant over the allocations, and mistakes in an allocation, each of which it must see. What it finds
 * does not depend on chance: a mistake is seen always or never, and what is printed is by how much.
 */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { isSingleBinName } from '../../src/core/bins.js';
import { parseNoise } from '../../src/config/noise-file.js';
import { toNoiseRequest } from '../../src/config/noise-request.js';
import { type AllocatedCounter, type Allocation, allocateNoise } from '../../src/privacy/allocation.js';
import { type NoiseRequest } from '../../src/privacy/noise-request.js';
import { accountedEpsilon, lossAbove, type Moved } from './loss-distribution.js';
import { print } from './verdict.js';

const file = { file: 'privcount-29.yaml', bytes: readFileSync('config/noise/privcount-29.yaml') };
const noise = parseNoise(file);
const request = toNoiseRequest(noise, noise.counters, { rate: 1, isSampled: () => false });
const sensitivityOf = new Map(request.counters.map(({ name, sensitivity }) => [name, sensitivity]));
/** Of the grid. */
const ROUNDING = 1e-4;

/** What one person really moves, by the file, with the allocation's sigmas. */
function movedBy({ counters }: Pick<Allocation, 'counters'>): Moved[] {
  return counters.map(({ name, sigma }) => ({ move: sensitivityOf.get(name)!, sigma }));
}

/** What is wrong with sigmas that should give just epsilon; undefined if nothing is. */
function complaint(moved: readonly Moved[]): string | undefined {
  const epsilon = accountedEpsilon(moved, request.delta);
  if (Math.abs(epsilon - request.epsilon) <= ROUNDING) return undefined;
  const what = epsilon > request.epsilon ? 'more privacy is spent than is stated' : 'there is too much noise';
  return `${what}: epsilon ${epsilon.toFixed(4)} instead of ${request.epsilon}`;
}

/** Sigmas that the joint allocator makes of a request, for all 29 counters. */
function joint(changes: Partial<NoiseRequest> = {}): Moved[] {
  return movedBy(allocateNoise({ ...request, ...changes }, { allocator: 'joint' }));
}

const n = request.counters.length;
const halved = request.counters.map((counter) =>
  counter.isHistogram === true ? { ...counter, sensitivity: counter.sensitivity / 2 } : counter,
);

/** All sigmas as if the counter that needs most of the budget were not there; it gets noise in proportion to its value. */
function withOneForgotten(): Moved[] {
  const heaviest = request.counters.reduce((most, counter) =>
    counter.sensitivity / counter.estimatedValue > most.sensitivity / most.estimatedValue ? counter : most,
  );
  const others = request.counters.filter((counter) => counter !== heaviest);
  const short = allocateNoise({ ...request, counters: others }, { allocator: 'joint' });
  const ratio = short.counters[0]!.sigma / short.counters[0]!.estimatedValue;
  return [...movedBy(short), { move: heaviest.sensitivity, sigma: ratio * heaviest.estimatedValue }];
}

const MUTANTS: Readonly<Record<string, () => Moved[]>> = {
  'half of every sigma': () => joint().map(({ move, sigma }) => ({ move, sigma: sigma / 2 })),
  'sigmas that are 1 % short': () => joint().map(({ move, sigma }) => ({ move, sigma: sigma * 0.99 })),
  'sigmas of noise that is added twice': () => joint().map(({ move, sigma }) => ({ move, sigma: sigma * 2 })),
  'delta split over the counters, where the joint allocator does not': () =>
    joint({ delta: request.delta / n }),
  'delta times the number of counters': () => joint({ delta: request.delta * n }),
  'epsilon times 2': () => joint({ epsilon: 2 * request.epsilon }),
  'histograms at s where the file says 2 s': () => joint({ counters: halved }),
  'one counter forgotten': withOneForgotten,
};

describe('an attack on the joint allocation, by an independent accountant', function () {
  this.timeout(240_000);

  it('finds epsilon 0.3 for the 29 counters, as the report says', () => {
    expect(complaint(joint())).to.equal(undefined);
    expect(allocateNoise(request, { allocator: 'joint' }).integratedEpsilon).to.be.closeTo(0.3, 1e-9);
  });

  it('finds it with histograms at their L2 value, where one bin goes down by s and another up', () => {
    const { counters } = allocateNoise(request, { allocator: 'joint', histogramSensitivity: 'l2' });
    const moved = counters.flatMap(({ name, sensitivity, sigma }) =>
      isSingleBinName(name)
        ? [{ move: sensitivity, sigma }]
        : [
            { move: sensitivity / 2, sigma },
            { move: sensitivity / 2, sigma },
          ],
    );
    expect(complaint(moved)).to.equal(undefined);
  });

  for (const [name, mutant] of Object.entries(MUTANTS)) {
    it(`catches ${name}`, () => {
      const found = complaint(mutant());
      print(`${name}: always; ${found}`);
      expect(found).not.to.equal(undefined);
    });
  }
});

/** What is wrong with a split of (epsilon, delta): by PrivCount's theorem both add up over the counters. */
function splitComplaint(counters: readonly AllocatedCounter[]): string | undefined {
  const epsilon = counters.reduce((sum, counter) => sum + counter.epsilon!, 0);
  if (epsilon > request.epsilon * (1 + 1e-9))
    return `the parts of epsilon add up to ${epsilon.toPrecision(4)}`;
  const delta = counters.reduce(
    (sum, { sensitivity: move, sigma, epsilon: its }) => sum + lossAbove({ move, sigma }, its!),
    0,
  );
  // The grid's cells of 1e-4 standard deviations; less than half a percent of the tail.
  if (delta <= request.delta * 1.005) return undefined;
  return `losses above the parts of epsilon have a probability of ${delta.toExponential(2)} together`;
}

describe('an attack on PrivCount’s allocation, by the density of each counter’s loss', function () {
  this.timeout(240_000);
  const split = allocateNoise(request, { allocator: 'privcount' });

  it('finds that the parts of epsilon and delta add up to no more than the whole', () => {
    expect(splitComplaint(split.counters)).to.equal(undefined);
  });

  it('finds far less than 0.3 for all counters together, as the report says', () => {
    // A loss this small is but a few steps of the grid wide.
    expect(accountedEpsilon(movedBy(split), request.delta)).to.be.closeTo(split.integratedEpsilon, 5e-4);
    expect(split.integratedEpsilon).to.be.below(0.03);
  });

  for (const [name, counters] of Object.entries({
    'delta that is not split': allocateNoise(
      { ...request, delta: request.delta * n },
      { allocator: 'privcount' },
    ).counters,
    'delta split over one counter too few': allocateNoise(
      { ...request, delta: (request.delta * n) / (n - 1) },
      { allocator: 'privcount' },
    ).counters,
    'half of every sigma': split.counters.map((counter) => ({ ...counter, sigma: counter.sigma / 2 })),
    'epsilon that is not split': split.counters.map((counter) => ({ ...counter, epsilon: request.epsilon })),
  })) {
    it(`catches ${name}`, () => {
      const found = splitComplaint(counters);
      print(`${name}: always; ${found}`);
      expect(found).not.to.equal(undefined);
    });
  }
});
