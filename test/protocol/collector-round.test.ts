import { expect } from 'chai';
import { toHex } from '../../src/core/hex.js';
import { addMasks } from '../../src/core/masks.js';
import { fromBytes, fromSigned, newVector, subtractVector, toBytes, toSigned } from '../../src/core/ring.js';
import { nodePrimitives, sha256 } from '../../src/crypto/primitives.js';
import { type Json } from '../../src/protocol/canonical-json.js';
import {
  collectorWakeMs,
  type CollectorInput,
  type CollectorRound,
  type LiveCollectorRound,
} from '../../src/protocol/collector-state.js';
import { depositEntropyBytes } from '../../src/protocol/deposit.js';
import { type MessageOf, type RoundMessage } from '../../src/protocol/messages.js';
import { roundMsMax, toPlanJson, type Plan } from '../../src/protocol/plan.js';
import { maskContext, signerOf, type Self } from '../../src/protocol/round.js';
import {
  readStatement,
  signStatement,
  statementDigest,
  type StatementKind,
} from '../../src/protocol/statements.js';
import { RandomSource } from '../support/random-source.js';
import { testNetwork, testPlan, testSelf } from '../support/test-network.js';
import { declineOf, messagesOf, summary } from './effects.js';
import { collectorBegins, collectorTakes } from './purely.js';
import { DIGEST } from './sample-statements.js';
import { Scene } from './scene.js';

const known = testNetwork({ keepers: 3, threshold: 2 });
const whole = new Scene({ known }).run();
const { roundId } = whole.plan;
const self = testSelf(known, 'collector-2');
const planMessage = whole.last('plan', 'collector-2');
const planDigest = statementDigest(planMessage.parts[0]!);
const START_MS = 50;
const CHECKPOINT_MS = 10_000;
const depositAtMs = START_MS + whole.plan.drawMs;
const expiresAtMs = START_MS + roundMsMax(whole.plan);
const entropy = new RandomSource(8).bytes(3 * 32 + 3 * 32);
const NOISE = [4n, -5n, 6n, 0n, 0n];

function begin(message = planMessage, by: Self = self) {
  const given = { entropy, checkpointMs: CHECKPOINT_MS, sigmaFloor: undefined, nowMs: START_MS };
  return collectorBegins(by, message, given);
}

function take(state: CollectorRound, input: CollectorInput, nowMs: number) {
  return collectorTakes(self, state, input, nowMs);
}

function tell(state: CollectorRound, message: RoundMessage, nowMs = depositAtMs) {
  return take(state, { kind: 'message', message }, nowMs);
}

function signedBy(name: string, kind: StatementKind, statement: Json): Uint8Array {
  return signStatement(kind, statement, signerOf(testSelf(known, name)));
}

/** The state, which must be in this phase. */
function inPhase<P extends CollectorRound['phase']>(phase: P, state: CollectorRound) {
  if (state.phase !== phase) throw new Error(`the collector is in phase ${state.phase}, not ${phase}`);
  return state as Extract<CollectorRound, { phase: P }>;
}

const drawing = inPhase('drawing', begin().state);
const drawn = inPhase(
  'drawing',
  take(drawing, { kind: 'noise-drawn', noise: fromSigned(NOISE) }, START_MS).state,
);
const deposit = take(drawn, { kind: 'wake' }, depositAtMs);
const deposited = inPhase('deposited', deposit.state);
const depositDigest = statementDigest(deposited.deposit.parts[0]!);

function acknowledgement(keeper: string, changes: object = {}, by = keeper): Uint8Array {
  const statement = {
    roundId,
    plan: planDigest,
    keeper,
    collector: self.name,
    generation: 1,
    deposit: depositDigest,
  };
  return signedBy(by, 'acknowledgement', { ...statement, ...changes });
}

function startWith(
  acknowledgements: readonly Uint8Array[],
  changes: object = {},
  by = 'tally',
): MessageOf<'start'> {
  const statement = { roundId, plan: planDigest, startedAtMs: 1, ...changes };
  const parts = [signedBy(by, 'start', statement), ...acknowledgements];
  return { kind: 'start', roundId, restMs: whole.plan.collectMs, parts };
}

