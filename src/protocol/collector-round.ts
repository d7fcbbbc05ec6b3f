/**
 * A collector's part of a round.
 *
 *     plan and roster                        noise drawn and its time up           start, shown t acknowledgements
 *     ---------------> drawing --------------------------------------> deposited -----------------------------> counting
 *                         |                                                |                                       |
 *                         | noise late: declines                           | no start in time          time up: report
 *                         v                                                v                                       v
 *                       ended <------------------------------------------ended <--------------- end ----------- reported
 *
 * Noise is in the cells before the first mask, and the masks before the first event, so that nothing that ever leaves the
 * collector holds a count without noise. The deposit leaves at a time fixed by the plan, because the time that drawing
 * takes tells how large the noise is; a collector that is not ready by then declines and does not say why.
 * Every request may come twice: the answer is the same bytes. What comes out of order is declined and changes nothing.
 */
import { toHex } from '../core/hex.js';
import { toBytes } from '../core/ring.js';
import { sha256 } from '../crypto/primitives.js';
import { depositSeeds, FIRST_GENERATION } from './collector-deposit.js';
import {
  type CollectorEffect,
  type CollectorInput,
  type CollectorRound,
  type CollectorStep,
  type LiveCollectorRound as Live,
} from './collector-state.js';
import { type MessageOf, type RoundMessage } from './messages.js';
import * as round from './round.js';
import { log, send, signerOf, type Self } from './round.js';
import { readStatement, signStatement, statementDigest, type Statement } from './statements.js';

export function stepCollector(
  self: Self,
  state: CollectorRound,
  input: CollectorInput,
  nowMs: number,
): CollectorStep {
  if (state.phase === 'ended') return { state, effects: [] };
  switch (input.kind) {
    case 'message':
      return onMessage(self, state, input.message, nowMs);
    case 'noise-drawn':
      return onNoise(state, input.noise);
    case 'counted':
      return onCounted(self, state, input);
    case 'wake':
      return onWake(self, state, nowMs);
  }
}

type NoiseDrawn = Extract<CollectorInput, { kind: 'noise-drawn' }>;

function onNoise(state: Live, noise: NoiseDrawn['noise']): CollectorStep {
  return state.phase === 'drawing' ? { state: { ...state, noise }, effects: [] } : { state, effects: [] };
}

function onWake(self: Self, state: Live, nowMs: number): CollectorStep {
  if (nowMs >= state.expiresAtMs) return forget(state, 'the tally did not end it in time');
  if (state.phase === 'drawing' && nowMs >= state.depositAtMs) return depositSeeds(self, state, nowMs);
  if (state.phase === 'deposited' && nowMs >= state.startByMs)
    return forget(state, 'it was not started in time');
  if (state.phase === 'counting' && !state.isStopping && nowMs >= state.stopAtMs) {
    return { state: { ...state, isStopping: true }, effects: [{ kind: 'stop-counting' }] };
  }
  return { state, effects: [] };
}

function onMessage(self: Self, state: Live, message: RoundMessage, nowMs: number): CollectorStep {
  switch (message.kind) {
    case 'plan':
      return onPlanAgain(state, message);
    case 'start':
      return onStart(self, state, message, nowMs);
    case 'report-request':
      if (state.phase === 'reported') return { state, effects: [send(state.report)] };
      // Asked before the time is up by this clock: the report follows when it is.
      return state.phase === 'counting' ? { state, effects: [] } : outOfOrder(state, message.kind);
    case 'end':
      return onEnd(self, state, message);
    case 'round-key':
    case 'deposit':
    case 'acknowledgement':
    case 'started':
    case 'report':
    case 'proposal':
    case 'vote':
    case 'certificate':
    case 'answer':
    case 'decline':
      return outOfOrder(state, message.kind);
  }
}

function outOfOrder(state: Live, what: string): CollectorStep {
  const reason = `a ${what} has no place in phase ${state.phase}`;
  const { roundId } = state.facts.plan;
  return {
    state,
    effects: [round.decline(roundId, 'out-of-order', reason), log('warn', `round ${roundId}: ${reason}`)],
  };
}

/** A plan that comes again is answered as the first time; another one of the same round is not taken. */
function onPlanAgain(state: Live, message: MessageOf<'plan'>): CollectorStep {
  const { roundId } = state.facts.plan;
  const [signedPlan] = message.parts;
  if (signedPlan === undefined || statementDigest(signedPlan) !== state.facts.planDigest) {
    return { state, effects: [round.decline(roundId, 'round-seen', 'this round already has another plan')] };
  }
  return { state, effects: state.phase === 'drawing' ? [] : [send(state.deposit)] };
}

