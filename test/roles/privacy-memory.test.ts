import { expect } from 'chai';
import { type Network } from '../../src/core/network.js';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { continuousSigma } from '../../src/privacy/discrete-margin.js';
import { muOf } from '../../src/privacy/gaussian-dp.js';
import { type Plan } from '../../src/protocol/plan.js';
import { PrivacyMemory, strictestRule, type RoundPrivacy } from '../../src/roles/privacy-memory.js';
import { testNetwork, testPlan } from '../support/test-network.js';

const DAY_MS = 86_400_000;
const NOW_MS = 100 * DAY_MS;
const RULE = { delayPeriodMs: DAY_MS, alwaysDelay: false, sigmaDecreaseTolerance: 1e-6 };
const SIGMA = 10;

/** A disk: what was last written is there when the node starts anew. */
class Disk {
  text: string | undefined;
  writes = 0;
  isFull = false;
  read = (): string | undefined => this.text;
  write = (text: string): void => {
    if (this.isFull) throw new Error("can't write rounds.json: no space left on device");
    this.text = text;
    this.writes += 1;
  };
}

/** What network.yaml says: a day's level of (0.3, 1e-3), seven of which cost 0.957. */
function about(budget: Partial<Network['privacy']['budget']> = {}, name = 'test'): RoundPrivacy {
  const known = testNetwork();
  const privacy = {
    ...known.network.privacy,
    budget: { epsilon: 0.958, delta: 1e-3, windowDays: 30, ...budget },
  };
  const mu = muOf({ epsilon: 0.3, delta: 1e-3 }, 'differential');
  const sensitivities = new Map([['A', continuousSigma(SIGMA) * mu]]);
  return { known: { ...known, network: { ...known.network, name, privacy } }, sensitivities, rule: RULE };
}

function planOf(round: number, changes: Partial<Plan> & { sigma?: number; counter?: string } = {}): Plan {
  const { sigma = SIGMA, counter = 'A', ...rest } = changes;
  return testPlan(testNetwork(), {
    roundId: round.toString(16).padStart(32, '0'),
    counters: [{ name: counter, bins: [SINGLE_BIN], sigma }],
    ...rest,
  });
}

