import { expect } from 'chai';
import fc from 'fast-check';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { type Plan } from '../../src/protocol/plan.js';
import { scaleBitsOf, scaleObjections } from '../../src/protocol/plan-scale.js';
import { testNetwork, testPlan } from '../support/test-network.js';

const CHECKS = testPlan(testNetwork()).counters.slice(-2);

function planOf(sigmas: readonly number[], weights: readonly number[], changes: Partial<Plan> = {}): Plan {
  return testPlan(testNetwork(), {
    counters: [...sigmas.map((sigma, at) => ({ name: `C${at}`, bins: [SINGLE_BIN], sigma })), ...CHECKS],
    collectors: weights.map((weight, at) => ({ name: `collector-${at + 1}`, weight })),
    ...changes,
  });
}

describe('the steps that a plan counts in', () => {
  it('are the coarsest in which the lightest share of the smallest sigma is at least 3', () => {
    expect(scaleBitsOf(planOf([3, 1e9], [1]))).to.equal(0);
    expect(scaleBitsOf(planOf([7.1], [Math.sqrt(1 / 20)]))).to.equal(1);
    expect(scaleBitsOf(planOf([7.1, 6], [1, 0.25, 0]))).to.equal(1);
    expect(scaleBitsOf(planOf([3 / 2 ** 20], [1]))).to.equal(20);
    expect(scaleBitsOf(planOf([2.99 / 2 ** 20], [1]))).to.equal(undefined);
  });

  it('are 1 where there is no noise', () => {
    expect(scaleBitsOf(planOf([0, 1], [1], { noise: 'off' }))).to.equal(0);
    expect(scaleObjections(planOf([0], [1], { noise: 'off' }))).to.deep.equal([]);
    expect(scaleObjections(planOf([0], [1], { noise: 'off', scaleBits: 1 }))).to.deep.equal([
      'the plan counts in steps of 2^-1, where its noise needs steps of 2^-0',
    ]);
  });

  it('are no choice of the tally: finer and coarser ones are refused', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.double({ min: 0.05, max: 3, noNaN: true }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 20 }),
        (sigmas, weights, scaleBits) => {
          const wanted = scaleBitsOf(planOf(sigmas, weights))!;
          const objections = scaleObjections(planOf(sigmas, weights, { scaleBits }));
          expect(objections).to.have.length(scaleBits === wanted ? 0 : 1);
          const least = Math.min(...sigmas) * Math.min(...weights);
          expect(least * 2 ** wanted).to.be.at.least(3);
          if (wanted > 0) expect(least * 2 ** (wanted - 1)).to.be.below(3);
        },
      ),
    );
  });

  it('can not be fine enough for a share below 3 / 2^20, and the refusal names the counter', () => {
    expect(scaleObjections(planOf([10, 1e-6], [1, 0.5], { scaleBits: 20 }))).to.deep.equal([
      "counter C1 has sigma 0.000001, of which the lightest collector's share of 0.5 is below 3 steps of 2^-20",
    ]);
  });

  it('leave room in a cell for the noise', () => {
    const tooMuch = ['the noise would not fit into a cell'];
    expect(scaleObjections(planOf([2 ** 99, 1.5], [1], { scaleBits: 1 }))).to.deep.equal([]);
    expect(scaleObjections(planOf([2 ** 100, 1.5], [1], { scaleBits: 1 }))).to.deep.equal(tooMuch);
    expect(scaleObjections(planOf([2 ** 101], [1]))).to.deep.equal(tooMuch);
  });
});
