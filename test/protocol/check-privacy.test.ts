import { expect } from 'chai';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { COLLECTOR_COUNT, ZERO_COUNT, type Counter } from '../../src/core/counters.js';
import { type Network } from '../../src/core/network.js';
import { discreteSigma } from '../../src/privacy/discrete-margin.js';
import { type LedgerEntry } from '../../src/privacy/ledger.js';
import {
  planMu,
  privacyObjections,
  sigmasOf,
  type PrivacyContext,
} from '../../src/protocol/check-privacy.js';
import { type Plan } from '../../src/protocol/plan.js';
import { testNetwork, testPlan } from '../support/test-network.js';
import { DIGEST } from './sample-statements.js';

/** spec/noise.md: the mu of (0.3, 1e-3), which testNetwork states for a round. */
const MU = 0.14142473;
const SENSITIVITY = 6;
/** What a plan needs so that its noise is worth just that. */
const SIGMA = discreteSigma(SENSITIVITY / MU);
const NOW_MS = 100 * 86_400_000;

type Changes = {
  readonly counters?: readonly Counter[];
  readonly plan?: Partial<Plan>;
  readonly privacy?: Partial<Network['privacy']>;
  readonly sensitivities?: PrivacyContext['sensitivities'] | 'none';
  readonly history?: Partial<PrivacyContext['history']>;
  readonly rule?: Partial<PrivacyContext['rule']>;
};

function counter(name: string, sigma: number): Counter {
  return { name, bins: [SINGLE_BIN], sigma };
}

const CHECKS = [counter(ZERO_COUNT, 0), counter(COLLECTOR_COUNT, 0)];

function subject(changes: Changes): { plan: Plan; context: PrivacyContext } {
  const base = testNetwork();
  const budget = { epsilon: 0.5, delta: 1e-3, windowDays: 30 };
  const privacy = { ...base.network.privacy, budget, ...changes.privacy };
  const known = { ...base, network: { ...base.network, privacy } };
  const plan = testPlan(known, {
    counters: [...(changes.counters ?? [counter('A', SIGMA)]), ...CHECKS],
    ...changes.plan,
  });
  const { sensitivities = new Map([['A', SENSITIVITY]]) } = changes;
  return {
    plan,
    context: {
      known,
      sensitivities: sensitivities === 'none' ? undefined : sensitivities,
      history: { ledger: [], delay: undefined, ...changes.history },
      rule: { delayPeriodMs: 86_400_000, alwaysDelay: false, sigmaDecreaseTolerance: 1e-6, ...changes.rule },
      nowMs: NOW_MS,
    },
  };
}

function objections(changes: Changes = {}): string[] {
  const { plan, context } = subject(changes);
  return privacyObjections(plan, context);
}

function mu(changes: Changes = {}): number {
  const { plan, context } = subject(changes);
  return planMu(plan, context);
}

function rounds(count: number, atMs = NOW_MS): LedgerEntry[] {
  return Array.from({ length: count }, (_, at) => ({ roundId: `${at}`, atMs, mu: MU }));
}

describe('the noise of a plan', () => {
  it('costs a mu that follows from sensitivities and sigmas, check counters aside', () => {
    expect(mu()).to.be.closeTo(MU, 1e-9);
    const two = [counter('A', SIGMA), counter('B', SIGMA)];
    const sensitivities = new Map([
      ['A', SENSITIVITY],
      ['B', SENSITIVITY],
    ]);
    expect(mu({ counters: two, sensitivities })).to.be.closeTo(Math.SQRT2 * MU, 1e-9);
  });

  it("costs network.yaml's level where it pins sigmas instead of sensitivities", () => {
    expect(mu({ sensitivities: 'none' })).to.be.closeTo(MU, 1e-7);
  });

  it('costs nothing where there is none, and no counter can make up for one that is not in the table', () => {
    expect(mu({ plan: { noise: 'off' } })).to.equal(0);
    expect(mu({ counters: [counter('B', 1e9)] })).to.equal(Infinity);
    expect(mu({ counters: [counter('A', 0)] })).to.equal(Infinity);
  });

  it('meets no objection at the level of network.yaml, and one just below', () => {
    expect(objections({ counters: [counter('A', SIGMA * (1 + 1e-7))] })).to.deep.equal([]);
    const [objection, ...more] = objections({ counters: [counter('A', SIGMA * 0.999)] });
    expect(objection).to.match(/^the sigmas give delta 0\.00100\d* at epsilon 0\.3, above 0\.001$/);
    expect(more).to.deep.equal([]);
  });

  it('is refused for counters that the table of sensitivities does not name', () => {
    expect(
      objections({ counters: [counter('A', SIGMA), counter('B', 1e9), counter('C', 1e9)] }),
    ).to.deep.equal([
      'counter B is not in the table of sensitivities that network.yaml names',
      'counter C is not in the table of sensitivities that network.yaml names',
    ]);
  });

  it('is refused by a node that does not have the table that network.yaml names', () => {
    expect(objections({ privacy: { sensitivitiesDigest: DIGEST }, sensitivities: 'none' })).to.deep.equal([
      'the table of sensitivities that network.yaml names (sensitivities_digest) is not here',
    ]);
    expect(objections({ privacy: { sigmasDigest: DIGEST }, sensitivities: 'none' })).to.deep.equal([]);
  });

  it('is counted in steps that make it wide enough at each collector, with and without sensitivities', () => {
    const sensitivities = new Map([['A', 0.01]]);
    const narrow = ['the plan counts in steps of 2^-0, where its noise needs steps of 2^-1'];
    const half = { scaleBits: 1 };
    for (const table of [sensitivities, 'none'] as const) {
      const counters = [counter('A', 2.9)];
      expect(objections({ counters, sensitivities: table })).to.deep.equal(narrow);
      expect(objections({ counters, sensitivities: table, plan: half })).to.deep.equal([]);
    }
    expect(objections({ counters: [counter('A', 3.1)], sensitivities })).to.deep.equal([]);
    expect(objections({ counters: [counter('A', 3.1)], sensitivities, plan: half })).to.have.length(1);
  });

  it('costs the same in finer steps', () => {
    expect(mu({ plan: { scaleBits: 3 } })).to.equal(mu());
  });

  it('must fit into a cell', () => {
    expect(objections({ counters: [counter('A', 1e300)] })).to.deep.equal([
      'the noise would not fit into a cell',
    ]);
  });

  it('is of no interest where there is none', () => {
    const history = { ledger: rounds(100), delay: { sigmas: new Map(), lastEndMs: NOW_MS } };
    const plan = { noise: 'off' } as const;
    expect(objections({ plan, counters: [counter('A', 0)], history })).to.deep.equal([]);
    expect(objections({ plan: { ...plan, scaleBits: 1 }, counters: [counter('A', 0)] })).to.have.length(1);
  });
});

