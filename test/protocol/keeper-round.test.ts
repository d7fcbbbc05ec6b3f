import { expect } from 'chai';
import { type Json } from '../../src/protocol/canonical-json.js';
import { REASON_LENGTH_MAX } from '../../src/protocol/limits.js';
import { keeperWakeMs, type LiveKeeperRound } from '../../src/protocol/keeper-state.js';
import { type MessageOf, type RoundMessage } from '../../src/protocol/messages.js';
import { keeperMsMax, toPlanJson, type Plan } from '../../src/protocol/plan.js';
import { readStatement, statementDigest } from '../../src/protocol/statements.js';
import { testPlan } from '../support/test-network.js';
import { declineOf, messagesOf, summary } from './effects.js';
import { keeperBegins, keeperTakes } from './purely.js';
import { DIGEST } from './sample-statements.js';
import {
  dealAgain,
  ended,
  keyed,
  known,
  NOW_MS,
  plan,
  proposal,
  roundId,
  self,
  set,
  signedBy,
  speakerOf,
  take,
  takeAndSum,
  voted,
  whole,
} from './keeper-scene.js';

describe('a keeper that is shown a plan', () => {
  const message = whole.last('plan', 'keeper-1');
  const given = {
    secretKey: new Uint8Array(32).fill(9),
    sigmaFloor: undefined,
    isSeen: false,
    nowMs: NOW_MS,
  };
  const begin = (changed: Partial<MessageOf<'plan'>>, more: object = {}) =>
    keeperBegins(self, { ...message, ...changed }, { ...given, ...more });

  it('makes a key for the round and signs it', () => {
    const step = begin({});
    expect(step.state.phase).to.equal('keyed');
    expect(summary(step)).to.deep.equal(['round-key']);
    const statement = readStatement('round-key', messagesOf(step)[0]!.parts[0]!, speakerOf('keeper-1'));
    expect(statement).to.include({ roundId, plan, keeper: 'keeper-1' });
  });

  it('waits for the end of the round for as long as the plan allows', () => {
    const { state } = begin({});
    const expiresAtMs = NOW_MS + keeperMsMax(whole.plan);
    expect(keeperWakeMs(state)).to.equal(expiresAtMs);
    expect(keeperWakeMs(ended)).to.equal(undefined);
  });

  it('declines one that the tally of network.yaml did not sign, or whose round id is another', () => {
    const forged = signedBy('keeper-2', 'plan', toPlanJson(whole.plan));
    for (const changed of [{ parts: [forged] }, { parts: [] }, { roundId: '02'.repeat(16) }]) {
      const step = begin(changed);
      expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'declined' });
      expect(summary(step)).to.deep.equal(['not-genuine']);
    }
  });

  it('declines one of a round that it has seen before', () => {
    const step = begin({}, { isSeen: true });
    expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'declined' });
    expect(summary(step)).to.deep.equal(['round-seen']);
  });

  function refusalOf(changes: Partial<Plan>): string {
    const parts = [signedBy('tally', 'plan', toPlanJson(testPlan(known, changes)))];
    const step = begin({ parts });
    expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'declined' });
    const { code, reason } = declineOf(step);
    expect(code).to.equal('plan-refused');
    return reason;
  }

  it('declines one that network.yaml forbids, and says all that is wrong with it', () => {
    expect(refusalOf({ networkId: DIGEST, keepers: ['keeper-1'] })).to.equal(
      'the plan is of another network; the keepers are not those of network.yaml, in its order',
    );
  });

  it('keeps its answer and its log short, however much is wrong', () => {
    const counters = Array.from({ length: 1000 }, (_, at) => ({
      name: `C${at}`,
      bins: [[1, 0] as const],
      sigma: 0,
    }));
    expect(refusalOf({ counters })).to.have.length(REASON_LENGTH_MAX);
    const step = begin({ parts: [signedBy('tally', 'plan', toPlanJson(testPlan(known, { counters })))] });
    const texts = step.effects.flatMap((effect) => (effect.kind === 'log' ? [effect.text] : []));
    expect(texts[0]!.length).to.be.below(REASON_LENGTH_MAX + 100);
  });
});