const start = startWith([acknowledgement('keeper-1'), acknowledgement('keeper-3')]);
const counting = inPhase('counting', tell(deposited, start).state);
const counted = { kind: 'counted', vector: deposited.vector, countedMs: 59_000, isIncomplete: true } as const;
const report = take(counting, counted, counting.stopAtMs);
const reported = inPhase('reported', report.state);
const ended: CollectorRound = { phase: 'ended', outcome: 'released' };

describe('a collector that is invited', () => {
  it('asks for noise of its weight times sigma, none for check counters, and says nothing yet', () => {
    const heavy = known.network.collectors.map((entry) => ({
      ...entry,
      noiseWeight: entry.name === self.name ? 3 : 1,
    }));
    const network = { ...known.network, collectors: heavy };
    const scene = new Scene({ known: { ...known, network } }).run();
    const step = begin(scene.last('plan', 'collector-2'), { ...self, known: { ...known, network } });
    expect(step.state.phase).to.equal('drawing');
    expect(summary(step)).to.deep.equal(['persist', 'draw']);
    expect(step.effects[1]).to.deep.equal({ kind: 'draw', sigmas: Float64Array.of(30, 15, 15, 0, 0) });
  });

  it('asks for none where the plan is without noise', () => {
    const scene = new Scene({ known, plan: { noise: 'off' } }).run();
    const [, draw] = begin(scene.last('plan', 'collector-2')).effects;
    expect(draw).to.deep.equal({ kind: 'draw', sigmas: new Float64Array(5) });
    expect(scene.outcome?.kind).to.equal('released');
  });

  function refusalOf(message: MessageOf<'plan'>) {
    const step = begin(message);
    expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'declined' });
    expect(summary(step)).to.deep.equal(['wipe', declineOf(step).code]);
    return declineOf(step);
  }

  it('declines a plan that the tally did not sign, or of another round id', () => {
    const forged = signedBy('keeper-1', 'plan', toPlanJson(whole.plan));
    expect(refusalOf({ ...planMessage, parts: [forged, ...planMessage.parts.slice(1)] }).code).to.equal(
      'not-genuine',
    );
    expect(refusalOf({ ...planMessage, roundId: '02'.repeat(16) }).code).to.equal('not-genuine');
    expect(refusalOf({ ...planMessage, parts: [] }).code).to.equal('not-genuine');
  });

  it('declines a plan that network.yaml forbids, or that does not invite it, and says all that is wrong', () => {
    const changes: Partial<Plan> = {
      networkId: DIGEST,
      collectors: whole.plan.collectors.filter(({ name }) => name !== self.name),
    };
    const parts = [signedBy('tally', 'plan', toPlanJson(testPlan(known, changes)))];
    expect(refusalOf({ ...planMessage, parts })).to.include({
      code: 'plan-refused',
      reason: 'the plan is of another network; this collector is not invited',
    });
  });

  it('declines a roster that is not t or more round keys of this plan', () => {
    const [plan, first, second] = planMessage.parts as [Uint8Array, Uint8Array, Uint8Array];
    for (const parts of [[plan], [plan, first], [plan, second, first], [plan, first, new Uint8Array(70)]]) {
      expect(refusalOf({ ...planMessage, parts })).to.include({
        code: 'not-genuine',
        reason: 'the roster is not one of t or more round keys that keepers signed',
      });
    }
  });
});

