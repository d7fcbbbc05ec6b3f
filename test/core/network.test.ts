import { expect } from 'chai';
import fc from 'fast-check';
import { KEEPERS_MAX } from '../../src/core/holder-sets.js';
import {
  COLLECTORS_MAX,
  isNoiseEnough,
  type Network,
  networkFaults,
  noiseVariance,
  worstNoiseVariance,
} from '../../src/core/network.js';

function identity(number: number): string {
  return number.toString(16).padStart(64, '0');
}

type Shape = {
  keepers?: number;
  threshold?: number;
  weights?: readonly number[];
  minCollectors?: number;
  tolerated?: Network['privacy']['tolerated'];
};

function network({ keepers = 3, threshold = 2, weights = [1, 1, 1], ...rest }: Shape = {}): Network {
  return {
    name: 'test',
    tallyServer: { host: '127.0.0.1', port: 20001, identity: identity(1), tlsPin: identity(2) },
    threshold,
    keepers: Array.from({ length: keepers }, (_, at) => ({ name: `sk${at}`, identity: identity(10 + at) })),
    collectors: weights.map((noiseWeight, at) => ({
      name: `dc${at}`,
      identity: identity(10_000 + at),
      noiseWeight,
      fingerprints: [],
    })),
    minCollectors: rest.minCollectors ?? 1,
    privacy: {
      epsilon: 0.3,
      delta: 1e-3,
      tolerated: rest.tolerated ?? { lost: 0, dishonest: 0, curious: 0 },
      budget: { epsilon: 3, delta: 1e-2, windowDays: 30 },
    },
    delayPeriodMs: 86_400_000,
    alwaysDelay: false,
    sigmaDecreaseTolerance: 1e-6,
  };
}

function keys(shape: Shape): string[] {
  return networkFaults(network(shape)).map(({ key }) => key);
}

describe('networkFaults', () => {
  it('finds nothing wrong with three keepers, t = 2, and three collectors', () => {
    expect(networkFaults(network())).to.deep.equal([]);
  });

  it('wants t of n with n <= 10 and 2t > n', () => {
    for (let n = 0; n <= KEEPERS_MAX + 1; n += 1) {
      for (let t = 0; t <= n + 1; t += 1) {
        const wanted = [
          ...(n >= 1 && n <= KEEPERS_MAX ? [] : ['share_keepers']),
          ...(t >= 1 && t <= n && 2 * t > n ? [] : ['sk_threshold']),
        ];
        expect(keys({ keepers: n, threshold: t }), `${t} of ${n}`).to.deep.equal(wanted);
      }
    }
  });

  it('wants at most 4,096 collectors, and a floor that they can reach', () => {
    const many = (n: number): number[] => Array.from({ length: n }, () => 1);
    expect(keys({ weights: many(COLLECTORS_MAX), minCollectors: COLLECTORS_MAX })).to.deep.equal([]);
    expect(keys({ weights: many(COLLECTORS_MAX + 1) })).to.deep.equal(['data_collectors']);
    expect(keys({ minCollectors: 0 })).to.deep.equal(['dc_threshold']);
    expect(keys({ minCollectors: 4 })).to.deep.equal(['dc_threshold']);
    expect(keys({ weights: [] })).to.include('data_collectors');
  });

  it('names both places of a name, identity or fingerprint that stands twice', () => {
    const good = network();
    const [keeper] = good.keepers;
    const [first, second, third] = good.collectors;
    const [a, b] = ['A'.repeat(40), 'B'.repeat(40)];
    const faults = networkFaults({
      ...good,
      collectors: [
        { ...first!, name: keeper!.name, fingerprints: [a] },
        { ...second!, identity: good.tallyServer.identity, fingerprints: [a] },
        { ...third!, fingerprints: [b, a, b] },
      ],
    });
    expect(faults.map(({ key, problem }) => `${key} ${problem}`)).to.deep.equal([
      'data_collectors[0].name is the same as share_keepers[0].name',
      'data_collectors[1].identity is the same as tally_server.identity',
      'data_collectors[1].fingerprint is the same as data_collectors[0].fingerprint',
      'data_collectors[2].fingerprint[1] is the same as data_collectors[0].fingerprint',
      'data_collectors[2].fingerprint[2] is the same as data_collectors[2].fingerprint[0]',
    ]);
  });

  it('wants a collector left whose noise counts', () => {
    expect(keys({ tolerated: { lost: 1, dishonest: 1, curious: 1 } })).to.deep.equal(['privacy.tolerated']);
  });

  it('wants the worst tolerated set to leave enough noise, and says which equal weights would', () => {
    const tolerated = { lost: 1, dishonest: 0, curious: 1 };
    expect(keys({ weights: [1, 2, 3, 0.999], tolerated })).to.deep.equal([]);
    const [fault] = networkFaults(network({ weights: [0.6, 0.6, 9, 9], tolerated }));
    expect(fault!.key).to.equal('data_collectors[].noise_weight');
    expect(fault!.problem).to.contain('0.72');
    expect(fault!.wanted).to.equal('at least 1; equal weights would be 0.707107 each');
  });

  it('advises equal weights that are then enough, for every number of collectors and losses', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(59), (n, lost) => {
        fc.pre(lost < n);
        const tolerated = { lost, dishonest: 0, curious: 0 };
        const [fault] = networkFaults(network({ weights: Array.from({ length: n }, () => 0.01), tolerated }));
        const weight = Number(/be ([\d.]+) each/.exec(fault!.wanted)![1]);
        expect(
          networkFaults(network({ weights: Array.from({ length: n }, () => weight), tolerated })),
        ).to.deep.equal([]);
      }),
    );
  });
});

describe('worstNoiseVariance', () => {
  it('leaves out the heaviest collectors and no others', () => {
    expect(noiseVariance([1, 2, 3])).to.equal(14);
    expect(worstNoiseVariance([3, 1, 2], 1)).to.equal(5);
    expect(worstNoiseVariance([3, 1, 2], 3)).to.equal(0);
  });

  it('is the least over all sets that may be missing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: 0, max: 9, noNaN: true }), { maxLength: 7 }),
        fc.nat(7),
        (weights, missing) => {
          const least = Array.from({ length: 2 ** weights.length }, (_, set) =>
            weights.filter((__, at) => ((set >> at) & 1) === 0),
          )
            .filter((left) => weights.length - left.length <= missing)
            .map(noiseVariance);
          expect(worstNoiseVariance(weights, missing)).to.be.closeTo(Math.min(...least), 1e-9);
        },
      ),
    );
  });

  it('is enough at 1, with room for rounding only', () => {
    const third = Math.sqrt(1 / 3);
    expect(isNoiseEnough(noiseVariance([third, third, third]))).to.equal(true);
    expect(isNoiseEnough(0.999_999)).to.equal(false);
  });
});