describe('a keeper in a round', () => {
  const answers: Readonly<Record<RoundMessage['kind'], readonly [keyed: string[], voted: string[]]>> = {
    plan: [['round-key'], ['round-key']],
    deposit: [['acknowledgement'], ['acknowledgement']],
    proposal: [['persist-vote', 'vote'], ['vote']],
    certificate: [['out-of-order'], ['sum']],
    end: [['wipe'], ['wipe']],
    'round-key': [['out-of-order'], ['out-of-order']],
    acknowledgement: [['out-of-order'], ['out-of-order']],
    start: [['out-of-order'], ['out-of-order']],
    started: [['out-of-order'], ['out-of-order']],
    'report-request': [['out-of-order'], ['out-of-order']],
    report: [['out-of-order'], ['out-of-order']],
    vote: [['out-of-order'], ['out-of-order']],
    answer: [['out-of-order'], ['out-of-order']],
    decline: [['out-of-order'], ['out-of-order']],
  };
  const made: Partial<Record<RoundMessage['kind'], RoundMessage>> = {
    'report-request': { kind: 'report-request', roundId, parts: [] },
    decline: { kind: 'decline', roundId, code: 'busy', reason: '', parts: [] },
  };
  const to = (kind: RoundMessage['kind']) =>
    ['plan', 'deposit', 'proposal', 'certificate', 'end'].includes(kind) ? 'keeper-1' : undefined;
  for (const [kind, [whenKeyed, whenVoted]] of Object.entries(answers)) {
    const name = kind as RoundMessage['kind'];
    it(`takes a ${kind} as the table says in each phase`, () => {
      const message = made[name] ?? whole.last(name, to(name));
      expect(summary(take(keyed, message)), 'keyed').to.deep.equal(whenKeyed);
      expect(summary(take(voted, message)), 'voted').to.deep.equal(whenVoted);
      expect(take(ended, message), 'ended').to.deep.equal({ state: ended, effects: [] });
      if (whenKeyed[0] === 'out-of-order') expect(take(keyed, message).state).to.equal(keyed);
    });
  }

  it('gives the same bytes when asked again, in whatever phase', () => {
    for (const kind of ['plan', 'deposit', 'proposal', 'certificate'] as const) {
      const message = whole.last(kind, 'keeper-1');
      const first = takeAndSum(voted, message);
      const second = takeAndSum(first.state, message);
      expect(messagesOf(second)).to.deep.equal(messagesOf(first));
      expect(second.state).to.deep.equal(first.state);
      if (kind !== 'certificate') expect(messagesOf(take(keyed, message))).to.deep.equal(messagesOf(first));
    }
  });

  it('does not take another plan of the same round', () => {
    const other = signedBy('tally', 'plan', toPlanJson(testPlan(known, { collectMs: 1 })));
    for (const parts of [[other], []]) {
      const step = take(keyed, { kind: 'plan', roundId, parts });
      expect(summary(step)).to.deep.equal(['round-seen']);
      expect(step.state).to.equal(keyed);
    }
  });

  it('ends and wipes its key and seeds when the time is up, not before', () => {
    const early = keeperTakes(self, voted, { kind: 'wake' }, voted.expiresAtMs - 1);
    expect(early).to.deep.equal({ state: voted, effects: [] });
    const late = keeperTakes(self, voted, { kind: 'wake' }, voted.expiresAtMs);
    expect(late.state).to.deep.equal({ phase: 'ended', outcome: 'aborted' });
    expect(summary(late)).to.deep.equal(['wipe']);
    expect(keeperTakes(self, ended, { kind: 'wake' }, voted.expiresAtMs)).to.deep.equal({
      state: ended,
      effects: [],
    });
  });
});