function onStart(self: Self, state: Live, message: MessageOf<'start'>, nowMs: number): CollectorStep {
  const { plan, planDigest } = state.facts;
  const started = send({ kind: 'started', roundId: plan.roundId, parts: [] });
  if (state.phase === 'counting' || state.phase === 'reported') return { state, effects: [started] };
  if (state.phase !== 'deposited') return outOfOrder(state, 'start');
  const [signedStart, ...acknowledgements] = message.parts;
  const { network, id } = self.known;
  const speaker = { publicKey: network.tallyServer.identity, networkId: id };
  const start = signedStart && readStatement('start', signedStart, speaker);
  if (start?.plan !== planDigest) {
    return {
      state,
      effects: [round.decline(plan.roundId, 'not-genuine', 'the start is not signed by the tally')],
    };
  }
  if (!isHeld(self, state, acknowledgements)) {
    const reason = 'fewer than t keepers have acknowledged the seeds of this collector';
    return { state, effects: [round.decline(plan.roundId, 'not-genuine', reason)] };
  }
  const { facts, roster, expiresAtMs, deposit: dealt, vector } = state;
  return {
    state: {
      phase: 'counting',
      facts,
      roster,
      expiresAtMs,
      deposit: dealt,
      stopAtMs: nowMs + plan.collectMs,
      isStopping: false,
    },
    effects: [
      { kind: 'count', vector, facts },
      started,
      log('info', `round ${plan.roundId}: counting for ${plan.collectMs / 1000} s`),
    ],
  };
}

/** True if t keepers of the roster say that they hold the seeds of this very deposit. */
function isHeld(
  self: Self,
  { roster, facts, deposit: dealt }: Extract<Live, { phase: 'deposited' }>,
  acknowledgements: readonly Uint8Array[],
): boolean {
  const { network, id } = self.known;
  const dealtDigest = statementDigest(dealt.parts[0]!);
  const holding = roster.keepers.filter(({ name, index }) =>
    acknowledgements.some((signed) => {
      const speaker = { publicKey: network.keepers[index]!.identity, networkId: id };
      const statement = readStatement('acknowledgement', signed, speaker);
      return (
        statement?.keeper === name && statement.plan === facts.planDigest && statement.deposit === dealtDigest
      );
    }),
  );
  return holding.length >= network.threshold;
}

function onCounted(
  self: Self,
  state: Live,
  { vector, countedMs, isIncomplete }: Extract<CollectorInput, { kind: 'counted' }>,
): CollectorStep {
  if (state.phase !== 'counting') return { state, effects: [] };
  const { facts, roster, expiresAtMs } = state;
  const bytes = toBytes(vector);
  const statement = {
    roundId: facts.plan.roundId,
    plan: facts.planDigest,
    collector: self.name,
    generations: [FIRST_GENERATION],
    vector: toHex(sha256(bytes)),
    countedMs,
    isIncomplete,
  } satisfies Statement<'report'>;
  const report = {
    kind: 'report',
    roundId: facts.plan.roundId,
    parts: [signStatement('report', statement, signerOf(self)), bytes],
  } as const;
  return {
    state: { phase: 'reported', facts, roster, expiresAtMs, deposit: state.deposit, report },
    effects: [
      { kind: 'persist', roundId: facts.plan.roundId, report },
      send(report),
      log('info', `round ${facts.plan.roundId}: counted, report sent`),
    ],
  };
}

function onEnd(self: Self, state: Live, message: MessageOf<'end'>): CollectorStep {
  const { network, id } = self.known;
  const [signed] = message.parts;
  const speaker = { publicKey: network.tallyServer.identity, networkId: id };
  const end = signed && readStatement('end', signed, speaker);
  if (end?.plan !== state.facts.planDigest) {
    const refusal = round.decline(
      state.facts.plan.roundId,
      'not-genuine',
      'the end is not signed by the tally',
    );
    return { state, effects: [refusal] };
  }
  const { effects } = forget(state, end.outcome === 'released' ? 'its total is released' : end.reason);
  return { state: { phase: 'ended', outcome: end.outcome }, effects };
}

function forget(state: Live, why: string): CollectorStep {
  const stop: CollectorEffect[] = state.phase === 'counting' ? [{ kind: 'stop-counting' }] : [];
  return {
    state: { phase: 'ended', outcome: 'aborted' },
    effects: [
      ...stop,
      { kind: 'wipe', secrets: secretsOfCollector(state) },
      log('info', `round ${state.facts.plan.roundId}: over, ${why}`),
    ],
  };
}

/** Whoever ends a round without a message or a wake wipes these; see forget. */
export function secretsOfCollector(state: CollectorRound): Uint8Array[] {
  switch (state.phase) {
    case 'drawing':
      return [state.entropy];
    case 'deposited':
      return [new Uint8Array(state.vector.buffer)];
    case 'reported':
      return [state.report.parts[1]!];
    case 'counting':
    case 'ended':
      return [];
  }
}