describe('a collector that draws noise', () => {
  it('deals at the time that the plan fixes, however soon the noise is there', () => {
    expect(collectorWakeMs(drawing)).to.equal(depositAtMs);
    expect(collectorWakeMs(drawn)).to.equal(depositAtMs);
    expect(take(drawn, { kind: 'wake' }, depositAtMs - 1)).to.deep.equal({ state: drawn, effects: [] });
    expect(summary(deposit)).to.deep.equal(['wipe', 'wipe', 'persist', 'deposit']);
  });

  it('declines at that time and not earlier, without a reason, if the noise is late or failed', () => {
    const failed = take(drawing, { kind: 'noise-drawn', noise: undefined }, START_MS);
    expect(failed.effects).to.deep.equal([]);
    for (const state of [drawing, failed.state]) {
      expect(take(state, { kind: 'wake' }, depositAtMs - 1).effects).to.deep.equal([]);
      const late = take(state, { kind: 'wake' }, depositAtMs);
      expect(late.state).to.deep.equal({ phase: 'ended', outcome: 'declined' });
      expect(late.effects[0]).to.deep.equal({ kind: 'wipe', secrets: [entropy] });
      expect(declineOf(late)).to.include({ code: 'noise-late', reason: 'not ready in time' });
    }
  });

  it('has noise, its 1 in the check counter, and all masks in the cells before anything leaves', () => {
    const masks = newVector(5);
    const seeds = [0, 1, 2].map((set) => ({ set, seed: entropy.slice(32 * set, 32 * set + 32) }));
    addMasks(nodePrimitives, masks, { seeds, context: maskContext(deposited.facts, self.name, 1) });
    const open = deposited.vector.slice();
    subtractVector(open, masks);
    expect(toSigned(open)).to.deep.equal([4n, -5n, 6n, 0n, 1n]);
  });

  it('wipes seeds and noise before the deposit leaves', () => {
    const wiped = deposit.effects
      .slice(0, 2)
      .flatMap((effect) => (effect.kind === 'wipe' ? effect.secrets : []));
    expect(wiped).to.deep.equal([toBytes(fromSigned(NOISE)), entropy]);
    expect(JSON.stringify([...deposited.deposit.parts[0]!])).not.to.include(
      JSON.stringify([...entropy.slice(0, 8)]),
    );
  });

  it('does without the check counter if the plan has none', () => {
    const counters = whole.plan.counters.slice(0, 2);
    expect(new Scene({ known, plan: { counters } }).run().outcome?.kind).to.equal('released');
  });

  it('deals nothing to a keeper whose key is of small order', () => {
    const keepers = drawn.roster.keepers.map((keeper) => ({ ...keeper, key: new Uint8Array(32) }));
    const step = take({ ...drawn, roster: { ...drawn.roster, keepers } }, { kind: 'wake' }, depositAtMs);
    expect(declineOf(step).code).to.equal('noise-late');
  });

  it('takes noise at no other time', () => {
    const late = { kind: 'noise-drawn', noise: fromSigned(NOISE) } as const;
    for (const state of [deposited, counting, reported, ended]) {
      expect(take(state, late, depositAtMs)).to.deep.equal({ state, effects: [] });
    }
  });
});

describe('a collector that is told to start', () => {
  it('counts into the blinded cells, from now on and for as long as the plan says', () => {
    const step = tell(deposited, start, 7_000);
    expect(summary(step)).to.deep.equal(['persist', 'count', 'started', 'draw-entropy']);
    expect(step.effects[1]).to.deep.equal({
      kind: 'count',
      vector: deposited.vector,
      facts: deposited.facts,
    });
    expect(inPhase('counting', step.state).stopAtMs).to.equal(7_000 + whole.plan.collectMs);
    expect(step.state).not.to.have.property('vector');
  });

  const wrong: readonly [what: string, message: RoundMessage, reason: string][] = [
    [
      'by another than the tally',
      startWith([acknowledgement('keeper-1'), acknowledgement('keeper-2')], {}, 'keeper-1'),
      'the start is not signed by the tally',
    ],
    [
      'of another plan',
      startWith([acknowledgement('keeper-1'), acknowledgement('keeper-2')], { plan: DIGEST }),
      'the start is not signed by the tally',
    ],
    ['with no part at all', { ...startWith([]), parts: [] }, 'the start is not signed by the tally'],
  ];
  for (const [what, message, reason] of wrong) {
    it(`counts nothing if it is told so ${what}`, () => {
      const step = tell(deposited, message);
      expect(declineOf(step)).to.include({ code: 'not-genuine', reason });
      expect(step.state).to.equal(deposited);
    });
  }

  const tooFew = [
    [],
    [acknowledgement('keeper-1')],
    [acknowledgement('keeper-1'), acknowledgement('keeper-1')],
    [acknowledgement('keeper-1'), acknowledgement('keeper-2', { deposit: DIGEST })],
    [acknowledgement('keeper-1'), acknowledgement('keeper-2', { plan: DIGEST })],
    [acknowledgement('keeper-1'), acknowledgement('keeper-2', {}, 'keeper-1')],
    [acknowledgement('keeper-1'), acknowledgement('tally')],
    [acknowledgement('keeper-1'), new Uint8Array(10)],
  ];
  for (const [at, parts] of tooFew.entries()) {
    it(`waits for more if it is told so with too few acknowledgements (${at})`, () => {
      const step = tell(deposited, startWith(parts));
      expect(summary(step)).to.deep.equal([]);
      expect(step.state).to.equal(deposited);
    });
  }

  it('counts nothing until t keepers of its own roster hold its seeds', () => {
    const keepers = deposited.roster.keepers.slice(0, 2);
    const state = { ...deposited, roster: { ...deposited.roster, keepers } };
    expect(tell(state, start).state).to.equal(state);
    const enough = startWith([acknowledgement('keeper-2'), acknowledgement('keeper-1')]);
    expect(tell(state, enough).state.phase).to.equal('counting');
  });

  it('forgets the round and wipes its cells if nobody starts it in time', () => {
    const { startByMs } = deposited;
    expect(startByMs).to.equal(expiresAtMs - whole.plan.collectMs);
    expect(collectorWakeMs({ ...deposited, resendAtMs: startByMs + 1 })).to.equal(startByMs);
    expect(take(deposited, { kind: 'wake' }, startByMs - 1).state.phase).to.equal('deposited');
    const step = take(deposited, { kind: 'wake' }, startByMs);
    expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'aborted' });
    expect(step.effects[0]).to.deep.equal({
      kind: 'wipe',
      secrets: [new Uint8Array(deposited.vector.buffer)],
    });
  });
});