describe('what a node remembers of its rounds', () => {
  it('is on the disk when a round is accepted, and refuses the round beyond the budget after a restart', () => {
    const disk = new Disk();
    for (let round = 0; round < 7; round += 1) {
      // A node that is started anew before each round.
      const memory = new PrivacyMemory(disk);
      expect(memory.objections(planOf(round), about(), NOW_MS)).to.deep.equal([]);
      memory.accept(planOf(round), about(), NOW_MS);
      expect(disk.writes).to.equal(round + 1);
    }
    const memory = new PrivacyMemory(disk);
    expect(memory.history.ledger).to.have.length(7);
    expect(memory.objections(planOf(7), about(), NOW_MS)[0]).to.match(/above the budget of 0\.958/);
    expect(memory.objections(planOf(7), about(), NOW_MS + 30 * DAY_MS)).to.deep.equal([]);
  });

  it('is not cleared by another network.yaml, but measured by its budget', () => {
    const disk = new Disk();
    new PrivacyMemory(disk).accept(planOf(1), about(), NOW_MS);
    const other = about({ epsilon: 0.31 }, 'another');
    expect(new PrivacyMemory(disk).objections(planOf(2), other, NOW_MS)).to.have.length(1);
  });

  it('charges a plan that comes under a known round id once more', () => {
    const memory = new PrivacyMemory(new Disk());
    const tight = about({ epsilon: 0.301 });
    memory.accept(planOf(1), tight, NOW_MS);
    expect(memory.objections(planOf(1, { sigma: 2 * SIGMA }), tight, NOW_MS)).to.have.length(1);
    memory.accept(planOf(1), about(), NOW_MS);
    expect(memory.history.ledger).to.have.length(2);
  });

  it('counts a round that is aborted, but only one that this node gave its part to begins the delay', () => {
    const disk = new Disk();
    const memory = new PrivacyMemory(disk);
    memory.accept(planOf(1), about(), NOW_MS);
    const other = planOf(2, { sigma: SIGMA - 1e-3 });
    const wide = { ...about({ epsilon: 5 }), sensitivities: new Map([['A', 1]]) };
    expect(memory.objections(other, wide, NOW_MS)).to.deep.equal([]);
    memory.give(planOf(1), about(), NOW_MS);
    expect(new PrivacyMemory(disk).objections(other, wide, NOW_MS + DAY_MS - 1)[0]).to.match(/delay_period/);
    expect(new PrivacyMemory(disk).objections(other, wide, NOW_MS + DAY_MS)).to.deep.equal([]);
    expect(new PrivacyMemory(disk).objections(planOf(3), wide, NOW_MS + 1)).to.deep.equal([]);
  });

  it('does not let sigmas creep down a tolerance at a time, over restarts', () => {
    const disk = new Disk();
    const wide = {
      ...about({ epsilon: 50 }),
      sensitivities: new Map([['A', 0.1]]),
      rule: { ...RULE, sigmaDecreaseTolerance: 0.5 },
    };
    new PrivacyMemory(disk).give(planOf(1, { sigma: 10 }), wide, NOW_MS);
    const second = planOf(2, { sigma: 9.6 });
    expect(new PrivacyMemory(disk).objections(second, wide, NOW_MS)).to.deep.equal([]);
    new PrivacyMemory(disk).give(second, wide, NOW_MS);
    // 0.4 below the last round, but 0.8 below the first of the series.
    expect(new PrivacyMemory(disk).objections(planOf(3, { sigma: 9.2 }), wide, NOW_MS)).to.have.length(1);
  });

  it('makes a round with other counters wait, and one without noise not count', () => {
    const disk = new Disk();
    const silent = { noise: 'off', counter: 'B', sigma: 0 } as const;
    const memory = new PrivacyMemory(disk);
    memory.accept(planOf(1, silent), about(), NOW_MS);
    memory.give(planOf(1, silent), about(), NOW_MS);
    expect(disk.text).to.equal(undefined);
    memory.give(planOf(2), about(), NOW_MS);
    const both = { ...about({ epsilon: 5 }), sensitivities: new Map([['B', 1]]) };
    expect(memory.objections(planOf(3, { counter: 'B' }), both, NOW_MS)[0]).to.match(/delay_period/);
  });

  it('is the same after a round trip', () => {
    const disk = new Disk();
    const memory = new PrivacyMemory(disk);
    memory.accept(planOf(1), about(), NOW_MS);
    memory.give(planOf(1), about(), NOW_MS + 5);
    expect(new PrivacyMemory(disk).history).to.deep.equal(memory.history);
  });

  it('is not taken for written where the disk is full: the round is not accepted', () => {
    const disk = new Disk();
    const memory = new PrivacyMemory(disk);
    disk.isFull = true;
    expect(() => memory.accept(planOf(1), about(), NOW_MS)).to.throw('no space left');
    expect(memory.history.ledger).to.deep.equal([]);
  });

  const broken = {
    'no JSON': '{"version":1',
    nothing: '',
    'another version': '{"version":2,"rounds":[]}',
    'a cost below 0': '{"version":1,"rounds":[{"roundId":"a","atMs":1,"mu":-1}]}',
    'a cost that is infinite when read': '{"version":1,"rounds":[{"roundId":"a","atMs":1,"mu":1e999}]}',
    'a cost that is no number': '{"version":1,"rounds":[{"roundId":"a","atMs":1,"mu":null}]}',
    'no rounds': '{"version":1}',
    'an unknown key': '{"version":1,"rounds":[],"budget":5}',
  };
  for (const [what, text] of Object.entries(broken)) {
    it(`is not begun anew in silence from ${what}`, () => {
      const disk = new Disk();
      disk.text = text;
      expect(() => new PrivacyMemory(disk)).to.throw(Error);
    });
  }
});

describe('the rule of a node', () => {
  it('is the stricter of network.yaml’s and its own, in each part', () => {
    const network = { ...testNetwork().network, delayPeriodMs: 1000, sigmaDecreaseTolerance: 0.1 };
    expect(strictestRule(network, {})).to.deep.equal({
      delayPeriodMs: 1000,
      alwaysDelay: false,
      sigmaDecreaseTolerance: 0.1,
    });
    const own = { delayPeriodMs: 999, alwaysDelay: true, sigmaDecreaseTolerance: 0.2 };
    expect(strictestRule(network, own)).to.deep.equal({
      delayPeriodMs: 1000,
      alwaysDelay: true,
      sigmaDecreaseTolerance: 0.1,
    });
    const stricter = { delayPeriodMs: 1001, alwaysDelay: false, sigmaDecreaseTolerance: 0 };
    expect(strictestRule({ ...network, alwaysDelay: true }, stricter)).to.deep.equal({
      delayPeriodMs: 1001,
      alwaysDelay: true,
      sigmaDecreaseTolerance: 0,
    });
  });
});
