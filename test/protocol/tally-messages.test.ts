import { expect } from 'chai';
import { toHex } from '../../src/core/hex.js';
import { sha256 } from '../../src/crypto/primitives.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { signerOf } from '../../src/protocol/round.js';
import { readStatement, signStatement, type StatementKind } from '../../src/protocol/statements.js';
import { lastDeposit, type TallyPhase, type TallyRound } from '../../src/protocol/tally-state.js';
import { testNetwork, testSelf } from '../support/test-network.js';
import { tallyTakes } from './purely.js';
import { DIGEST, type JsonObject } from './sample-statements.js';
import { Scene, type Sent } from './scene.js';

const known = testNetwork();
const self = testSelf(known, 'tally');
const whole = new Scene({ known }).run();
const { roundId } = whole.plan;
const PHASES = ['keying', 'depositing', 'collecting', 'voting', 'answering', 'over'] as const;

/** The tally in each phase, when nobody has answered yet. */
const states: Readonly<Record<TallyPhase, TallyRound>> = (() => {
  const scene = new Scene({ known });
  return Object.fromEntries(PHASES.map((phase) => [phase, scene.run(phase).tally])) as Record<
    TallyPhase,
    TallyRound
  >;
})();

function take(state: TallyRound, from: string, message: RoundMessage) {
  return tallyTakes(self, state, { kind: 'message', from, message }, 0);
}

function sentBy<K extends RoundMessage['kind']>(from: string, kind: K) {
  const found = whole.sent.find((sent) => sent.from === from && sent.message.kind === kind);
  return found!.message as Extract<RoundMessage, { kind: K }>;
}

/** What each node sends in a good round, by kind. */
const genuine = {
  'round-key': sentBy('keeper-1', 'round-key'),
  deposit: sentBy('collector-1', 'deposit'),
  acknowledgement: sentBy('keeper-1', 'acknowledgement'),
  started: sentBy('collector-1', 'started'),
  report: sentBy('collector-1', 'report'),
  vote: sentBy('keeper-1', 'vote'),
  answer: sentBy('keeper-1', 'answer'),
} as const;
const senders: Readonly<Record<keyof typeof genuine, string>> = {
  'round-key': 'keeper-1',
  deposit: 'collector-1',
  acknowledgement: 'keeper-1',
  started: 'collector-1',
  report: 'collector-1',
  vote: 'keeper-1',
  answer: 'keeper-1',
};
const phaseOf: Readonly<Record<keyof typeof genuine, TallyPhase>> = {
  'round-key': 'keying',
  deposit: 'depositing',
  acknowledgement: 'depositing',
  started: 'collecting',
  report: 'collecting',
  vote: 'voting',
  answer: 'answering',
};
const kinds = Object.keys(genuine) as (keyof typeof genuine)[];

/** The state in which this kind is awaited: acknowledgements once the deposits are there. */
function awaiting(kind: keyof typeof genuine): TallyRound {
  if (kind !== 'acknowledgement') return states[phaseOf[kind]];
  return ['collector-1', 'collector-2', 'collector-3'].reduce(
    (state, name) => take(state, name, sentBy(name, 'deposit')).state,
    states.depositing,
  );
}

function reasonOf(state: TallyRound, name: string): string | undefined {
  return state.leftOut.get(name);
}

/** The message with another statement in place of its own, signed by `by`. */
function restated(
  kind: StatementKind & keyof typeof genuine,
  changes: JsonObject,
  by: string = senders[kind],
): RoundMessage {
  const message: RoundMessage = genuine[kind];
  const speaker = { publicKey: testSelf(known, senders[kind]).identity.publicKey, networkId: known.id };
  const statement: JsonObject = readStatement(kind, message.parts[0]!, speaker)!;
  const signed = signStatement(kind, { ...statement, ...changes }, signerOf(testSelf(known, by)));
  return { ...message, parts: [signed, ...message.parts.slice(1)] };
}