describe('a collector that counts', () => {
  const { stopAtMs } = counting;

  it('stops when its time is up, once', () => {
    expect(collectorWakeMs(counting)).to.equal(stopAtMs);
    expect(take(counting, { kind: 'wake' }, stopAtMs - 1)).to.deep.equal({ state: counting, effects: [] });
    const stopping = take(counting, { kind: 'wake' }, stopAtMs);
    expect(summary(stopping)).to.deep.equal(['stop-counting']);
    expect(take(stopping.state, { kind: 'wake' }, stopAtMs)).to.deep.equal({
      state: stopping.state,
      effects: [],
    });
    expect(collectorWakeMs(stopping.state)).to.equal(expiresAtMs);
  });

  it('reports its blinded cells, on disk before they leave', () => {
    expect(summary(report)).to.deep.equal(['wipe', 'persist', 'report']);
    const record = { ...counting.record, report: reported.report };
    expect(report.effects[1]).to.deep.equal({ kind: 'persist', record });
    const [signed, bytes] = reported.report.parts as [Uint8Array, Uint8Array];
    expect(fromBytes(bytes)).to.deep.equal(deposited.vector);
    const speaker = { publicKey: self.identity.publicKey, networkId: known.id };
    expect(readStatement('report', signed, speaker)).to.deep.equal({
      roundId,
      plan: planDigest,
      collector: self.name,
      generations: [1],
      vector: toHex(sha256(bytes)),
      countedMs: 59_000,
      isIncomplete: true,
    });
  });

  it('takes cells at no other time', () => {
    for (const state of [drawing, deposited, reported, ended]) {
      expect(take(state, counted, stopAtMs)).to.deep.equal({ state, effects: [] });
    }
  });
});