describe('a keeper that is told that the round is over', () => {
  const end = (changes: object, by = 'tally'): RoundMessage => {
    const statement = { roundId, plan, outcome: 'aborted', reason: 'why', ...changes };
    return { kind: 'end', roundId, parts: [signedBy(by, 'end', statement)] };
  };

  it('wipes the round key and every seed', () => {
    const step = take(voted, end({}));
    expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'aborted' });
    const [wipe] = step.effects;
    if (wipe?.kind !== 'wipe') throw new Error('nothing was wiped');
    const seeds = [...voted.held.values()].flatMap((byGeneration) =>
      [...byGeneration.values()].flatMap((held) => held.seeds),
    );
    expect(seeds).to.have.length(3 * 2);
    expect(wipe.secrets).to.deep.equal([voted.keys.secretKey, ...seeds.map(({ seed }) => seed)]);
    expect(take(keyed, end({ outcome: 'released' })).state).to.deep.equal({
      phase: 'ended',
      outcome: 'released',
    });
  });

  it('does not believe anybody but the tally, of this plan', () => {
    for (const message of [
      end({}, 'keeper-2'),
      end({ plan: DIGEST }),
      { kind: 'end', roundId, parts: [] } as const,
    ]) {
      const step = take(voted, message);
      expect(summary(step)).to.deep.equal(['not-genuine']);
      expect(step.state).to.equal(voted);
    }
  });
});

describe('a keeper that is dealt seeds', () => {
  it('acknowledges the very deposit', () => {
    const message = whole.last('deposit', 'keeper-1');
    const [acknowledgement] = messagesOf(take(keyed, message));
    expect(readStatement('acknowledgement', acknowledgement!.parts[0]!, speakerOf('keeper-1'))).to.deep.equal(
      {
        roundId,
        plan,
        keeper: 'keeper-1',
        collector: message.collector,
        generation: 1,
        deposit: statementDigest(message.parts[0]!),
      },
    );
  });

  it('refuses a second deposit of the same generation, and says about which', () => {
    const step = take(keyed, dealAgain('collector-1', 1));
    expect(step.state).to.equal(keyed);
    expect(declineOf(step)).to.deep.include({
      code: 'deposit-refused',
      reason: 'collector collector-1 has made another deposit of generation 1 before',
      about: { collector: 'collector-1', generation: 1 },
    });
  });

  it('takes further generations, until it has voted', () => {
    const second = dealAgain('collector-1', 2);
    const step = take(keyed, second);
    expect(summary(step)).to.deep.equal(['acknowledgement']);
    const { held } = step.state as LiveKeeperRound;
    expect([...held.get('collector-1')!.keys()]).to.deep.equal([1, 2]);
    expect(declineOf(take(voted, second))).to.deep.include({
      code: 'out-of-order',
      about: { collector: 'collector-1', generation: 2 },
    });
  });

  it('refuses one with more than its own box: it would write down what nobody signed, up to a whole frame', () => {
    const second = dealAgain('collector-1', 2);
    const step = take(keyed, { ...second, parts: [...second.parts, new Uint8Array(1)] });
    expect(step.state).to.equal(keyed);
    expect(declineOf(step)).to.deep.include({
      code: 'deposit-refused',
      reason: 'a deposit: a deposit and one box were expected',
    });
  });

  it('refuses what it can not open, and says about which if it is signed', () => {
    const message = whole.last('deposit', 'keeper-1');
    const other = take(keyed, { ...dealAgain('collector-1', 2), collector: 'collector-2' });
    expect(declineOf(other)).to.deep.include({ code: 'deposit-refused' });
    expect(declineOf(other)).not.to.have.property('about');
    const box = whole.last('deposit', 'keeper-2').parts[1]!;
    const swapped = take(keyed, {
      ...dealAgain('collector-1', 2),
      parts: [dealAgain('collector-1', 2).parts[0]!, box],
    });
    expect(declineOf(swapped)).to.deep.include({
      code: 'deposit-refused',
      reason: 'a deposit: the box is not the one that its collector signed',
      about: { collector: 'collector-1', generation: 2 },
    });
    expect(declineOf(take(keyed, { ...message, collector: 'nobody', parts: [] })).code).to.equal(
      'deposit-refused',
    );
  });
});