describe('what the tally is sent', () => {
  for (const kind of kinds) {
    const from = senders[kind];
    const message: RoundMessage = genuine[kind];

    it(`counts if it is a good ${kind} in its phase, once`, () => {
      const first = take(awaiting(kind), from, message);
      expect(first.state).not.to.deep.equal(awaiting(kind));
      expect([...first.state.leftOut]).to.deep.equal([]);
      const again = take(first.state, from, message);
      expect(again.state.leftOut).to.deep.equal(first.state.leftOut);
      expect(again).to.deep.equal({ state: first.state, effects: [] });
      // The very state: a tally writes every message down that changes it, and this one may come a million times.
      expect(again.state).to.equal(first.state);
    });

    it(`changes nothing if it is a ${kind} in another phase, or of a node that is left out`, () => {
      for (const phase of PHASES.filter((name) => name !== phaseOf[kind])) {
        expect(take(states[phase], from, message), phase).to.deep.equal({
          state: states[phase],
          effects: [],
        });
      }
      const state = { ...awaiting(kind), leftOut: new Map([[from, 'was rude']]) } as TallyRound;
      expect(take(state, from, message)).to.deep.equal({ state, effects: [] });
    });
  }

  for (const kind of kinds.filter((name) => name !== 'started')) {
    it(`leaves its sender out if it is another node's ${kind}`, () => {
      const other = senders[kind].startsWith('keeper') ? 'keeper-2' : 'collector-2';
      expect(reasonOf(take(awaiting(kind), other, genuine[kind]).state, other)).to.be.a('string');
    });
  }

  it('leaves out a collector that does what keepers do, and a keeper that does what collectors do', () => {
    for (const kind of kinds.filter((name) => !['started', 'report', 'vote', 'answer'].includes(name))) {
      const other = senders[kind].startsWith('keeper') ? 'collector-2' : 'keeper-2';
      expect(reasonOf(take(awaiting(kind), other, genuine[kind]).state, other), kind).to.be.a('string');
    }
    for (const kind of ['started', 'report'] as const)
      expect(take(awaiting(kind), 'keeper-2', genuine[kind]).state, kind).to.equal(awaiting(kind));
  });

  it('leaves its sender out if only the tally says such things, in every phase of the round', () => {
    for (const kind of ['plan', 'start', 'report-request', 'proposal', 'certificate', 'end'] as const) {
      const message = kind === 'report-request' ? ({ kind, roundId, parts: [] } as const) : whole.last(kind);
      for (const phase of ['keying', 'depositing', 'collecting', 'voting', 'answering'] as const) {
        const { state, effects } = take(states[phase], 'keeper-2', message);
        expect(reasonOf(state, 'keeper-2')).to.equal(`sent a ${kind}, which only the tally sends`);
        expect(effects[0]).to.deep.equal({
          kind: 'log',
          level: 'warn',
          text: `round ${roundId}: goes on without keeper-2, which sent a ${kind}, which only the tally sends`,
        });
      }
      expect(take(states.over, 'keeper-2', message).effects).to.deep.equal([]);
    }
  });

  it('by a collector changes nothing once the set is chosen, since its report is in it', () => {
    for (const phase of ['voting', 'answering'] as const) {
      for (const message of [
        whole.last('end'),
        { kind: 'decline', roundId, code: 'busy', reason: '', parts: [] } as const,
      ])
        expect(take(states[phase], 'collector-1', message)).to.deep.equal({
          state: states[phase],
          effects: [],
        });
    }
  });
});

