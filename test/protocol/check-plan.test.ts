import { expect } from 'chai';
import { COLLECTOR_COUNT, ZERO_COUNT, type Counter } from '../../src/core/counters.js';
import { SINGLE_BIN, type Bin } from '../../src/core/bins.js';
import { type Network } from '../../src/core/network.js';
import {
  isSetNoisyEnough,
  planObjections,
  setObjection,
  type KnownNetwork,
  type SigmaFloor,
} from '../../src/protocol/check-plan.js';
import { CELLS_MAX, PLAN_AGE_MS_MAX } from '../../src/protocol/limits.js';
import { type Plan } from '../../src/protocol/plan.js';
import { testNetwork, testPlan } from '../support/test-network.js';
import { DIGEST } from './sample-statements.js';

const NOW_MS = 2 * PLAN_AGE_MS_MAX;

type Changes = {
  readonly known?: Partial<KnownNetwork>;
  readonly network?: Partial<Network>;
  readonly privacy?: Partial<Network['privacy']>;
  readonly weights?: readonly number[];
  readonly plan?: Partial<Plan>;
  readonly sigmaFloor?: SigmaFloor;
  readonly nowMs?: number;
};

/** A test network whose weights, and a plan of it, are as given; without any change there is no objection. */
function objections(changes: Changes = {}): string[] {
  const base = testNetwork();
  const weights = changes.weights ?? [1, 1, 1];
  const collectors = base.network.collectors.map((entry, at) => ({ ...entry, noiseWeight: weights[at]! }));
  const privacy = { ...base.network.privacy, ...changes.privacy };
  const network = { ...base.network, collectors, privacy, ...changes.network };
  const known = { ...base, network, ...changes.known };
  const plan = testPlan(known, { createdAtMs: NOW_MS, ...changes.plan });
  return planObjections(plan, { known, sigmaFloor: changes.sigmaFloor, nowMs: changes.nowMs ?? NOW_MS });
}

function counter(name: string, changes: Partial<Counter> = {}): Counter {
  return { name, bins: [SINGLE_BIN], sigma: 1, ...changes };
}

const TOLERATED = { lost: 0, dishonest: 0, curious: 0 };

