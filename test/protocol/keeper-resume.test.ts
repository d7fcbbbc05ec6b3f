import { expect } from 'chai';
import { sumsOfMasks } from '../../src/protocol/keeper-answer.js';
import { resumeKeeperRound } from '../../src/protocol/keeper-begin.js';
import { type KeeperRound } from '../../src/protocol/keeper-state.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { signerOf } from '../../src/protocol/round.js';
import { signStatement, statementDigest } from '../../src/protocol/statements.js';
import { runOut } from '../support/run-out.js';
import { testSelf } from '../support/test-network.js';
import { messagesOf, summary } from './effects.js';
import {
  dealAgain,
  keyed,
  known,
  NOW_MS,
  plan,
  proposal,
  roundId,
  self,
  set,
  take,
  takeAndSum,
  whole,
} from './keeper-scene.js';
import { keeperTakes } from './purely.js';

const planMessage = whole.last('plan', 'keeper-1');

/** The keeper as it is after a restart: the plan and its key again, then the inputs that changed its state. */
function replayed(inputs: readonly RoundMessage[]): KeeperRound {
  const secretKey = keyed.keys.secretKey.slice();
  const begun = resumeKeeperRound(self, planMessage, { secretKey, nowMs: 0 })!;
  return inputs.reduce((state, message) => take(state, message).state, begun);
}

/** What it was told until it held all deposits. */
const deposits = whole.sent.flatMap(({ to, message }) =>
  to === 'keeper-1' && message.kind === 'deposit' ? [message] : [],
);
const further = dealAgain('collector-1', 2);
const all = [...deposits, further];
const wide = proposal({ set: [{ ...set[0]!, generations: [1, 2] }, ...set.slice(1)] });

function certificate(send: number[] = [0, 1]): RoundMessage {
  const parts = ['keeper-2', 'keeper-3'].map((keeper) =>
    signStatement(
      'vote',
      { roundId, plan, keeper, proposal: statementDigest(wide.parts[0]!) },
      signerOf(testSelf(known, keeper)),
    ),
  );
  return { kind: 'certificate', roundId, send, parts };
}

describe('a keeper that comes back', () => {
  it('is what it was', () => {
    expect(replayed(deposits)).to.deep.equal(keyed);
    const voted = take(take(keyed, further).state, wide).state;
    expect(replayed([...all, wide])).to.deep.equal(voted);
  });

  it('gives the same round key, acknowledgements, vote and answer, to the byte', () => {
    const before = take(take(keyed, further).state, wide).state;
    const after = replayed([...all, wide]);
    for (const message of [planMessage, ...all, wide, certificate(), certificate([1]), certificate([])]) {
      const [first] = messagesOf(takeAndSum(before, message));
      expect(first, message.kind).not.to.equal(undefined);
      expect(messagesOf(takeAndSum(after, message)), message.kind).to.deep.equal([first]);
    }
  });

  it('refuses any other set than the one that it voted for', () => {
    const after = replayed([...all, wide]);
    for (const other of [proposal(), proposal({ set: set.slice(1) })]) {
      const step = take(after, other);
      expect(summary(step)).to.deep.equal(['voted-otherwise']);
      expect(step.state).to.equal(after);
    }
  });

  it('votes for what comes first if its vote was not on the disk yet', () => {
    const after = replayed(all);
    expect(summary(take(after, proposal({ set: set.slice(1) })))).to.deep.equal(['persist-vote', 'vote']);
  });

  it('has no part in a round of another network', () => {
    const secretKey = new Uint8Array(32).fill(1);
    const elsewhere = { ...self, known: { ...known, id: 'cd'.repeat(32) } };
    expect(resumeKeeperRound(elsewhere, planMessage, { secretKey, nowMs: 0 })).to.equal(undefined);
  });

  it('is over when its time would have been over, and not later', () => {
    const after = replayed(deposits);
    if (after.phase === 'ended') throw new Error('it is over');
    expect(after.expiresAtMs).to.equal(keyed.expiresAtMs);
    expect(keeperTakes(self, after, { kind: 'wake' }, after.expiresAtMs).state.phase).to.equal('ended');
  });
});

describe('the sums of a keeper', () => {
  const voted = take(take(keyed, further).state, wide).state;

  it('are made in pieces, one for each mask, and asked for once', () => {
    const step = take(voted, certificate());
    const [sum] = step.effects;
    if (sum?.kind !== 'sum') throw new Error('no sums were asked for');
    let pieces = 0;
    for (const work = sumsOfMasks(sum.state); work.next().done !== true;) pieces += 1;
    // Two of the three sets, with four generations each.
    expect(pieces).to.equal(2 * 4);
    expect(take(step.state, certificate([0]))).to.deep.include({ effects: [] });
  });

  it('are sent as they were asked for last while they were made', () => {
    const asked = take(take(voted, certificate([0, 1])).state, certificate([1])).state;
    if (asked.phase !== 'voted') throw new Error('it has not voted');
    const sums = runOut(sumsOfMasks(asked));
    const step = keeperTakes(self, asked, { kind: 'summed', sums }, NOW_MS);
    expect(messagesOf(step)[0]).to.deep.include({ kind: 'answer', send: [1] });
    expect(messagesOf(take(step.state, certificate([0, 1])))[0]).to.deep.include({ send: [0, 1] });
  });

  it('are not heard of where nobody asked, or when the round is over', () => {
    const asked = take(voted, certificate()).state;
    if (asked.phase !== 'voted') throw new Error('it has not voted');
    const input = { kind: 'summed', sums: runOut(sumsOfMasks(asked)) } as const;
    const ended: KeeperRound = { phase: 'ended', outcome: 'aborted' };
    const answered = keeperTakes(self, asked, input, NOW_MS).state;
    for (const state of [keyed, voted, answered, ended])
      expect(keeperTakes(self, state, input, NOW_MS)).to.deep.equal({ state, effects: [] });
  });
});