describe('the tally leaves out', () => {
  const [signedDeposit, ...boxes] = genuine.deposit.parts as [Uint8Array, ...Uint8Array[]];
  const [signedReport, vector] = genuine.report.parts as [Uint8Array, Uint8Array];
  const [signedAnswer, ...sums] = genuine.answer.parts as [Uint8Array, ...Uint8Array[]];
  const short = vector.slice(16);
  const longBox = new Uint8Array(boxes[0]!.length + 1);
  const entries = boxes.map((box, at) => ({ keeper: `keeper-${at + 1}`, digest: toHex(sha256(box)) }));
  const deposit = (parts: readonly Uint8Array[]): RoundMessage => ({ ...genuine.deposit, parts });
  const answer = (send: number[], parts: readonly Uint8Array[]): RoundMessage => ({
    ...genuine.answer,
    send,
    parts,
  });
  const zeros = new Uint8Array(vector.length);

  const cases: readonly [what: string, kind: keyof typeof genuine, message: RoundMessage][] = [
    ['a keeper whose round key is of another plan', 'round-key', restated('round-key', { plan: DIGEST })],
    [
      'a keeper whose round key is of small order',
      'round-key',
      restated('round-key', { key: '00'.repeat(32) }),
    ],
    [
      'a keeper whose round key is no statement',
      'round-key',
      { ...genuine['round-key'], parts: [boxes[0]!] },
    ],
    ['a collector whose deposit is of another plan', 'deposit', restated('deposit', { plan: DIGEST })],
    ['a collector whose deposit is for another roster', 'deposit', restated('deposit', { roster: DIGEST })],
    [
      'a collector whose deposit lacks a commitment',
      'deposit',
      restated('deposit', { commitments: [DIGEST] }),
    ],
    ['a collector that signed fewer boxes', 'deposit', restated('deposit', { boxes: entries.slice(1) })],
    [
      'a collector that signed other boxes',
      'deposit',
      restated('deposit', { boxes: [...entries].reverse() }),
    ],
    ['a collector that sends fewer boxes', 'deposit', deposit([signedDeposit, ...boxes.slice(1)])],
    ['a collector that sends more boxes', 'deposit', deposit([signedDeposit, ...boxes, boxes[0]!])],
    [
      'a collector that sends another box than it signed',
      'deposit',
      deposit([signedDeposit, boxes[1]!, ...boxes.slice(1)]),
    ],
    [
      'a collector whose box is too long',
      'deposit',
      {
        ...genuine.deposit,
        parts: [
          restated('deposit', {
            boxes: [{ keeper: 'keeper-1', digest: toHex(sha256(longBox)) }, ...entries.slice(1)],
          }).parts[0]!,
          longBox,
          ...boxes.slice(1),
        ],
      },
    ],
    ['a collector whose deposit is no statement', 'deposit', deposit([new Uint8Array(3), ...boxes])],
    [
      'a keeper that acknowledges what nobody dealt',
      'acknowledgement',
      restated('acknowledgement', { deposit: DIGEST }),
    ],
    [
      'a keeper that acknowledges for another collector',
      'acknowledgement',
      restated('acknowledgement', { collector: 'collector-9' }),
    ],
    [
      'a keeper that acknowledges in another plan',
      'acknowledgement',
      restated('acknowledgement', { plan: DIGEST }),
    ],
    [
      'a keeper that acknowledges in another name',
      'acknowledgement',
      restated('acknowledgement', { keeper: 'keeper-2' }),
    ],
    [
      'a keeper whose acknowledgement is no statement',
      'acknowledgement',
      { ...genuine.acknowledgement, parts: [boxes[0]!] },
    ],
    [
      'a collector that reports under a mask that nobody holds',
      'report',
      restated('report', { generations: [2] }),
    ],
    ['a collector that reports under a mask twice', 'report', restated('report', { generations: [1, 1] })],
    [
      'a collector that reports under one mask too many',
      'report',
      restated('report', { generations: [1, 2] }),
    ],
    ['a collector that reports of another plan', 'report', restated('report', { plan: DIGEST })],
    ['a collector that reports in another name', 'report', restated('report', { collector: 'collector-2' })],
    [
      'a collector that sends other cells than it signed',
      'report',
      { ...genuine.report, parts: [signedReport, zeros] },
    ],
    [
      'a collector that reports too few cells',
      'report',
      { ...genuine.report, parts: [restated('report', { vector: toHex(sha256(short)) }).parts[0]!, short] },
    ],
    ['a keeper that votes for what was not proposed', 'vote', restated('vote', { proposal: DIGEST })],
    ['a keeper that votes in another plan', 'vote', restated('vote', { plan: DIGEST })],
    ['a keeper that votes in another name', 'vote', restated('vote', { keeper: 'keeper-2' })],
    ['a keeper that answers for what was not certified', 'answer', restated('answer', { proposal: DIGEST })],
    ['a keeper that answers in another plan', 'answer', restated('answer', { plan: DIGEST })],
    ['a keeper that answers in another name', 'answer', restated('answer', { keeper: 'keeper-2' })],
    [
      'a keeper that answers for fewer sets than it is in',
      'answer',
      restated('answer', { sums: [{ set: 0, digest: DIGEST }] }),
    ],
    [
      'a keeper that answers for a set that it is not in',
      'answer',
      restated('answer', {
        sums: [
          { set: 0, digest: DIGEST },
          { set: 2, digest: DIGEST },
        ],
      }),
    ],
    [
      'a keeper that answers for one set twice',
      'answer',
      restated('answer', {
        sums: [
          { set: 0, digest: DIGEST },
          { set: 0, digest: DIGEST },
        ],
      }),
    ],
    [
      'a keeper that sends other sums than it signed',
      'answer',
      answer(genuine.answer.send, [signedAnswer, ...sums.map(() => zeros)]),
    ],
    ['a keeper that sends more sums than it names', 'answer', answer([], [signedAnswer, zeros])],
    ['a keeper that names more sums than it sends', 'answer', answer([0, 1], [signedAnswer])],
    ['a keeper that sends a sum of another set', 'answer', answer([2], [signedAnswer, sums[0] ?? zeros])],
    ['a keeper that sends a short sum', 'answer', answer([0], [signedAnswer, short])],
  ];
  for (const [what, kind, message] of cases) {
    it(what, () => {
      const { state, effects } = take(awaiting(kind), senders[kind], message);
      expect(reasonOf(state, senders[kind])).to.be.a('string');
      expect(effects[0]).to.deep.include({ kind: 'log', level: 'warn' });
    });
  }

  it('a keeper that answers one thing and then another, and forgets both', () => {
    const first = take(states.answering, 'keeper-1', genuine.answer);
    if (first.state.phase !== 'answering') throw new Error('the phase is over');
    expect([...first.state.answers.keys()]).to.deep.equal(['keeper-1']);
    const other = restated('answer', {
      sums: [
        { set: 0, digest: DIGEST },
        { set: 1, digest: DIGEST },
      ],
    });
    const { state } = take(first.state, 'keeper-1', {
      ...other,
      send: [],
      parts: other.parts.slice(0, 1),
    } as RoundMessage);
    if (state.phase !== 'answering') throw new Error('the phase is over');
    expect(reasonOf(state, 'keeper-1')).to.equal('gave two different answers for the same set of collectors');
    expect([...state.answers.keys()]).to.deep.equal([]);
  });

  it('a keeper that votes although it does not hold the seeds of the set', () => {
    if (states.voting.phase !== 'voting') throw new Error('not voting');
    const state = { ...states.voting, electors: ['keeper-2', 'keeper-3'] };
    expect(reasonOf(take(state, 'keeper-1', genuine.vote).state, 'keeper-1')).to.include('sent a vote');
  });

  it('whoever declines, with its reason', () => {
    const message = {
      kind: 'decline',
      roundId,
      code: 'plan-refused',
      reason: 'no noise',
      parts: [],
    } as const;
    const { state } = take(states.keying, 'keeper-3', message);
    expect(reasonOf(state, 'keeper-3')).to.equal('declined (plan-refused): no noise');
  });

  it('a collector that declines about another collector, which only keepers do', () => {
    const about = { collector: 'collector-2', generation: 1 };
    const message = {
      kind: 'decline',
      roundId,
      code: 'deposit-refused',
      reason: 'x',
      about,
      parts: [],
    } as const;
    const { state } = take(awaiting('acknowledgement'), 'collector-1', message);
    expect(reasonOf(state, 'collector-1')).to.include('declined');
    expect(reasonOf(state, 'collector-2')).to.equal(undefined);
  });
});

