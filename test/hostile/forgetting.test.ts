/** Attacks on what a node remembers of its rounds for the sake of privacy. */
import { expect } from 'chai';
import { type Message } from '../../src/protocol/messages.js';
import { withFolder } from '../io/temporary-folder.js';
import { DAY_MS, KeeperOnDisk, smallNetwork } from './our-keeper.js';
import { OriginalWorld, startConfig, trueCounts } from './original-world.js';

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
      const known = smallNetwork();
      const before = new KeeperOnDisk(folder, known);
      before.takePart(before.plan(1));
      const refusal = before.refusal(before.tally.planMessage(before.plan(2, { sigma: 9 })));
      expect(refusal?.code).to.equal('plan-refused');
      expect(refusal?.reason).to.include('(delay_period)');
      before.end();
      const restarted = new KeeperOnDisk(folder, known, DAY_MS - 1);
      const next = (): Message => restarted.tally.planMessage(restarted.plan(2, { sigma: 9 }));
      expect(restarted.refusal(next())).to.deep.equal(refusal);
      restarted.tally.clock.advance(1000);
      expect(restarted.ask(next())?.kind).to.equal('round-key');
      restarted.end();
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
    'is refused here by a keeper whose budget is used up, in whatever network',
    withFolder((folder) => {
      const known = smallNetwork({ budgetEpsilon: TWO_ROUNDS });
      const renewed = smallNetwork({ budgetEpsilon: TWO_ROUNDS, id: 'cd'.repeat(32) });
      const keeper = new KeeperOnDisk(folder, known);
      for (const round of [1, 2]) keeper.takePart(keeper.plan(round));
      const refusal = keeper.refusal(keeper.tally.planMessage(keeper.plan(3)));
      expect(refusal?.code).to.equal('plan-refused');
      expect(refusal?.reason).to.include(`above the budget of ${TWO_ROUNDS}`);
      keeper.end();
      const moved = new KeeperOnDisk(folder, renewed, DAY_MS);
      expect(moved.refusal(moved.tally.planMessage(moved.plan(4)))).to.deep.equal(refusal);
      moved.tally.clock.advance(30 * DAY_MS);
      expect(moved.ask(moved.tally.planMessage(moved.plan(5)))?.kind).to.equal('round-key');
      moved.end();
    }),
  );
});