describe('a plan', () => {
  it('that network.yaml allows meets no objection', () => {
    expect(objections()).to.deep.equal([]);
  });

  it('of another network meets one', () => {
    expect(objections({ plan: { networkId: DIGEST } })).to.deep.equal(['the plan is of another network']);
  });

  it('may be ten minutes old or ahead of this clock, and no more', () => {
    expect(objections({ nowMs: NOW_MS + PLAN_AGE_MS_MAX })).to.deep.equal([]);
    expect(objections({ nowMs: NOW_MS - PLAN_AGE_MS_MAX })).to.deep.equal([]);
    const late = "the plan was made 600 s ago by this node's clock; at most 600 s is taken";
    expect(objections({ nowMs: NOW_MS + PLAN_AGE_MS_MAX + 1 })).to.deep.equal([late]);
    const early = "the plan was made -600 s ago by this node's clock; at most 600 s is taken";
    expect(objections({ nowMs: NOW_MS - PLAN_AGE_MS_MAX - 1 })).to.deep.equal([early]);
  });

  it("must have bins that PrivCount's rules allow", () => {
    const counters = [
      counter('A', {
        bins: [
          [0, 2],
          [1, 3],
        ],
      }),
      counter('B', { bins: [[1, 1]] }),
    ];
    expect(objections({ plan: { counters } })).to.deep.equal([
      'counter A: bins [0, 2] and [1, 3] overlap; bins may only touch',
      'counter B: bin [1, 1] must have a low end below its high end',
    ]);
  });

  it('must not name a counter twice', () => {
    const counters = [counter('A'), counter('A')];
    expect(objections({ plan: { counters } })).to.deep.equal(['a counter stands twice']);
  });

  it('has 262144 bins at most', () => {
    const binsOf = (count: number) => Array.from({ length: count }, (_, low) => [low, low + 1] as const);
    const full = Array.from({ length: 32 }, (_, at) => counter(`C${at}`, { bins: binsOf(CELLS_MAX / 32) }));
    const drawMs = 60_000;
    expect(objections({ plan: { counters: full, drawMs } })).to.deep.equal([]);
    const tooMany = [...full, counter('one')];
    expect(objections({ plan: { counters: tooMany, drawMs } })).to.deep.equal([
      '262145 bins are more than the limit of 262144',
    ]);
  });

  it('has no more bins than a keeper can give the sums of in one frame', () => {
    const binsOf = (count: number) => Array.from({ length: count }, (_, low) => [low, low + 1] as const);
    const keepers = Array.from({ length: 10 }, (_, at) => ({
      name: `keeper-${at + 1}`,
      identity: testNetwork({}).network.keepers[0]!.identity,
    }));
    const given = (bins: number) => ({
      network: { keepers, threshold: 6 },
      plan: { keepers: keepers.map(({ name }) => name), drawMs: 60_000, counters: spread(bins) },
    });
    const spread = (bins: number) =>
      Array.from({ length: Math.ceil(bins / 8000) }, (_, at) =>
        counter(`C${at}`, { bins: binsOf(Math.min(8000, bins - at * 8000)) }),
      );
    // 126 sums of 16 bytes a bin, in 32 MiB less 128 KiB.
    expect(objections(given(16_579))).to.deep.equal([]);
    expect(objections(given(16_580))).to.deep.equal(['16580 bins are more than the limit of 16579']);
  });

  it('invites collectors of network.yaml, each once, at its noise weight', () => {
    const [first, second, third] = ['collector-1', 'collector-2', 'collector-3'].map((name) => ({
      name,
      weight: 1,
    }));
    expect(objections({ plan: { collectors: [third!, first!] } })).to.deep.equal([]);
    const stranger = { name: 'collector-9', weight: 1 };
    expect(objections({ plan: { collectors: [first!, stranger] } })).to.deep.equal([
      'collector collector-9 is not in network.yaml',
    ]);
    expect(objections({ plan: { collectors: [first!, { ...second!, weight: 0.5 }] } })).to.deep.equal([
      'collector collector-2 has noise weight 1 in network.yaml, not 0.5',
    ]);
    expect(objections({ plan: { collectors: [first!, first!] } })).to.deep.equal([
      'a collector stands twice',
    ]);
  });

  it('invites as many collectors as network.yaml demands', () => {
    const collectors = [
      { name: 'collector-1', weight: 1 },
      { name: 'collector-2', weight: 1 },
    ];
    expect(objections({ network: { minCollectors: 2 }, plan: { collectors } })).to.deep.equal([]);
    expect(objections({ network: { minCollectors: 3 }, plan: { collectors } })).to.deep.equal([
      "2 collectors are fewer than network.yaml's dc_threshold of 3",
    ]);
  });

  it('has the keepers of network.yaml, all of them, in its order', () => {
    const all = ['keeper-1', 'keeper-2', 'keeper-3'];
    const objection = ['the keepers are not those of network.yaml, in its order'];
    expect(objections({ plan: { keepers: all } })).to.deep.equal([]);
    expect(objections({ plan: { keepers: all.slice(1) } })).to.deep.equal(objection);
    expect(objections({ plan: { keepers: [...all].reverse() } })).to.deep.equal(objection);
    expect(objections({ plan: { keepers: [...all, 'keeper-4'] } })).to.deep.equal(objection);
  });

  it('has noise that is enough even without the tolerated collectors', () => {
    const weights = [0.8, 0.8, 0.8];
    const objection = [
      'the noise weights of the invited collectors, less the tolerated loss, do not add up to 1',
    ];
    expect(objections({ weights, privacy: { tolerated: { ...TOLERATED, lost: 1 } } })).to.deep.equal([]);
    for (const tolerated of [
      { lost: 2, dishonest: 0, curious: 0 },
      { lost: 0, dishonest: 2, curious: 0 },
      { lost: 1, dishonest: 0, curious: 1 },
    ]) {
      expect(objections({ weights, privacy: { tolerated } })).to.deep.equal(objection);
    }
  });

  it('has weights whose squares add up to 1, less a rounding', () => {
    const half = Math.SQRT1_2;
    expect(objections({ weights: [half, half, 0] })).to.deep.equal([]);
    expect(objections({ weights: [half, half - 1e-8, 0] })).to.have.length(1);
  });

  it('leaves collectors the time to draw their noise, so that who is late says nothing of it', () => {
    const bins: Bin[] = Array.from({ length: 1000 }, (_, at) => [at, at + 1]);
    const counters = [counter('A', { bins }), counter(ZERO_COUNT, { sigma: 0 })];
    expect(objections({ plan: { counters, drawMs: 151 } })).to.deep.equal([]);
    expect(objections({ plan: { counters, drawMs: 150 } })).to.deep.equal([
      '150 ms to draw the noise of 1001 bins (noise_period) would tell how large it is; at least 151 ms is taken',
    ]);
    const silent = { noise: 'off', counters: [counter('A', { sigma: 0 })], drawMs: 0 } as const;
    expect(objections({ plan: silent, weights: [0, 0, 0] })).to.deep.equal([]);
  });

  it('may be without noise only in a network of test keys', () => {
    const plan = { noise: 'off', counters: [counter('A', { sigma: 0 })] } as const;
    expect(objections({ plan, weights: [0, 0, 0] })).to.deep.equal([]);
    expect(objections({ plan, known: { isTest: false } })).to.deep.equal([
      'noise is off, which is for networks of test keys only',
    ]);
  });

  it('has noise in every counter but the check counters', () => {
    const counters = [
      counter('A', { sigma: 0 }),
      counter(ZERO_COUNT, { sigma: 0 }),
      counter(COLLECTOR_COUNT, { sigma: 0 }),
    ];
    expect(objections({ plan: { counters } })).to.deep.equal(['counter A has sigma 0, which is no noise']);
  });

  describe('where network.yaml names sigmas', () => {
    const privacy = { sigmasDigest: DIGEST };
    const sigmaFloor = new Map([['A', 2]]);
    const plan = {
      sigmas: DIGEST,
      counters: [counter('A', { sigma: 2 }), counter(ZERO_COUNT, { sigma: 0 })],
    };

    it('has no sigma below them', () => {
      expect(objections({ privacy, sigmaFloor, plan })).to.deep.equal([]);
      const counters = [counter('A', { sigma: 2 - 1e-9 })];
      expect(objections({ privacy, sigmaFloor, plan: { ...plan, counters } })).to.deep.equal([
        "counter A has sigma 1.999999999, below network.yaml's 2",
      ]);
    });

    it('has no counter that they do not know', () => {
      const counters = [counter('B', { sigma: 1e9 })];
      expect(objections({ privacy, sigmaFloor, plan: { ...plan, counters } })).to.deep.equal([
        'counter B is not in the table of sigmas that network.yaml names',
      ]);
    });

    it('names them too', () => {
      const objection = 'the sigmas are not those that network.yaml names (sigmas_digest)';
      expect(objections({ privacy, sigmaFloor, plan: { ...plan, sigmas: '00'.repeat(32) } })).to.deep.equal([
        objection,
      ]);
      expect(objections({ plan: { sigmas: DIGEST } })).to.deep.equal([objection]);
    });

    it('is refused by a node that does not have them', () => {
      expect(objections({ privacy, plan })).to.deep.equal([
        'the table of sigmas that network.yaml names (sigmas_digest) is not here',
      ]);
    });
  });

  it('is refused where network.yaml leaves the sigmas open, unless all keys are test keys', () => {
    expect(objections({ known: { isTest: false } })).to.deep.equal([
      'network.yaml names neither sensitivities_digest nor sigmas_digest, which is for networks of test keys only',
    ]);
  });

  it('meets every objection at once', () => {
    const counters = [counter('A', { sigma: 0 }), counter('A', { bins: [] })];
    const collectors = [{ name: 'x', weight: 0 }];
    const plan = { networkId: DIGEST, createdAtMs: 0, counters, collectors, keepers: [], sigmas: DIGEST };
    expect(objections({ plan, network: { minCollectors: 2 }, nowMs: NOW_MS })).to.have.length(10);
  });
});

