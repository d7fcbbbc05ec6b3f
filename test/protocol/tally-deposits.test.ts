import { expect } from 'chai';
import { x25519PublicKey } from '../../src/crypto/sealing.js';
import { dealSeeds, depositEntropyBytes } from '../../src/protocol/deposit.js';
import { MASK_MS_MAX } from '../../src/protocol/limits.js';
import { type MessageOf, type RoundMessage } from '../../src/protocol/messages.js';
import { resendMs } from '../../src/protocol/plan.js';
import { signerOf } from '../../src/protocol/round.js';
import { signStatement, statementDigest } from '../../src/protocol/statements.js';
import { lastDeposit, type TallyPhase, type TallyRound } from '../../src/protocol/tally-state.js';
import { RandomSource } from '../support/random-source.js';
import { testNetwork, testSelf } from '../support/test-network.js';
import { messagesOf } from './effects.js';
import { tallyTakes } from './purely.js';
import { Scene } from './scene.js';

const known = testNetwork();
const self = testSelf(known, 'tally');
const KEEPERS = ['keeper-1', 'keeper-2', 'keeper-3'];
const FIRST = 'collector-1';
const whole = new Scene({ known }).run();
const scene = new Scene({ known }).run('collecting');
const collecting = scene.tallyIn('collecting');
const { facts, roster, stopAtMs } = collecting;
const { roundId } = facts.plan;
const keyOf = new Map(roster.keepers.map(({ name }, at) => [name, new RandomSource(at).bytes(32)]));

/** Boxes that nobody opens: the tally does not look into them. */
function deal(collector: string, generation: number): MessageOf<'deposit'> {
  const entropy = new RandomSource(generation).bytes(depositEntropyBytes(facts));
  const keepers = roster.keepers.map((keeper) => ({
    ...keeper,
    key: x25519PublicKey(keyOf.get(keeper.name)!),
  }));
  const given = { roster: { keepers, digest: roster.digest }, generation, entropy };
  const { parts } = dealSeeds(testSelf(known, collector), facts, given)!;
  return { kind: 'deposit', roundId, collector, parts };
}

const dealt = new Map([2, 3, 4].map((generation) => [generation, deal(FIRST, generation)]));

function acknowledge(keeper: string, { collector, parts }: MessageOf<'deposit'>, generation: number) {
  const deposit = statementDigest(parts[0]!);
  const statement = { roundId, plan: facts.planDigest, keeper, collector, generation, deposit };
  const signed = signStatement('acknowledgement', statement, signerOf(testSelf(known, keeper)));
  return { kind: 'acknowledgement', roundId, parts: [signed] } as const;
}

function reportOf(collector: string, generations: number[]): RoundMessage {
  const base = whole.last('report', collector);
  const json = JSON.parse(new TextDecoder().decode(base.parts[0]!.subarray(64))) as object;
  const signed = signStatement('report', { ...json, generations }, signerOf(testSelf(known, collector)));
  return { ...base, parts: [signed, base.parts[1]!] };
}

type Told = readonly [from: string, message: RoundMessage];

function told(state: TallyRound, inputs: readonly Told[], nowMs = scene.nowMs): TallyRound {
  return inputs.reduce(
    (before, [from, message]) => tallyTakes(self, before, { kind: 'message', from, message }, nowMs).state,
    state,
  );
}

function give(state: TallyRound, from: string, message: RoundMessage, nowMs = scene.nowMs) {
  return tallyTakes(self, state, { kind: 'message', from, message }, nowMs);
}

function inPhase<P extends TallyPhase>(phase: P, state: TallyRound) {
  if (state.phase !== phase) throw new Error(`the tally is in phase ${state.phase}, not ${phase}`);
  return state as Extract<TallyRound, { phase: P }>;
}

const second = dealt.get(2)!;