describe('a keeper that refuses a deposit', () => {
  const about = { collector: 'collector-1', generation: 1 };
  const refusal: RoundMessage = {
    kind: 'decline',
    roundId,
    code: 'deposit-refused',
    reason: 'bad box',
    about,
    parts: [],
  };

  function refusalsIn(state: TallyRound) {
    if (state.phase !== 'depositing') throw new Error('not depositing');
    return Object.fromEntries(
      [...state.deposits.keys()].map((name) => [name, [...lastDeposit(state, name)!.refusals]]),
    );
  }

  it('goes on with the others, and is heard once', () => {
    const first = take(awaiting('acknowledgement'), 'keeper-1', refusal);
    expect([...first.state.leftOut]).to.deep.equal([]);
    expect(refusalsIn(first.state)).to.deep.equal({
      'collector-1': [['keeper-1', 'bad box']],
      'collector-2': [],
      'collector-3': [],
    });
    expect(first.effects).to.have.length(1);
    expect(take(first.state, 'keeper-1', refusal)).to.deep.equal({ state: first.state, effects: [] });
  });

  it('is not heard about what it has acknowledged, what nobody dealt, or later', () => {
    const acknowledged = take(awaiting('acknowledgement'), 'keeper-1', genuine.acknowledgement).state;
    const said = readStatement('acknowledgement', genuine.acknowledgement.parts[0]!, {
      publicKey: testSelf(known, 'keeper-1').identity.publicKey,
      networkId: known.id,
    })!;
    const cases: readonly [TallyRound, string][] = [
      [acknowledged, said.collector],
      [states.depositing, 'collector-1'],
      [states.collecting, 'collector-1'],
      [states.answering, 'collector-1'],
    ];
    for (const [state, collector] of cases) {
      const message = { ...refusal, about: { collector, generation: 1 } } as RoundMessage;
      expect(take(state, 'keeper-1', message)).to.deep.equal({ state, effects: [] });
    }
  });

  it('costs the collector the round if fewer than t keepers are left, and both are named', () => {
    const isBad = ({ from, to, message }: Sent) =>
      from === 'tally' &&
      to !== 'keeper-3' &&
      message.kind === 'deposit' &&
      message.collector === 'collector-2';
    const scene = new Scene({
      known,
      meddle: (sent) =>
        isBad(sent)
          ? [{ ...sent, message: { ...sent.message, parts: [sent.message.parts[0]!, new Uint8Array(9)] } }]
          : [sent],
    }).run();
    const { outcome } = scene;
    if (outcome?.kind !== 'released') throw new Error('the round was not released');
    expect(outcome.collectors.map(({ name }) => name)).to.deep.equal(['collector-1', 'collector-3']);
    const why = 'a deposit: the box is not the one that its collector signed';
    expect(outcome.leftOut).to.deep.equal([
      {
        name: 'collector-2',
        reason: `has its seeds held by 1 keepers, fewer than 2; keeper keeper-1 refused: ${why}; keeper keeper-2 refused: ${why}`,
      },
    ]);
  });
});
