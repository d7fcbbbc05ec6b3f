import { expect } from 'chai';
import {
  allocationJson,
  allocationLines,
  allocationYaml,
  compareAllocators,
  comparisonLines,
  definitionOf,
  noiseRatioOf,
} from '../../src/cli/noise-report.js';
import { parseNoise } from '../../src/config/noise-file.js';
import { toNoiseRequest } from '../../src/config/noise-request.js';
import { parseSigmas } from '../../src/config/sigmas-file.js';
import { type AllocationOptions, allocateNoise } from '../../src/privacy/allocation.js';

const file = {
  file: 'noise.yaml',
  bytes: new TextEncoder().encode(
    'privacy: {epsilon: 0.3, delta: 0.001, excess_noise_ratio: 3, allocator: privcount}\n' +
      'counters: {ExitStreamCount: {sensitivity: 20, estimated_value: 5000}, ExitStreamByteHistogram: {sensitivity: 40, estimated_value: 900}}',
  ),
};
const request = toNoiseRequest(parseNoise(file), parseNoise(file).counters, {
  rate: 0.5,
  isSampled: (name) => name === 'ExitStreamCount',
});
const allocated = (options: AllocationOptions) => allocateNoise(request, options);

describe('toNoiseRequest', () => {
  it('takes counters of several bins for histograms, and scales those that are sampled', () => {
    expect(request.counters).to.deep.equal([
      { name: 'ExitStreamCount', sensitivity: 20, estimatedValue: 5000, isHistogram: false, sampleRate: 0.5 },
      {
        name: 'ExitStreamByteHistogram',
        sensitivity: 40,
        estimatedValue: 900,
        isHistogram: true,
        sampleRate: 1,
      },
    ]);
  });
});

describe('definitionOf', () => {
  it('says for every way to allocate what holds, honestly', () => {
    expect(compareAllocators(allocated).map(({ allocation }) => definitionOf(allocation))).to.deep.equal([
      'probabilistic (the stronger condition) of each counter, with epsilon and delta split',
      'probabilistic (the stronger condition) of all counters together',
      'differential privacy of all counters together',
      'differential privacy of all counters together if histogram sensitivities are 2 s',
    ]);
  });
});

describe('comparisonLines', () => {
  it('has a line for each allocator, from the most noise to the least', () => {
    const compared = compareAllocators(allocated);
    const lines = comparisonLines(compared);
    expect(lines[0]).to.equal('2 counters, epsilon 0.3, delta 0.001, excess noise ratio 3');
    const ratios = compared.map(({ allocation }) => noiseRatioOf(allocation));
    expect([...ratios].sort((left, right) => right - left)).to.deep.equal(ratios);
    compared.forEach(({ title, allocation }, at) => {
      expect(lines[3 + at]).to.match(
        new RegExp(`^${title} +\\d+\\.\\d\\d % +0\\.\\d+ +${definitionOf(allocation).slice(0, 9)}`),
      );
    });
  });
});

describe('allocationLines', () => {
  it('has the sigma of each counter, and its noise as a share of all that happens', () => {
    const allocation = allocated({ allocator: 'joint' });
    const lines = allocationLines(allocation);
    expect(lines.slice(0, 3).join('\n'))
      .to.contain('allocator joint: differential privacy')
      .and.contain('0.300000');
    const row = lines.at(-2)!.split(/ +/);
    expect(row.slice(0, 4)).to.deep.equal([
      'ExitStreamCount',
      '20',
      '5000.00',
      allocation.counters[0]!.sigma.toPrecision(8),
    ]);
    expect(lines.at(-1)).to.match(/\d % *$/);
  });
});

describe('allocationYaml', () => {
  it('is a sigmas file and a noise file again, with the same allocator', () => {
    for (const options of [
      { allocator: 'privcount' },
      { allocator: 'joint', condition: 'probabilistic', histogramSensitivity: 'l2' },
    ] as const) {
      const allocation = allocated(options);
      const text = allocationYaml(allocation);
      const source = { file: 'allocation.yaml', bytes: new TextEncoder().encode(text) };
      expect([...parseSigmas(source)]).to.deep.equal(
        allocation.counters.map(({ name, sigma }) => [name, sigma]),
      );
      const again = parseNoise(source);
      expect(again.counters).to.deep.equal(parseNoise(file).counters);
      expect(again.options).to.deep.equal({
        allocator: allocation.allocator,
        condition: allocation.condition,
        histogramSensitivity: allocation.histogramSensitivity,
      });
      expect(text).to.match(
        /^# Made by privcount noise: .+\n# Plain epsilon at this delta, by integration: 0\.\d+\.\n/,
      );
    }
  });

  it('has the parts of epsilon where they are split', () => {
    expect(allocationYaml(allocated({ allocator: 'privcount' }))).to.contain('    epsilon: 0.');
    expect(allocationYaml(allocated({ allocator: 'joint' }))).not.to.contain('    epsilon: 0.');
  });
});

describe('allocationJson', () => {
  it('has mu, the definition and the epsilon of the other computation', () => {
    const allocation = allocated({ allocator: 'joint' });
    expect(allocationJson(allocation)).to.include({
      definition: definitionOf(allocation),
      mu: allocation.mu,
      epsilon_by_integration: allocation.integratedEpsilon,
    });
  });
});