describe('a collector in a round', () => {
  const phases = { drawing, deposited, counting, reported };
  const elsewhere = [
    'round-key',
    'deposit',
    'acknowledgement',
    'started',
    'report',
    'proposal',
    'vote',
    'certificate',
    'answer',
    'decline',
  ] as const;
  const table: Readonly<Record<RoundMessage['kind'], readonly [string[], string[], string[], string[]]>> = {
    plan: [[], ['deposit'], ['deposit'], []],
    start: [[], ['persist', 'count', 'started', 'draw-entropy'], ['started'], ['started']],
    'report-request': [['out-of-order'], ['out-of-order'], [], ['report']],
    end: [['wipe'], ['wipe'], ['stop-counting', 'wipe'], ['wipe']],
    ...(Object.fromEntries(
      elsewhere.map((kind) => [
        kind,
        [['out-of-order'], ['out-of-order'], ['out-of-order'], ['out-of-order']],
      ]),
    ) as Record<(typeof elsewhere)[number], [string[], string[], string[], string[]]>),
  };
  const end: RoundMessage = {
    kind: 'end',
    roundId,
    parts: [signedBy('tally', 'end', { roundId, plan: planDigest, outcome: 'released', reason: '' })],
  };
  const made: Partial<Record<RoundMessage['kind'], RoundMessage>> = {
    plan: planMessage,
    start,
    end,
    'report-request': { kind: 'report-request', roundId, parts: [] },
    decline: { kind: 'decline', roundId, code: 'busy', reason: '', parts: [] },
  };

  for (const [name, expected] of Object.entries(table)) {
    const kind = name as RoundMessage['kind'];
    it(`takes a ${kind} as the table says in each phase`, () => {
      const message = made[kind] ?? whole.last(kind);
      Object.entries(phases).forEach(([phase, state], at) => {
        const step = tell(state, message);
        expect(summary(step), phase).to.deep.equal(expected[at]);
        if (expected[at]![0] === 'out-of-order') expect(step.state).to.equal(state);
        expect(tell(state, message)).to.deep.equal(step);
      });
      expect(tell(ended, message)).to.deep.equal({ state: ended, effects: [] });
    });
  }

  it('says in which phase something has no place', () => {
    const request: RoundMessage = { kind: 'report-request', roundId, parts: [] };
    expect(declineOf(tell(drawing, request)).reason).to.equal(
      'a report-request has no place in phase drawing',
    );
  });

  it('sends the same deposit and the same report however often it is asked', () => {
    for (const state of [deposited, counting])
      expect(messagesOf(tell(state, planMessage))).to.deep.equal([deposited.deposit]);
    const request: RoundMessage = { kind: 'report-request', roundId, parts: [] };
    expect(messagesOf(tell(reported, request))).to.deep.equal([reported.report]);
  });

  it('does not take another plan of the same round, and does not mind another roster', () => {
    const other = signedBy('tally', 'plan', toPlanJson(testPlan(known, { collectMs: 1 })));
    for (const parts of [[other], [], [new Uint8Array(5)]]) {
      const step = tell(deposited, { kind: 'plan', roundId, parts });
      expect(declineOf(step).code).to.equal('round-seen');
      expect(step.state).to.equal(deposited);
    }
    const fewer = { ...planMessage, parts: planMessage.parts.slice(0, 3) };
    expect(messagesOf(tell(deposited, fewer))).to.deep.equal([deposited.deposit]);
  });

  it('ends when the tally says so, and wipes what it holds', () => {
    const secrets = new Map<LiveCollectorRound, readonly Uint8Array[]>([
      [drawing, [entropy]],
      [deposited, [new Uint8Array(deposited.vector.buffer)]],
      [counting, []],
      [reported, [reported.report.parts[1]!]],
    ]);
    for (const [state, wiped] of secrets) {
      const step = tell(state, end);
      expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'released' });
      expect(step.effects.find(({ kind }) => kind === 'wipe')).to.deep.equal({
        kind: 'wipe',
        secrets: wiped,
      });
    }
  });

  it('tells why a round was aborted', () => {
    const statement = { roundId, plan: planDigest, outcome: 'aborted', reason: 'keepers are gone' };
    const step = tell(counting, { kind: 'end', roundId, parts: [signedBy('tally', 'end', statement)] });
    expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'aborted' });
    expect(step.effects.at(-1)).to.deep.include({
      kind: 'log',
      text: `round ${roundId}: over, keepers are gone`,
    });
  });

  it('does not end because anybody else says so', () => {
    const statement = { roundId, plan: planDigest, outcome: 'aborted', reason: '' };
    for (const parts of [
      [signedBy('keeper-1', 'end', statement)],
      [signedBy('tally', 'end', { ...statement, plan: DIGEST })],
      [],
    ]) {
      const step = tell(counting, { kind: 'end', roundId, parts });
      expect(summary(step)).to.deep.equal(['not-genuine']);
      expect(step.state).to.equal(counting);
    }
  });

  it('ends by itself when no round of this plan can last longer', () => {
    expect(collectorWakeMs(reported)).to.equal(expiresAtMs);
    expect(collectorWakeMs(ended)).to.equal(undefined);
    for (const state of [drawing, deposited, { ...counting, isStopping: true }, reported]) {
      const step = take(state, { kind: 'wake' }, expiresAtMs);
      expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'aborted' });
      expect(summary(step)).to.include('wipe');
    }
    expect(take(reported, { kind: 'wake' }, expiresAtMs - 1)).to.deep.equal({ state: reported, effects: [] });
    expect(take(ended, { kind: 'wake' }, expiresAtMs)).to.deep.equal({ state: ended, effects: [] });
  });

  it('needs as much entropy as seeds and boxes take', () => {
    expect(depositEntropyBytes(deposited.facts)).to.equal(entropy.length);
  });
});