describe('a node that remembers its rounds', () => {
  it('refuses the round that would pass the budget, and takes it once the others are old enough', () => {
    // spec/noise.md: seven rounds at (0.3, 1e-3) cost epsilon 0.957 together.
    const privacy = { budget: { epsilon: 0.958, delta: 1e-3, windowDays: 30 } };
    const counters = [counter('A', SIGMA * (1 + 1e-7))];
    expect(objections({ counters, privacy, history: { ledger: rounds(6) } })).to.deep.equal([]);
    const [objection] = objections({ counters, privacy, history: { ledger: rounds(7) } });
    expect(objection).to.match(
      /^with this round, the rounds of 30 days would cost epsilon 1\.0\d* at delta 0\.001, above the budget of 0\.958 in network\.yaml$/,
    );
    const old = rounds(7, NOW_MS - 31 * 86_400_000);
    expect(objections({ counters, privacy, history: { ledger: old } })).to.deep.equal([]);
  });

  it('counts a round id that it has counted already once more: the tally chooses them', () => {
    const privacy = { budget: { epsilon: 0.3001, delta: 1e-3, windowDays: 30 } };
    const counters = [counter('A', SIGMA * (1 + 1e-7))];
    const { plan } = subject({ counters, privacy });
    expect(objections({ counters, privacy })).to.deep.equal([]);
    const known = [{ roundId: plan.roundId, atMs: NOW_MS, mu: MU }];
    expect(objections({ counters, privacy, history: { ledger: known } })).to.have.length(1);
  });

  it('waits after a round of other counters or more noise, and says until when', () => {
    const counters = [counter('A', SIGMA * 2)];
    const same = { sigmas: new Map([['A', SIGMA * 2]]), lastEndMs: NOW_MS - 1 };
    expect(objections({ counters, history: { delay: same } })).to.deep.equal([]);
    const wait = [
      "its counters or sigmas differ from the last round's, or every round waits (delay_period): not before 8726400 s since 1970",
    ];
    const before = { lastEndMs: NOW_MS };
    expect(
      objections({ counters, history: { delay: { ...before, sigmas: new Map([['A', SIGMA * 3]]) } } }),
    ).to.deep.equal(wait);
    expect(
      objections({ counters, history: { delay: { ...before, sigmas: new Map([['B', SIGMA * 2]]) } } }),
    ).to.deep.equal(wait);
    expect(
      objections({ counters, history: { delay: { ...same, ...before } }, rule: { alwaysDelay: true } }),
    ).to.deep.equal(wait);
    const long = { sigmas: new Map([['B', 1]]), lastEndMs: NOW_MS - 86_400_000 };
    expect(objections({ counters, history: { delay: long } })).to.deep.equal([]);
  });

  it('says budget and delay at once, but neither of a plan that breaks the level', () => {
    const history = { ledger: rounds(20), delay: { sigmas: new Map([['B', 1]]), lastEndMs: NOW_MS } };
    expect(objections({ counters: [counter('A', SIGMA * (1 + 1e-7))], history })).to.have.length(2);
    expect(objections({ counters: [counter('A', SIGMA / 2)], history })).to.have.length(1);
  });

  it('compares the sigmas of all counters but the check counters', () => {
    expect(sigmasOf(subject({}).plan)).to.deep.equal(new Map([['A', SIGMA]]));
  });
});
