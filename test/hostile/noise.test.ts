/** Attacks of a tally that turns the noise off. */
import { expect } from 'chai';
import { depositEntropyBytes } from '../../src/protocol/deposit.js';
import { type Plan } from '../../src/protocol/plan.js';
import { toRoundFacts } from '../../src/protocol/round.js';
import { declineOf } from '../protocol/effects.js';
import { watched } from '../protocol/purely.js';
import { testPlan, testSelf } from '../support/test-network.js';
import { KNOWN, planMessage } from './our-round.js';
import { OriginalWorld, startConfig, trueCounts } from './original-world.js';

/** An operators' network: its identities are taken for ones that nobody can compute. */
const REAL = { ...KNOWN, isTest: false };

/** What a keeper and a collector say to this plan. */
function refusals(plan: Plan, known = KNOWN): { code: string; reason: string }[] {
  const message = planMessage(plan);
  const given = { sigmaFloor: undefined, nowMs: 0, checkpointMs: 600_000 };
  const secretKey = new Uint8Array(32).fill(9);
  const entropy = new Uint8Array(depositEntropyBytes(toRoundFacts(plan, '', known)));
  const self = (name: string) => testSelf(known, name);
  return [
    watched.keeperBegins(self('keeper-1'), message, { ...given, secretKey, isSeen: false }),
    watched.collectorBegins(self('collector-1'), message, { ...given, entropy }),
  ].map((step) => {
    expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'declined' });
    const { code, reason } = declineOf(step);
    return { code, reason };
  });
}

function both(reason: string): { code: string; reason: string }[] {
  return [
    { code: 'plan-refused', reason },
    { code: 'plan-refused', reason },
  ];
}

describe('a tally that states a sigma of zero', () => {
  it('reads the exact total in the original', () => {
    expect(new OriginalWorld().run(startConfig({ sigma: 0 })).tallies).to.deep.equal(trueCounts(0, 1, 2));
  });

  it('is refused its plan here by keepers and collectors', () => {
    const counters = testPlan(KNOWN).counters.map((counter) =>
      counter.name === 'ExitStreamCount' ? { ...counter, sigma: 0 } : counter,
    );
    const reason = 'counter ExitStreamCount has sigma 0, which is no noise';
    expect(refusals(testPlan(KNOWN, { counters }))).to.deep.equal(both(reason));
  });

  it('is refused here, in a network that is not for tests, a plan that says noise is off', () => {
    const reason = 'noise is off, which is for networks of test keys only';
    expect(refusals(testPlan(KNOWN, { noise: 'off' }), REAL)).to.deep.equal(both(reason));
  });
});

describe('a tally that gives relays the noise weight of zero', () => {
  it('reads the exact total in the original, whatever the sigmas', () => {
    const config = startConfig({ sigma: 1_000_000, noiseWeight: new Map([['*', 0]]) });
    expect(new OriginalWorld().run(config).tallies).to.deep.equal(trueCounts(0, 1, 2));
  });

  it('is refused its plan here: weights are those of network.yaml', () => {
    const { collectors } = testPlan(KNOWN);
    const silenced = collectors.map((entry, at) => ({ ...entry, weight: at === 0 ? 0 : entry.weight }));
    const reason = 'collector collector-1 has noise weight 1 in network.yaml, not 0';
    expect(refusals(testPlan(KNOWN, { collectors: silenced }))).to.deep.equal(both(reason));
  });
});