describe('a further deposit of a collector that counts', () => {
  it('goes to each keeper of the roster, with its own box', () => {
    const step = give(collecting, FIRST, second);
    const sent = step.effects.flatMap((effect) => (effect.kind === 'send' ? [effect] : []));
    expect(sent.map(({ to }) => to)).to.deep.equal(KEEPERS);
    expect(sent.map(({ message }) => message.parts)).to.deep.equal(
      KEEPERS.map((_, at) => [second.parts[0], second.parts[at + 1]]),
    );
    expect(lastDeposit(inPhase('collecting', step.state), FIRST)?.generation).to.equal(2);
  });

  it('is told of at once when all keepers that are there have acknowledged it', () => {
    const [one, two, three] = KEEPERS.map((name) => acknowledge(name, second, 2));
    const state = told(collecting, [
      [FIRST, second],
      ['keeper-1', one!],
      ['keeper-2', two!],
    ]);
    const nowMs = scene.nowMs + 1_000;
    const [start] = messagesOf(give(state, 'keeper-3', three!, nowMs));
    expect(start).to.deep.include({ kind: 'start', restMs: stopAtMs - nowMs });
    expect(start!.parts.slice(1)).to.deep.equal([one, two, three].map((message) => message!.parts[0]));
    const early = told({ ...collecting, connected: new Set([FIRST, 'keeper-1', 'keeper-2']) }, [
      [FIRST, second],
      ['keeper-1', one!],
    ]);
    expect(messagesOf(give(early, 'keeper-2', two!))[0]?.parts).to.have.length(3);
  });

  it('is told of again now and then, until the collector has said that it knows', () => {
    const inputs: Told[] = [
      [FIRST, second],
      ...KEEPERS.map((name): Told => [name, acknowledge(name, second, 2)]),
    ];
    const state = inPhase('collecting', told(collecting, inputs));
    const asked = (from: TallyRound) =>
      tallyTakes(self, from, { kind: 'wake' }, state.resendAtMs).effects.flatMap((effect) =>
        effect.kind === 'send' && effect.to === FIRST ? [effect.message.kind] : [],
      );
    expect(asked(state)).to.deep.equal(['start']);
    const started = (generation: number) => ({ kind: 'started', roundId, generation, parts: [] }) as const;
    expect(asked(give(state, FIRST, started(1)).state)).to.deep.equal(['start']);
    expect(asked(give(state, FIRST, started(2)).state)).to.deep.equal([]);
  });

  it('is ignored from a collector that was not started, or has reported, and in later phases', () => {
    const others = inPhase('collecting', { ...collecting, starters: ['collector-2', 'collector-3'] });
    expect(give(others, FIRST, second)).to.deep.equal({ state: others, effects: [] });
    const reported = told(collecting, [[FIRST, reportOf(FIRST, [1])]]);
    expect(give(reported, FIRST, second)).to.deep.equal({ state: reported, effects: [] });
    const voting = new Scene({ known }).run('voting').tally;
    expect(give(voting, FIRST, second)).to.deep.equal({ state: voting, effects: [] });
  });

  it('counts once, and only if its number is greater than those before', () => {
    const state = told(collecting, [[FIRST, dealt.get(3)!]]);
    for (const again of [dealt.get(3)!, second, deal(FIRST, 1)])
      expect(give(state, FIRST, again)).to.deep.equal({ state, effects: [] });
    expect(
      lastDeposit(inPhase('collecting', told(state, [[FIRST, dealt.get(4)!]])), FIRST)?.generation,
    ).to.equal(4);
  });

  it('must be good as the first one', () => {
    const other = { ...second, parts: [...second.parts.slice(0, 2), ...second.parts.slice(1, 3)] };
    expect(give(collecting, FIRST, other).state.leftOut.has(FIRST)).to.equal(true);
  });

  it('of before stays acknowledged by name, and may still be acknowledged', () => {
    const inputs: Told[] = [
      [FIRST, second],
      ['keeper-1', acknowledge('keeper-1', second, 2)],
      [FIRST, dealt.get(3)!],
      ['keeper-2', acknowledge('keeper-2', second, 2)],
    ];
    const state = inPhase('collecting', told(collecting, inputs));
    const { acknowledgements } = state.deposits.get(FIRST)!.get(2)!;
    expect([...acknowledgements]).to.deep.equal([
      ['keeper-1', new Uint8Array(0)],
      ['keeper-2', new Uint8Array(0)],
    ]);
  });

  it('is kept for a keeper that is away, but not more than 64 of them', () => {
    const KEPT_MAX = 64;
    let state: TallyRound = collecting;
    for (let generation = 2; generation <= KEPT_MAX + 3; generation += 1)
      state = told(state, [[FIRST, deal(FIRST, generation)]]);
    const { deposits } = inPhase('collecting', state);
    const kept = [...deposits.get(FIRST)!.values()].filter(({ parts }) => parts.length > 0);
    expect(kept).to.have.length(KEPT_MAX + 1);
    expect(kept[0]!.generation).to.equal(3);
    const forwarded = tallyTakes(self, state, { kind: 'connected', name: 'keeper-3' }, scene.nowMs);
    expect(messagesOf(forwarded)).to.have.length(KEPT_MAX + 1);
  }).timeout(240_000);
});

