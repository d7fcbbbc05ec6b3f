/** Attacks of a tally that has two sets of reports opened: the difference of their totals is one collector's counts. */
import { expect } from 'chai';
import { toSigned } from '../../src/core/ring.js';
import { withFolder } from '../io/temporary-folder.js';
import { KeeperOnDisk, smallNetwork } from './our-keeper.js';
import { COLLECTORS, OurRound, planMessage, trueCount } from './our-round.js';
import { type Share } from './original-model.js';
import { type Table } from './original-numbers.js';
import { AIMED_AT_VICTIM, difference, OriginalWorld, trueCounts } from './original-world.js';

const OTHERS = COLLECTORS.slice(1);

/** A round up to its reports: what a tally of the original has then. */
function originalRound(): { world: OriginalWorld; dealt: Share[][]; reports: Table[] } {
  const world = new OriginalWorld();
  const dealt = world.deal(AIMED_AT_VICTIM).map((shares) => shares!);
  world.pass();
  return { world, dealt, reports: world.reports() };
}

/** The one total that honest nodes gave away. */
function openedOnce({ scene }: OurRound): void {
  const { outcome } = scene;
  if (outcome?.kind !== 'released') throw new Error('nothing was opened');
  expect(toSigned(outcome.totals)[0]).to.equal(trueCount(COLLECTORS));
}

describe('a tally that replays recorded seeds in a second start, with one collector left out', () => {
  it("reads that collector's exact counts in the original, from keepers that were restarted in between", () => {
    const { world, dealt, reports } = originalRound();
    const first = world.keepers.map((keeper) => world.open(keeper, AIMED_AT_VICTIM, dealt));
    for (const keeper of world.keepers) keeper.restart();
    const second = world.keepers.map((keeper) => world.open(keeper, AIMED_AT_VICTIM, dealt.slice(1)));
    const opened = difference([...reports, ...first], [...reports.slice(1), ...second]);
    expect(opened).to.deep.equal(trueCounts(0));
  });

  it('is told here that a keeper has seen the round', () => {
    const round = new OurRound('over');
    openedOnce(round);
    const { plan } = round.scene;
    const other = { ...plan, collectors: plan.collectors.slice(1) };
    expect(round.tell('keeper-1', planMessage(other))).to.deep.equal(['round-seen']);
    for (const again of [plan, other]) {
      expect(round.begin('keeper-1', again, { isSeen: true })).to.deep.equal(['round-seen']);
    }
  });

  it(
    'is told so here by a keeper that was ended and started anew in between',
    withFolder((folder) => {
      const known = smallNetwork();
      const before = new KeeperOnDisk(folder, known);
      const plan = before.plan(1);
      before.takePart(plan);
      before.end();
      const restarted = new KeeperOnDisk(folder, known);
      const reason = 'this keeper has seen a round of this id before';
      const again = restarted.refusal(restarted.tally.planMessage(plan));
      expect(again).to.deep.equal({ code: 'round-seen', reason });
      restarted.end();
    }),
  );

  it('finds here that no keeper takes the seeds into another round, nor votes in it', () => {
    const round = new OurRound('over');
    const plan = { ...round.scene.plan, roundId: '02'.repeat(16) };
    round.turnTo(plan);
    for (const keeper of plan.keepers) {
      expect(round.begin(keeper, plan)).to.deep.equal(['round-key']);
      const recorded = round.recordedDeposits(keeper);
      expect(recorded).to.have.length(COLLECTORS.length);
      for (const deposit of recorded) expect(round.tell(keeper, deposit)).to.deep.equal(['deposit-refused']);
      expect(round.tell(keeper, round.proposal(OTHERS))).to.deep.equal(['deposit-missing']);
    }
  });
});

describe('a tally that chooses the set a second time when it has the reports', () => {
  it("reads one collector's exact counts in the original", () => {
    const { world, dealt, reports } = originalRound();
    const [all, others] = [dealt, dealt.slice(1)].map((set) =>
      world.keepers.map((keeper) => world.open(keeper, AIMED_AT_VICTIM, set)),
    );
    const opened = difference([...reports, ...all!], [...reports.slice(1), ...others!]);
    expect(opened).to.deep.equal(trueCounts(0));
  });

  it('gets one total here: a keeper that has voted votes for no other set in the round', () => {
    const round = new OurRound('over');
    openedOnce(round);
    const refused = round.tellAll(round.proposal(OTHERS));
    expect(refused).to.deep.equal([['voted-otherwise'], ['voted-otherwise'], ['voted-otherwise']]);
  });

  it(
    'gets the same vote and no other here from a keeper that was ended and started anew after its vote',
    withFolder((folder) => {
      const known = smallNetwork();
      const before = new KeeperOnDisk(folder, known);
      const plan = before.plan(1);
      const roster = before.deal(plan);
      const [first, second] = [before.proposal(plan, roster), before.proposal(plan, roster, 'ee'.repeat(32))];
      const vote = before.ask(first);
      expect(vote?.kind).to.equal('vote');
      before.end();
      const restarted = new KeeperOnDisk(folder, known);
      expect(restarted.refusal(second)?.code).to.equal('voted-otherwise');
      expect(restarted.ask(first)).to.deep.equal(vote);
      restarted.end();
    }),
  );
});

describe('a tally that tells each keeper another set', () => {
  it("reads one collector's exact counts in the original, though no two keepers ever hold the same set", () => {
    const { world, dealt, reports } = originalRound();
    const [first, second] = world.keepers;
    const others = dealt.slice(1);
    const turns = [
      [world.open(first!, AIMED_AT_VICTIM, dealt), world.open(second!, AIMED_AT_VICTIM, others)],
      [world.open(first!, AIMED_AT_VICTIM, others), world.open(second!, AIMED_AT_VICTIM, dealt)],
    ] as const;
    const opened = difference(
      [...reports, turns[0][0], turns[1][1]],
      [...reports.slice(1), turns[1][0], turns[0][1]],
    );
    expect(opened).to.deep.equal(trueCounts(0));
  });

  it('gets nothing here: no set has the votes of t keepers, and none votes twice', () => {
    const round = new OurRound('voting');
    const sets = COLLECTORS.map((left) => COLLECTORS.filter((name) => name !== left));
    sets.forEach((set, at) => {
      const voted = round.tell(`keeper-${at + 1}`, round.proposal(set));
      expect(voted).to.deep.equal(['persist-vote', 'vote']);
    });
    const refused = [['certificate-refused'], ['certificate-refused'], ['certificate-refused']];
    expect(round.tellAll(round.certificate())).to.deep.equal(refused);
    sets.forEach((set, at) => {
      const next = `keeper-${((at + 1) % 3) + 1}`;
      expect(round.tell(next, round.proposal(set))).to.deep.equal(['voted-otherwise']);
    });
    expect(round.tellAll(round.certificate())).to.deep.equal(refused);
  });
});
