/** Real processes, killed and stopped in the middle of a round; `npm run soak -- kills` does so at every commit. */
import { expect } from 'chai';
import { checkRound, expectKeptBefore } from './kill-checks.js';
import { KillRound, NODES, type Kill } from './kill-harness.js';
import { until } from './hostile-world.js';

/** Wide for a slow machine. */
const WAIT_MS_MAX = 120_000;
const TERMINATE_MS_MAX = 5_000;
/** What was sent longer ago has arrived. */
const ARRIVED_MS = 2_000;

function at(commit: number, when: Kill['when']): Kill {
  return { commit, when };
}

const KILLS = new Map([
  // As keys and deposits come in, and while collectors count or keepers vote.
  ['tally', [at(9, 'after'), at(30, 'before')]],
  // The round key is on the disk and has not been sent.
  ['keeper-1', [at(2, 'after')]],
  ['keeper-3', [at(5, 'before')]],
  // The second checkpoint is on the disk and its masks are not in the cells; or it is not.
  ['collector-2', [at(8, 'after')]],
  ['collector-3', [at(8, 'before')]],
]);

describe('a round whose processes', function () {
  this.timeout(400_000);
  // They wait for most of the time, so both at once.
  const killed = new KillRound({ kills: KILLS });
  const stopped = new KillRound({ kills: new Map(), collectPeriod: 25, checkpointPeriod: 600 });

  before(() => Promise.all([killed.start(), stopped.start()]));
  after(() => Promise.all([killed.stop(), stopped.stop()]));

  it('are told to end by SIGTERM while collectors count keeps all that they had counted', async () => {
    const relays = [...stopped.relays.values()];
    await until(() => relays.every(({ sent }) => sent.size > 0), 'all collectors count', WAIT_MS_MAX);
    // Each has seeds for the checkpoint that it takes when it ends; no other is due in this round.
    await stopped.quiet();
    for (const names of [
      ['collector-1', 'keeper-2'],
      ['tally', 'collector-3'],
    ]) {
      const ends = await Promise.all(names.map((name) => stopped.terminate(name)));
      for (const [order, { exitCode, ms, atMs }] of ends.entries()) {
        const name = names[order]!;
        expect(exitCode, name).to.equal(0);
        expect(ms, name).to.be.lessThan(TERMINATE_MS_MAX);
        const isBack = () => stopped.lives.get(name)!.at(-1)!.backAfterMs !== undefined;
        await until(isBack, `${name} is back`, WAIT_MS_MAX);
        if (stopped.relays.has(name)) expectKeptBefore(stopped, name, atMs - ARRIVED_MS);
      }
    }
    await stopped.ended();
    expect(await checkRound(stopped)).to.deep.include({ kills: 0, lost: 0, twice: 0, leftOut: [] });
    expect(NODES.collector.map((name) => stopped.lives.get(name)!.length)).to.deep.equal([2, 1, 2]);
  });

  it('are killed and started again loses and repeats nothing but what came since a checkpoint', async () => {
    await killed.ended();
    const figures = await checkRound(killed);
    expect(figures).to.deep.include({ kills: 6, lost: 0, twice: 0, leftOut: [] });
    expect(figures.counted).to.be.greaterThan(0);
  });
});