describe('a set of collectors', () => {
  const base = testNetwork({
    collectors: 4,
    minCollectors: 2,
    tolerated: { lost: 1, dishonest: 1, curious: 0 },
  });
  const weights = [0.5, 0.8, 1, 1.5];
  const plan = testPlan(base, {
    collectors: base.network.collectors.map(({ name }, at) => ({ name, weight: weights[at]! })),
  });
  const names = (...numbers: number[]) => numbers.map((number) => `collector-${number}`);

  it('is large enough and noisy enough without the heaviest that may be dishonest or curious', () => {
    expect(setObjection(plan, base.network, names(1, 2, 3, 4))).to.equal(undefined);
    // 1 alone counts once 1.5 is taken for dishonest.
    expect(setObjection(plan, base.network, names(3, 4))).to.equal(undefined);
    expect(setObjection(plan, base.network, names(2, 4))).to.equal(
      'the noise of 2 collectors, less the tolerated dishonest and curious ones, is below the floor',
    );
    expect(setObjection(plan, base.network, names(4))).to.equal(
      "1 collectors are fewer than network.yaml's dc_threshold of 2",
    );
    expect(setObjection(plan, base.network, [])).to.be.a('string');
  });

  it('needs no noise where the plan has none', () => {
    const silent = { ...plan, noise: 'off' } as const;
    expect(setObjection(silent, base.network, names(1, 2))).to.equal(undefined);
    expect(isSetNoisyEnough(silent, [], 0)).to.equal(true);
    expect(isSetNoisyEnough(plan, [], 0)).to.equal(false);
  });
});