describe('a keeper that comes back to more deposits than a connection takes at once', () => {
  const LARGE = new Uint8Array(5 * 1024 * 1024);
  const FITTING = 4;
  const missed = Array.from({ length: FITTING + 2 }, (_, at) => at + 2);

  /** Deposits that keeper-3 has not answered; but those of `answered`. */
  function withMissed(answered: readonly number[]): TallyRound {
    const deposits = missed.map((generation) => {
      const acknowledgements = new Map(answered.includes(generation) ? [['keeper-3', LARGE]] : []);
      const parts = [LARGE, ...KEEPERS.map(() => new Uint8Array(1))];
      return [generation, { parts, digest: '', generation, acknowledgements, refusals: new Map() }] as const;
    });
    return { ...collecting, deposits: new Map(collecting.deposits).set(FIRST, new Map(deposits)) };
  }

  it('is sent some, and the others at the next repetitions', () => {
    const comes = { kind: 'connected', name: 'keeper-3' } as const;
    const { state, effects } = tallyTakes(self, withMissed([]), comes, scene.nowMs);
    const toKeeper = effects.filter((effect) => effect.kind === 'send' && effect.to === 'keeper-3');
    expect(toKeeper).to.have.length(FITTING);
    const later = { ...withMissed(missed.slice(0, FITTING)), resendAtMs: state.resendAtMs };
    const repeated = tallyTakes(self, later, { kind: 'wake' }, state.resendAtMs).effects;
    expect(
      repeated.filter(
        (effect) => effect.kind === 'send' && effect.to === 'keeper-3' && effect.message.kind === 'deposit',
      ),
    ).to.have.length(missed.length - FITTING);
  });
});

describe('what a collector says while it counts', () => {
  it('that it has started, only grows, and by none but those that were started', () => {
    const started = (generation: number) => ({ kind: 'started', roundId, generation, parts: [] }) as const;
    const state = inPhase('collecting', give(collecting, FIRST, started(4)).state);
    expect([...state.started]).to.deep.equal([[FIRST, 4]]);
    for (const generation of [4, 3, 1])
      expect(give(state, FIRST, started(generation))).to.deep.equal({ state, effects: [] });
    expect(give(state, 'keeper-1', started(5)).state).to.equal(state);
  });

  it('about who holds its seeds counts for nothing: keepers say that', () => {
    const state = told(collecting, [[FIRST, second]]);
    const { state: after } = give(state, FIRST, acknowledge(FIRST, second, 2));
    expect([...lastDeposit(inPhase('collecting', after), FIRST)!.acknowledgements]).to.deep.equal([]);
    expect(after.leftOut.get(FIRST)).to.be.a('string');
  });

  it('can not make the state of the tally grow by repetition, whatever it is', () => {
    const state = told(collecting, [
      [FIRST, second],
      ['keeper-1', acknowledge('keeper-1', second, 2)],
    ]);
    const inputs: Told[] = [
      [FIRST, second],
      ['keeper-1', acknowledge('keeper-1', second, 2)],
      [FIRST, { kind: 'started', roundId, generation: 1, parts: [] }],
    ];
    const once = told(state, inputs);
    expect(told(once, [...inputs, ...inputs])).to.deep.equal(once);
  });
});

