/**
 * Another accountant over the allocations: the distribution of the privacy loss of each counter on a grid, convolved one
 * after another. It knows nothing of mu, of the normal distribution function's tails, or that losses of Gaussians add up
 * to one of a Gaussian. And mistakes in an allocation, each of which it must see.
 */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { isSingleBinName } from '../../src/core/bins.js';
import { parseNoise } from '../../src/config/noise-file.js';
import { toNoiseRequest } from '../../src/config/noise-request.js';
import { type AllocatedCounter, type Allocation, allocateNoise } from '../../src/privacy/allocation.js';

/** The grid of losses: cell i is the loss (i - ORIGIN) * STEP. */
const STEP = 1e-3;
const CELLS = 4001;
const ORIGIN = 2000;

/**
 * The loss of one counter that one person moves by `move`: log p(x) / q(x) at x drawn from p, for p and q the densities of
 * N(move, sigma^2) and N(0, sigma^2). Each part of x goes to the two nearest cells such that its mean loss stays.
 */
function lossOf({ move, sigma }: { move: number; sigma: number }): Float64Array {
  const losses = new Float64Array(CELLS);
  const parts = 4000;
  let total = 0;
  for (let part = 0; part < parts; part += 1) {
    const z = ((part + 0.5) / parts) * 16 - 8;
    const x = move + z * sigma;
    const mass = Math.exp((-z * z) / 2);
    const loss = (x * x - (x - move) ** 2) / (2 * sigma * sigma);
    const place = loss / STEP + ORIGIN;
    const cell = Math.floor(place);
    if (cell < 0 || cell + 1 >= CELLS) continue;
    losses[cell]! += mass * (cell + 1 - place);
    losses[cell + 1]! += mass * (place - cell);
    total += mass;
  }
  return losses.map((mass) => mass / total);
}

function convolved(left: Float64Array, right: Float64Array): Float64Array {
  const sum = new Float64Array(CELLS);
  const used = Array.from(right.entries()).filter(([, mass]) => mass > 1e-18);
  left.forEach((mass, at) => {
    if (mass < 1e-18) return;
    for (const [cell, other] of used) {
      const place = at + cell - ORIGIN;
      if (place >= 0 && place < CELLS) sum[place]! += mass * other;
    }
  });
  return sum;
}

/** The least epsilon at delta of counters with this noise, all moved at once. */
function accountedEpsilon(counters: readonly { move: number; sigma: number }[], delta: number): number {
  const loss = counters.map(lossOf).reduce(convolved);
  const deltaAt = (epsilon: number): number =>
    loss.reduce((sum, mass, cell) => {
      const above = (cell - ORIGIN) * STEP - epsilon;
      return above > 0 ? sum - mass * Math.expm1(-above) : sum;
    }, 0);
  let [low, high] = [0, 2];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (deltaAt(middle) <= delta) high = middle;
    else low = middle;
  }
  return high;
}

const file = { file: 'privcount-29.yaml', bytes: readFileSync('config/noise/privcount-29.yaml') };
const noise = parseNoise(file);
const request = toNoiseRequest(noise, noise.counters, { rate: 1, isSampled: () => false });
const joint = allocateNoise(request, { allocator: 'joint' });

/** The accountant's epsilon of an allocation, at its own sensitivities, with some change to each counter. */
function epsilonWith(
  { counters, delta }: Allocation,
  change: (counter: AllocatedCounter) => Partial<{ move: number; sigma: number }> = () => ({}),
): number {
  return accountedEpsilon(
    counters.map((counter) => ({ move: counter.sensitivity, sigma: counter.sigma, ...change(counter) })),
    delta,
  );
}

describe('an independent accountant', function () {
  this.timeout(20_000);

  it('finds epsilon 0.3 for the joint allocation of 29 counters', () => {
    expect(epsilonWith(joint)).to.be.closeTo(0.3, 1e-4);
    expect(joint.integratedEpsilon).to.be.closeTo(0.3, 1e-9);
  });

  it('finds it with histograms at their L2 value, where one bin goes down by s and another up', () => {
    const l2 = allocateNoise(request, { allocator: 'joint', histogramSensitivity: 'l2' });
    const moves = l2.counters.flatMap(({ name, sensitivity, sigma }) =>
      isSingleBinName(name)
        ? [{ move: sensitivity, sigma }]
        : [
            { move: sensitivity / 2, sigma },
            { move: sensitivity / 2, sigma },
          ],
    );
    expect(accountedEpsilon(moves, 1e-3)).to.be.closeTo(0.3, 1e-4);
  });

  it('finds far less than 0.3 for PrivCount’s split, and what the report says', () => {
    const split = allocateNoise(request, { allocator: 'privcount' });
    // A loss this small is but a few steps of the grid wide.
    expect(epsilonWith(split)).to.be.closeTo(split.integratedEpsilon, 5e-4);
    expect(split.integratedEpsilon).to.be.below(0.03);
  });

  it('sees half of every sigma', () => {
    expect(epsilonWith(joint, ({ sigma }) => ({ sigma: sigma / 2 }))).to.be.above(0.6);
  });

  it('sees sigmas that are 1 % short', () => {
    expect(epsilonWith(joint, ({ sigma }) => ({ sigma: sigma * 0.99 }))).to.be.above(0.3015);
  });

  it('sees histograms at s where the file says 2 s', () => {
    const halved = request.counters.map((counter) =>
      counter.isHistogram === true ? { ...counter, sensitivity: counter.sensitivity / 2 } : counter,
    );
    const wrong = allocateNoise({ ...request, counters: halved }, { allocator: 'joint' });
    const sensitivityOf = new Map(request.counters.map(({ name, sensitivity }) => [name, sensitivity]));
    expect(epsilonWith(wrong, ({ name }) => ({ move: sensitivityOf.get(name)! }))).to.be.above(0.36);
  });

  it('sees one counter forgotten in the allocation', () => {
    const heaviest = joint.counters.reduce((most, counter) =>
      counter.sensitivity / counter.sigma > most.sensitivity / most.sigma ? counter : most,
    );
    const without = request.counters.filter(({ name }) => name !== heaviest.name);
    const short = allocateNoise({ ...request, counters: without }, { allocator: 'joint' });
    const ratio =
      short.counters[0]!.sigma / joint.counters.find(({ name }) => name === short.counters[0]!.name)!.sigma;
    expect(epsilonWith(joint, ({ sigma }) => ({ sigma: sigma * ratio }))).to.be.above(0.3015);
  });

  it('sees delta that is not split where each counter has the whole of it', () => {
    const each = request.counters
      .slice(0, 8)
      .map((counter) =>
        allocateNoise({ ...request, epsilon: 0.3, counters: [counter] }, { allocator: 'privcount' }),
      );
    const moves = each.map(({ counters: [counter] }) => ({
      move: counter!.sensitivity,
      sigma: counter!.sigma,
    }));
    expect(accountedEpsilon(moves, 1e-3)).to.be.above(0.45);
  });
});
