/** The allocators against 40 digits and against what PrivCount itself computes. */
import { expect } from 'chai';
import { load } from 'js-yaml';
import { isSingleBinName } from '../../src/core/bins.js';
import { type Allocation, allocateNoise } from '../../src/privacy/allocation.js';
import { muOf, tailQuantile } from '../../src/privacy/gaussian-dp.js';
import { type NoiseRequest } from '../../src/privacy/noise-request.js';
import { leastEpsilon, leastSigma } from '../../src/privacy/privcount-allocator.js';
import { parseCounters } from '../../src/config/counters-file.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';
import { seededBytes } from './seeded-bytes.js';

type Amounts = Record<string, { sensitivity: number; estimated_value: number }>;
type Vectors = {
  single: { epsilon: number; delta: number; sigma_privcount: string; sigma_exact: string }[];
  sets: Record<
    string,
    {
      excess_noise_ratio: number;
      expected_noise_ratio_privcount: number;
      expected_noise_ratio_joint: number;
      counters: Record<string, Amounts[string] & { sigma_privcount: number }>;
    }
  >;
};
type Oracle = {
  input: { privacy: Record<string, number>; counters: Amounts };
  allocation: {
    privacy: Record<string, number>;
    counters: Record<string, { sigma: number; epsilon: number; expected_noise_ratio: number }>;
  };
};

const json = (path: string): unknown => JSON.parse(readShared(path).toString('utf8'));

function toRequest(privacy: Record<string, number>, counters: Amounts): NoiseRequest {
  return {
    epsilon: privacy['epsilon']!,
    delta: privacy['delta']!,
    excessNoiseRatio: privacy['excess_noise_ratio']!,
    counters: Object.entries(counters).map(([name, { sensitivity, estimated_value: estimatedValue }]) => ({
      name,
      sensitivity,
      estimatedValue,
      isHistogram: !isSingleBinName(name),
    })),
  };
}

function expectNear(found: number, wanted: number, tolerance: number, what: string): void {
  expect(Math.abs(found / wanted - 1), `${what}: ${found} for ${wanted}`).to.be.below(tolerance);
}

const ratioOf = (allocation: Allocation): number => allocation.counters[0]!.expectedNoiseRatio;

