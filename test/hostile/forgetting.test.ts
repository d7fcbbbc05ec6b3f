/** Attacks on what a node remembers of its rounds for the sake of privacy. */
import { expect } from 'chai';
import { openMemory } from '../../src/cli/open-memory.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { type Plan } from '../../src/protocol/plan.js';
import { strictestRule, type PrivacyMemory, type RoundPrivacy } from '../../src/roles/privacy-memory.js';
import { withFolder } from '../io/temporary-folder.js';
import { testPlan } from '../support/test-network.js';
import { KNOWN } from './our-round.js';
import { DAY_S, OriginalWorld, startConfig, trueCounts } from './original-world.js';

const DAY_MS = 1000 * DAY_S;
const NOW_MS = 100 * DAY_MS;

/** KNOWN with a delay of a day, and this budget for 30 days; a round costs (0.3, 1e-3). */
function networkOf(id: string, budgetEpsilon: number): KnownNetwork {
  const { network } = KNOWN;
  const budget = { epsilon: budgetEpsilon, delta: 1e-3, windowDays: 30 };
  const privacy = { ...network.privacy, epsilon: 0.3, delta: 1e-3, budget };
  return { network: { ...network, privacy, delayPeriodMs: DAY_MS }, id, isTest: false };
}

function privacyOf(known: KnownNetwork): RoundPrivacy {
  return { known, sensitivities: undefined, rule: strictestRule(known.network, {}) };
}

/** A plan whose counters have this sigma. */
function planOf(known: KnownNetwork, { round = 1, sigma = 10 } = {}): Plan {
  const counters = testPlan(known).counters.map((counter) =>
    counter.sigma === 0 ? counter : { ...counter, sigma },
  );
  return testPlan(known, { roundId: round.toString(16).padStart(32, '0'), counters });
}

/** The node takes part in a round and gives what the total needs of it. */
function takePart(memory: PrivacyMemory, plan: Plan, known: KnownNetwork, nowMs: number): void {
  memory.accept(plan, privacyOf(known), nowMs);
  memory.give(plan, privacyOf(known), nowMs);
}

describe('a tally that has nodes restarted to get around the delay between rounds', () => {
  it('reads a total without noise in the original, of the hours next to those of one with noise', () => {
    const world = new OriginalWorld();
    const noiseless = startConfig({ sigma: 0 });
    world.run(startConfig());
    expect(world.run(noiseless).tallies, 'the delay holds').to.equal(undefined);
    for (const node of [...world.keepers, ...world.collectors]) node.restart();
    expect(world.run(noiseless).tallies).to.deep.equal(trueCounts(0, 1, 2));
  });

  it(
    'is refused here as before the restart: the last round is on the disk',
    withFolder((folder) => {
      const known = networkOf(KNOWN.id, 10);
      takePart(openMemory(folder), planOf(known), known, NOW_MS);
      const quieter = planOf(known, { round: 2, sigma: 9 });
      const objectionsAfter = (ms: number): string[] =>
        openMemory(folder).objections(quieter, privacyOf(known), NOW_MS + ms);
      for (const ms of [1, DAY_MS - 1]) {
        expect(objectionsAfter(ms)).to.have.length(1);
        expect(objectionsAfter(ms)[0]).to.include('(delay_period)');
      }
      expect(objectionsAfter(DAY_MS)).to.deep.equal([]);
    }),
  );
});

describe('a tally that repeats a round until the noise averages out, under a new network.yaml if need be', () => {
  const ROUNDS = 64;
  /** The epsilon at which one more is too much: two cost 0.454 at a delta of 1e-3. */
  const TWO_ROUNDS = 0.46;

  it('reads exact counts in the original, which keeps no account of rounds', () => {
    const world = new OriginalWorld({ collectors: 1, keepers: 1, seed: 3 });
    const config = startConfig({ sigma: 1, dcThreshold: 1 });
    const sums = new Map<string, number[]>();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, values] of Object.entries(world.run(config).tallies!)) {
        const before = sums.get(name) ?? values.map(() => 0);
        sums.set(
          name,
          before.map((sum, bin) => sum + Number(values[bin])),
        );
      }
    }
    const means = [...sums].map(([name, values]) => [name, values.map((sum) => Math.round(sum / ROUNDS))]);
    const truth = Object.entries(trueCounts(0)).map(([name, values]) => [name, values.map(Number)]);
    expect(means).to.deep.equal(truth);
  });

  it(
    'is refused here by a node whose budget is used up, in whatever network',
    withFolder((folder) => {
      const [known, renewed] = [networkOf(KNOWN.id, TWO_ROUNDS), networkOf('cd'.repeat(32), TWO_ROUNDS)];
      const objections = (network: KnownNetwork, nowMs: number): string[] =>
        openMemory(folder).objections(planOf(network, { round: 9 }), privacyOf(network), nowMs);
      for (const round of [1, 2]) {
        expect(objections(known, NOW_MS + round)).to.deep.equal([]);
        takePart(openMemory(folder), planOf(known, { round }), known, NOW_MS + round);
      }
      for (const network of [known, renewed]) {
        expect(objections(network, NOW_MS + 3)).to.have.length(1);
        expect(objections(network, NOW_MS + 3)[0]).to.include(`above the budget of ${TWO_ROUNDS}`);
      }
      expect(objections(renewed, NOW_MS + 31 * DAY_MS)).to.deep.equal([]);
    }),
  );
});