describe('a report under the masks of several deposits', () => {
  /** These keepers have acknowledged generations 2 and 3; all have acknowledged the first. */
  function reported(holders: Readonly<Record<2 | 3, readonly string[]>>) {
    const inputs = ([2, 3] as const).flatMap((generation): Told[] => {
      const message = dealt.get(generation)!;
      const said = holders[generation].map((name): Told => [name, acknowledge(name, message, generation)]);
      return [[FIRST, message], ...said];
    });
    const others = ['collector-2', 'collector-3'].map((name): Told => [name, reportOf(name, [1])]);
    return told(collecting, [...inputs, ...others, [FIRST, reportOf(FIRST, [1, 2, 3])]]);
  }

  it('is asked of the keepers that hold all of them', () => {
    const state = inPhase(
      'voting',
      reported({ 2: ['keeper-1', 'keeper-2', 'keeper-3'], 3: ['keeper-1', 'keeper-3'] }),
    );
    expect(state.electors).to.deep.equal(['keeper-1', 'keeper-3']);
    expect(state.set[0]).to.deep.include({ collector: FIRST, generations: [1, 2, 3] });
  });

  it('is left out where no t keepers hold all of them', () => {
    const state = inPhase('voting', reported({ 2: ['keeper-1', 'keeper-2'], 3: ['keeper-2', 'keeper-3'] }));
    expect(state.set.map(({ collector }) => collector)).to.deep.equal(['collector-2', 'collector-3']);
    expect(state.leftOut.get(FIRST)).to.include('too few');
    expect(state.electors).to.deep.equal(KEEPERS);
  });

  it('names deposits that were made, in their order, or its collector is left out', () => {
    const two = told(collecting, [[FIRST, second]]);
    for (const generations of [
      [1, 3],
      [2, 1],
      [1, 1, 2],
    ])
      expect(give(two, FIRST, reportOf(FIRST, generations)).state.leftOut.has(FIRST)).to.equal(true);
    expect(give(two, FIRST, reportOf(FIRST, [2])).state.leftOut.has(FIRST)).to.equal(false);
  });
});

describe('a tally that comes back', () => {
  const RESUMED_MS = 1_000_000;

  function resumed(state: TallyRound, nowMs: number) {
    return tallyTakes(self, state, { kind: 'resumed' }, nowMs);
  }

  it('knows of nobody that he is connected, and asks each as he comes', () => {
    const { state, effects } = resumed(collecting, scene.nowMs);
    expect(effects).to.deep.equal([]);
    expect([...state.connected]).to.deep.equal([]);
    const step = tallyTakes(self, state, { kind: 'connected', name: FIRST }, scene.nowMs);
    expect(messagesOf(step).map(({ kind }) => kind)).to.deep.equal(['start']);
  });

  it('gives each phase its whole time again', () => {
    const { drawMs, phaseMs } = facts.plan;
    const all = new Scene({ known });
    // A keeper adds up the masks of two holder sets, of three collectors each.
    const sumsMs = 2 * 3 * MASK_MS_MAX;
    const rest = {
      keying: phaseMs,
      depositing: drawMs + phaseMs,
      voting: phaseMs,
      answering: phaseMs + sumsMs,
    };
    for (const phase of ['keying', 'depositing', 'voting', 'answering'] as const) {
      for (const nowMs of [RESUMED_MS, 5]) {
        const { state } = resumed(all.run(phase).tally, nowMs);
        expect(inPhase(phase, state).deadlineMs, phase).to.equal(nowMs + rest[phase]);
        expect(inPhase(phase, state).resendAtMs).to.equal(nowMs + resendMs(facts.plan));
      }
    }
  });

  it('waits for reports until counting ends, and for as long after it as a phase lasts', () => {
    const { collectMs, phaseMs } = facts.plan;
    for (const [nowMs, stopMs, deadlineMs] of [
      [scene.nowMs + 10, stopAtMs, stopAtMs + phaseMs],
      [RESUMED_MS, stopAtMs, RESUMED_MS + phaseMs],
      // Its clock was set back: counting lasts no longer than if it began now.
      [0, collectMs, collectMs + phaseMs],
    ] as const) {
      const { state } = resumed(collecting, nowMs);
      expect(inPhase('collecting', state)).to.include({ stopAtMs: stopMs, deadlineMs });
    }
    const late = resumed(collecting, RESUMED_MS).state;
    const step = tallyTakes(self, late, { kind: 'connected', name: FIRST }, RESUMED_MS);
    expect(messagesOf(step).map(({ kind }) => kind)).to.deep.equal(['start', 'report-request']);
    expect(messagesOf(step)[0]).to.include({ restMs: 0 });
  });

  it('stays where it was if the round is over', () => {
    const over = new Scene({ known }).run().tally;
    expect(resumed(over, RESUMED_MS).state).to.deep.equal({ ...over, connected: new Set() });
  });
});