describeWithSharedData('allocators against vectors', () => {
  it('have the sigma of one counter for both conditions, from epsilon 0.1 to 5 and delta 1e-3 to 1e-12', () => {
    for (const { epsilon, delta, sigma_privcount, sigma_exact } of (json('noise-vectors.json') as Vectors)
      .single) {
      const what = `${epsilon}, ${delta}`;
      expectNear(1 / muOf({ epsilon, delta }, 'differential'), Number(sigma_exact), 1e-9, what);
      expectNear(1 / muOf({ epsilon, delta }, 'probabilistic'), Number(sigma_privcount), 1e-9, what);
      expectNear(leastSigma(1, { epsilon, delta }, tailQuantile(delta)), Number(sigma_privcount), 2e-6, what);
    }
  });

  for (const set of ['p2p_initial', 'full']) {
    it(`reproduce PrivCount’s set ${set}`, () => {
      const { excess_noise_ratio, counters, ...wanted } = (json('noise-vectors.json') as Vectors).sets[set]!;
      const request = toRequest({ epsilon: 0.3, delta: 1e-3, excess_noise_ratio }, counters);
      const split = allocateNoise(request, { allocator: 'privcount' });
      expectNear(ratioOf(split), wanted.expected_noise_ratio_privcount, 1e-6, 'ratio');
      for (const { name, sigma } of split.counters)
        expectNear(sigma, counters[name]!.sigma_privcount, 1e-6, name);
      const joint = allocateNoise(request, { allocator: 'joint' });
      expectNear(ratioOf(joint), wanted.expected_noise_ratio_joint, 1e-9, 'ratio');
      for (const { name, sigma, estimatedValue } of joint.counters) {
        const sigmaWanted =
          (estimatedValue * wanted.expected_noise_ratio_joint) / Math.sqrt(excess_noise_ratio);
        expectNear(sigma, sigmaWanted, 1e-9, name);
      }
    });
  }

  it('have the table of the 29 statistics: 14.61 % to 2.04 %, 1.63 % with L2 and 3.02 % with the stronger condition', () => {
    const { excess_noise_ratio, counters } = (json('noise-vectors.json') as Vectors).sets['full']!;
    const request = toRequest({ epsilon: 0.3, delta: 1e-3, excess_noise_ratio }, counters);
    const percent = (allocation: Allocation): string => (100 * ratioOf(allocation)).toFixed(2);
    expect(percent(allocateNoise(request, { allocator: 'privcount' }))).to.equal('14.61');
    expect(percent(allocateNoise(request, { allocator: 'joint' }))).to.equal('2.04');
    expect(percent(allocateNoise(request, { allocator: 'joint', histogramSensitivity: 'l2' }))).to.equal(
      '1.63',
    );
    expect(percent(allocateNoise(request, { allocator: 'joint', condition: 'probabilistic' }))).to.equal(
      '3.02',
    );
  });

  for (const name of ['one', 'small5', 'mid40']) {
    it(`reproduce what PrivCount allocates to the synthetic set ${name}`, () => {
      const { input, allocation } = json(`oracle/noise/synthetic.${name}.json`) as Oracle;
      const found = allocateNoise(toRequest(input.privacy, input.counters), { allocator: 'privcount' });
      for (const counter of found.counters) {
        const wanted = allocation.counters[counter.name]!;
        expectNear(counter.sigma, wanted.sigma, 1e-6, counter.name);
        expectNear(counter.expectedNoiseRatio, wanted.expected_noise_ratio, 1e-6, counter.name);
        expectNear(counter.epsilon!, wanted.epsilon, 1e-6, counter.name);
      }
    });

    it(`read the noise file of the synthetic set ${name} as the same request`, () => {
      const { input } = json(`oracle/noise/synthetic.${name}.json`) as Oracle;
      const file = load(readShared(`oracle/noise/synthetic.${name}.noise.yaml`).toString('utf8'));
      expect(file).to.deep.equal(input);
    });
  }

  it('agree with PrivCount’s own functions of one counter, where these give an answer', () => {
    const scalars = json('oracle/noise/scalars.json') as Record<string, [number[], unknown][]>;
    let compared = 0;
    for (const [[sensitivity, sigma, delta], wanted] of scalars[
      'get_differentially_private_epsilon(sensitivity,sigma,delta)'
    ]! as [[number, number, number], unknown][]) {
      if (typeof wanted !== 'number' || wanted === 0) continue;
      expectNear(
        leastEpsilon(sensitivity, sigma, tailQuantile(delta)),
        wanted,
        1e-6,
        `${sensitivity}, ${sigma}`,
      );
      compared += 1;
    }
    for (const [[sensitivity, epsilon, delta], wanted] of scalars[
      'get_differentially_private_std(sensitivity,epsilon,delta)'
    ]! as [[number, number, number], unknown][]) {
      if (typeof wanted !== 'number' || wanted === 0 || sensitivity <= 0) continue;
      const sigma = leastSigma(sensitivity, { epsilon, delta }, tailQuantile(delta));
      expect(sigma, `${sensitivity}, ${epsilon}, ${delta}`).to.be.closeTo(wanted, 2e-6 + wanted * 1e-9);
      compared += 1;
    }
    expect(compared).to.be.above(60);
  });

  it('allocate to all 5,313 counters of PrivCount', () => {
    const bins = parseCounters({ file: 'bins', bytes: readShared('original/counters.bins.yaml.gz') });
    const words = new DataView(seededBytes(1)(8 * bins.size).buffer);
    const power = (at: number, ten: number): number => 10 ** ((ten * words.getUint32(at * 4)) / 2 ** 32);
    const counters = [...bins.keys()].map((name, at) => ({
      name,
      sensitivity: power(2 * at, 9),
      estimatedValue: power(2 * at + 1, 12),
    }));
    const request = { epsilon: 0.3, delta: 1e-3, excessNoiseRatio: 3, counters };
    const joint = allocateNoise(request, { allocator: 'joint' });
    expect(joint.integratedEpsilon).to.be.closeTo(0.3, 1e-7);
    const split = allocateNoise(request, { allocator: 'privcount' });
    expect(split.counters.reduce((sum, { epsilon }) => sum + epsilon!, 0)).to.be.within(0.2999, 0.3);
    expect(ratioOf(split) / ratioOf(joint)).to.be.above(3);
  });
});
