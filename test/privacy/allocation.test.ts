import { expect } from 'chai';
import fc from 'fast-check';
import { type AllocationOptions, allocateNoise } from '../../src/privacy/allocation.js';
import { type CounterRequest, type NoiseRequest, requestFaults } from '../../src/privacy/noise-request.js';

const one = (change: Partial<CounterRequest> = {}): CounterRequest => ({
  name: 'ExitStreamCount',
  sensitivity: 20,
  estimatedValue: 1e6,
  ...change,
});
const request = (change: Partial<NoiseRequest> = {}): NoiseRequest => ({
  epsilon: 0.3,
  delta: 1e-3,
  excessNoiseRatio: 3,
  counters: [one()],
  ...change,
});
const both: readonly AllocationOptions[] = [{ allocator: 'joint' }, { allocator: 'privcount' }];

const requests = fc
  .record({
    epsilon: fc.double({ min: 0.01, max: 5, noNaN: true }),
    delta: fc.constantFrom(1e-3, 1e-6, 1e-9),
    counters: fc.array(
      fc.record({
        sensitivity: fc.double({ min: 1, max: 1e6, noNaN: true }),
        estimatedValue: fc.double({ min: 1, max: 1e9, noNaN: true }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  })
  .map(({ counters, ...level }): NoiseRequest => ({
    ...level,
    excessNoiseRatio: 1,
    counters: counters.map((counter, at) => ({ ...counter, name: `C${at}Count` })),
  }));

describe('allocateNoise', () => {
  it('gives all counters the same expected ratio of noise to value', () => {
    fc.assert(
      fc.property(requests, fc.constantFrom(...both), (wanted, options) => {
        const { counters } = allocateNoise(wanted, options);
        for (const { expectedNoiseRatio } of counters) {
          expect(expectedNoiseRatio / counters[0]!.expectedNoiseRatio).to.be.closeTo(1, 1e-9);
        }
      }),
    );
  });

  it('spends what was asked for jointly, and no more with PrivCount’s, by another computation of epsilon', () => {
    fc.assert(
      fc.property(requests, (wanted) => {
        expect(
          allocateNoise(wanted, { allocator: 'joint' }).integratedEpsilon / wanted.epsilon,
        ).to.be.closeTo(1, 1e-6);
        expect(allocateNoise(wanted, { allocator: 'privcount' }).integratedEpsilon).to.be.below(
          wanted.epsilon,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('never needs more noise jointly than PrivCount’s split, nor for plain privacy than for the stronger one', () => {
    fc.assert(
      fc.property(requests, (wanted) => {
        const ratio = (options: AllocationOptions): number =>
          allocateNoise(wanted, options).counters[0]!.expectedNoiseRatio;
        const plain = ratio({ allocator: 'joint' });
        const stronger = ratio({ allocator: 'joint', condition: 'probabilistic' });
        expect(plain).to.be.below(stronger);
        expect(stronger).to.be.below(ratio({ allocator: 'privcount' }) * (1 + 1e-6));
      }),
      { numRuns: 50 },
    );
  });

  it('says which definition holds', () => {
    const holds = (options: AllocationOptions): string => allocateNoise(request(), options).condition;
    expect(holds({ allocator: 'joint' })).to.equal('differential');
    expect(holds({ allocator: 'joint', condition: 'probabilistic' })).to.equal('probabilistic');
    expect(holds({ allocator: 'privcount' })).to.equal('probabilistic');
    expect(holds({ allocator: 'privcount', condition: 'differential' })).to.equal('probabilistic');
  });

  it('splits epsilon over the counters only with PrivCount’s allocator', () => {
    const counters = ['A', 'B', 'C'].map((name) => one({ name }));
    const split = allocateNoise(request({ counters }), { allocator: 'privcount' });
    const sum = split.counters.reduce((total, { epsilon }) => total + epsilon!, 0);
    expect(sum).to.be.within(0.2999, 0.3);
    expect(allocateNoise(request({ counters }), { allocator: 'joint' }).counters[0]).not.to.have.property(
      'epsilon',
    );
  });

  it('scales with the sensitivities, and keeps sigmas whatever E is', () => {
    for (const options of both) {
      const sigma = (change: Partial<NoiseRequest>): number =>
        allocateNoise(request(change), options).counters[0]!.sigma;
      expect(sigma({ counters: [one({ sensitivity: 40 })] }) / sigma({})).to.be.closeTo(2, 1e-6);
      expect(sigma({ excessNoiseRatio: 48 }) / sigma({})).to.be.closeTo(1, 1e-6);
      const ratio = (excessNoiseRatio: number): number =>
        allocateNoise(request({ excessNoiseRatio }), options).counters[0]!.expectedNoiseRatio;
      expect(ratio(48) / ratio(3)).to.be.closeTo(4, 1e-6);
    }
  });

  it('takes the L2 value of histograms only if asked to', () => {
    const counters = [one({ isHistogram: true })];
    const sigma = (options: AllocationOptions): number =>
      allocateNoise(request({ counters }), options).counters[0]!.sigma;
    expect(
      sigma({ allocator: 'joint' }) / sigma({ allocator: 'joint', histogramSensitivity: 'l2' }),
    ).to.be.closeTo(Math.SQRT2, 1e-12);
    expect(sigma({ allocator: 'privcount', histogramSensitivity: 'l2' })).to.equal(
      sigma({ allocator: 'privcount' }),
    );
    expect(
      allocateNoise(request(), { allocator: 'privcount', histogramSensitivity: 'l2' }).histogramSensitivity,
    ).to.equal('file');
  });

  it('allocates by what the sample rate leaves of a counter, and states the ratio to the whole', () => {
    const counters = [one({ name: 'A', sampleRate: 0.5 }), one({ name: 'B' })];
    for (const options of both) {
      const [sampled, whole] = allocateNoise(request({ counters }), options).counters;
      expect(sampled!.sigma / whole!.sigma).to.be.closeTo(0.5, 1e-9);
      expect(sampled!.expectedNoiseRatio).to.be.closeTo((Math.sqrt(3) * sampled!.sigma) / 1e6, 1e-12);
    }
  });

  it('counts a block once, by the counter that one person moves most', () => {
    const alone = allocateNoise(request(), { allocator: 'joint' });
    const inBlock = Array.from({ length: 5 }, (_, at) => one({ name: `C${at}`, block: 'groups' }));
    const together = allocateNoise(request({ counters: inBlock }), { allocator: 'joint' });
    expect(together.counters[3]!.sigma).to.equal(alone.counters[0]!.sigma);
    expect(together.mu).to.equal(alone.mu);
    const apart = allocateNoise(
      request({ counters: inBlock.map((counter) => ({ ...counter, block: counter.name })) }),
      {
        allocator: 'joint',
      },
    );
    expect(apart.counters[0]!.sigma / alone.counters[0]!.sigma).to.be.closeTo(Math.sqrt(5), 1e-9);
  });

  it('ends at once, and rightly, where sigma passes 2^33 or epsilon 7', () => {
    for (const epsilon of [0.3, 7, 8, 20, 64]) {
      const counters = [
        one({ name: 'Bytes', sensitivity: 1e12, estimatedValue: 1e15 }),
        one({ name: 'Few', sensitivity: 1, estimatedValue: 10 }),
      ];
      const allocation = allocateNoise(request({ epsilon, counters }), { allocator: 'privcount' });
      expect(allocation.integratedEpsilon).to.be.below(epsilon);
      const sum = allocation.counters.reduce((total, counter) => total + counter.epsilon!, 0);
      expect(sum).to.be.within(epsilon * 0.9999, epsilon * (1 + 1e-12));
      expect(
        allocateNoise(request({ epsilon, counters }), { allocator: 'joint' }).integratedEpsilon,
      ).to.be.closeTo(epsilon, epsilon * 1e-6);
    }
  });

  it('refuses a request with any number that is not above 0, and names the counter', () => {
    const wrong: readonly (readonly [Partial<NoiseRequest>, string])[] = [
      [{ epsilon: 0 }, "epsilon can't be 0"],
      [{ epsilon: NaN }, "epsilon can't be NaN"],
      [{ delta: 0 }, "delta can't be 0"],
      [{ delta: 1 }, "delta can't be 1"],
      [{ excessNoiseRatio: 0 }, "excess_noise_ratio can't be 0"],
      [{ counters: [one({ sensitivity: 0 })] }, "sensitivity of counter ExitStreamCount can't be 0"],
      [
        { counters: [one(), one({ name: 'B', estimatedValue: -1 })] },
        "estimated_value of counter B can't be -1",
      ],
      [{ counters: [one({ sensitivity: NaN })] }, "sensitivity of counter ExitStreamCount can't be NaN"],
      [
        { counters: [one({ estimatedValue: Infinity })] },
        "estimated_value of counter ExitStreamCount can't be Inf",
      ],
      [{ counters: [one({ sampleRate: 0 })] }, "circuit_sample_rate of counter ExitStreamCount can't be 0"],
      [
        { counters: [one({ sampleRate: 1.1 })] },
        "circuit_sample_rate of counter ExitStreamCount can't be 1.1",
      ],
      [{ counters: [] }, 'there are no counters'],
      [{ counters: [one({ sensitivity: 1e40 })] }, 'counter ExitStreamCount would need a sigma of'],
    ];
    for (const options of both) {
      for (const [change, message] of wrong) {
        expect(() => allocateNoise(request(change), options), message).to.throw(RangeError, message);
      }
    }
  });

  it('lists all faults of a request', () => {
    const counters = [one({ sensitivity: 0, estimatedValue: -2 }), one({ name: 'B', sampleRate: NaN })];
    expect(
      requestFaults(request({ epsilon: -1, delta: NaN, excessNoiseRatio: Infinity, counters })),
    ).to.deep.equal([
      { key: 'epsilon', value: -1 },
      { key: 'delta', value: NaN },
      { key: 'excess_noise_ratio', value: Infinity },
      { counter: 'ExitStreamCount', key: 'sensitivity', value: 0 },
      { counter: 'ExitStreamCount', key: 'estimated_value', value: -2 },
      { counter: 'B', key: 'circuit_sample_rate', value: NaN },
    ]);
    expect(requestFaults(request())).to.deep.equal([]);
  });
});