describe('a keeper that is asked to vote', () => {
  it('votes once, and the vote is on disk before it leaves', () => {
    const message = proposal();
    const step = take(keyed, message);
    const proposalDigest = statementDigest(message.parts[0]!);
    const [persisted, sent] = step.effects;
    if (persisted?.kind !== 'persist-vote' || sent?.kind !== 'send')
      throw new Error('a vote was not kept first');
    expect(persisted).to.include({ roundId, proposalDigest });
    expect(sent.message).to.deep.equal({ kind: 'vote', roundId, parts: [persisted.vote] });
    expect(readStatement('vote', persisted.vote, speakerOf('keeper-1'))).to.deep.equal({
      roundId,
      plan,
      keeper: 'keeper-1',
      proposal: proposalDigest,
    });
  });

  it('votes for no other set in this round, ever, and again for the same', () => {
    const { state } = take(keyed, proposal());
    const other = take(state, proposal({ set: set.slice(1) }));
    expect(summary(other)).to.deep.equal(['voted-otherwise']);
    expect(other.state).to.equal(state);
    expect(summary(take(other.state, proposal()))).to.deep.equal(['vote']);
    expect(summary(take(other.state, proposal({ set: [...set].reverse() })))).to.deep.equal([
      'voted-otherwise',
    ]);
  });

  it('takes a proposal only from the tally, for this plan', () => {
    for (const message of [
      proposal({}, 'keeper-2'),
      proposal({}, 'collector-1'),
      proposal({ plan: DIGEST }),
      { kind: 'proposal', roundId, parts: [] } as const,
    ]) {
      expect(summary(take(keyed, message))).to.deep.equal(['not-genuine']);
      expect(summary(take(voted, message))).to.deep.equal(['not-genuine']);
    }
  });

  const [first, second] = [set[0]!, set[1]!];
  const refused: readonly [
    what: string,
    changes: { readonly [key: string]: Json },
    code: string,
    reason: string,
  ][] = [
    [
      'with fewer collectors than network.yaml demands',
      { set: [first] },
      'set-refused',
      "1 collectors are fewer than network.yaml's dc_threshold of 2",
    ],
    [
      'with a collector twice',
      { set: [first, second, first] },
      'set-refused',
      'a collector stands in the set twice',
    ],
    [
      'with a generation twice',
      { set: [first, { ...second, generations: [1, 1] }] },
      'set-refused',
      'a generation of collector collector-2 stands in the set twice',
    ],
    [
      'of a collector that dealt it nothing',
      { set: [first, second, { ...second, collector: 'collector-9' }] },
      'deposit-missing',
      'this keeper does not hold the seeds of collector collector-9',
    ],
    [
      'of a generation that was not dealt',
      { set: [first, { ...second, generations: [1, 2] }] },
      'deposit-missing',
      'this keeper does not hold the seeds of collector collector-2',
    ],
    [
      'with another roster than the seeds were dealt to',
      { roster: DIGEST },
      'deposit-missing',
      'this keeper does not hold the seeds of collector collector-1',
    ],
  ];
  for (const [what, changes, code, reason] of refused) {
    it(`refuses a set ${what}, which costs it no vote`, () => {
      const step = take(keyed, proposal(changes));
      expect(declineOf(step)).to.include({ code, reason });
      expect(step.state).to.equal(keyed);
      expect(summary(take(step.state, proposal()))).to.deep.equal(['persist-vote', 'vote']);
    });
  }

  it('refuses a set whose noise is below the floor', () => {
    const tolerated = { lost: 0, dishonest: 1, curious: 1 };
    const careful = {
      ...known,
      network: { ...known.network, privacy: { ...known.network.privacy, tolerated } },
    };
    const careSelf = { ...self, known: careful };
    const step = keeperTakes(
      careSelf,
      keyed,
      { kind: 'message', message: proposal({ set: set.slice(1) }) },
      NOW_MS,
    );
    expect(declineOf(step).reason).to.include('below the floor');
    expect(
      summary(keeperTakes(careSelf, keyed, { kind: 'message', message: proposal() }, NOW_MS)),
    ).to.deep.equal(['persist-vote', 'vote']);
  });
});
