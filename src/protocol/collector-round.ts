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
 * While it counts it writes checkpoints (collector-checkpoint.ts), and after a restart it goes on from the last one
 * (resumeCollectorRound): in `drawing` if nothing has left it yet, in `deposited` from the cells on its disk, in `reported`.
 * Every request may come twice: the answer is the same bytes. What comes out of order is declined and changes nothing.
 */
import { toHex } from '../core/hex.js';
import { toBytes } from '../core/ring.js';
import { sha256 } from '../crypto/primitives.js';
import { dealReserve, storeImage } from './collector-checkpoint.js';
import { depositSeeds } from './collector-deposit.js';
import { onStart } from './collector-start.js';
import {
  secretsOfCollector,
  type CollectorEffect,
  type CollectorIn,
  type CollectorInput,
  type CollectorRound,
  type CollectorStep,
  type LiveCollectorRound as Live,
} from './collector-state.js';
import { type MessageOf, type RoundMessage } from './messages.js';
import { resendMs } from './plan.js';
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
    case 'entropy-drawn':
      return state.phase === 'counting'
        ? dealReserve(self, state, input.entropy, nowMs)
        : { state, effects: [{ kind: 'wipe', secrets: [input.entropy] }] };
    case 'image-taken':
      return state.phase === 'counting' ? storeImage(state, input, nowMs) : { state, effects: [] };
    case 'counted':
      return state.phase === 'counting' ? onCounted(self, state, input) : { state, effects: [] };
    case 'suspend':
      return state.phase === 'counting' && !state.isStopping && state.reserve?.holders !== undefined
        ? { state, effects: [{ kind: 'take-image' }] }
        : { state, effects: [] };
    case 'wake':
      return onWake(self, state, nowMs);
  }
}

type NoiseDrawn = Extract<CollectorInput, { kind: 'noise-drawn' }>;

function onNoise(state: Live, noise: NoiseDrawn['noise']): CollectorStep {
  return state.phase === 'drawing' ? { state: { ...state, noise }, effects: [] } : { state, effects: [] };
}

function onWake(self: Self, state: Live, nowMs: number): CollectorStep {
  if (nowMs >= state.record.expiresAtMs) return forget(state, 'the tally did not end it in time');
  switch (state.phase) {
    case 'drawing':
      return nowMs >= state.depositAtMs ? depositSeeds(self, state, nowMs) : { state, effects: [] };
    case 'deposited':
      return onWakeDeposited(self, state, nowMs);
    case 'counting':
      return onWakeCounting(state, nowMs);
    case 'reported':
      return { state, effects: [] };
  }
}

/** What the cells on the disk tell may still be reported when it is too late to go on from them. */
function onWakeDeposited(self: Self, state: CollectorIn<'deposited'>, nowMs: number): CollectorStep {
  if (nowMs < state.startByMs) return resend(state, nowMs);
  const { image } = state.record;
  if (state.record.stopAtMs === undefined || image === undefined)
    return forget(state, 'it was not started in time');
  const { effects, ...reported } = report(self, state, { ...image, isIncomplete: true });
  return { ...reported, effects: [{ kind: 'wipe', secrets: secretsOfCollector(state) }, ...effects] };
}

function onWakeCounting(state: CollectorIn<'counting'>, nowMs: number): CollectorStep {
  if (state.isStopping) return { state, effects: [] };
  if (nowMs >= state.stopAtMs) {
    return { state: { ...state, isStopping: true }, effects: [{ kind: 'stop-counting' }] };
  }
  const { reserve, checkpointAtMs = Infinity } = state;
  if (reserve === undefined) return { state, effects: [] };
  if (reserve.holders === undefined) return resend(state, nowMs);
  return nowMs >= checkpointAtMs ? { state, effects: [{ kind: 'take-image' }] } : { state, effects: [] };
}

/** The tally does not ask for a deposit that it knows nothing of. */
function resend(state: CollectorIn<'deposited' | 'counting'>, nowMs: number): CollectorStep {
  if (nowMs < state.resendAtMs) return { state, effects: [] };
  const resendAtMs = nowMs + resendMs(state.facts.plan);
  return { state: { ...state, resendAtMs }, effects: [send(state.deposit)] };
}

function onMessage(self: Self, state: Live, message: RoundMessage, nowMs: number): CollectorStep {
  switch (message.kind) {
    case 'plan':
      return onPlanAgain(state, message);
    case 'start':
      return onStart(self, state, message, nowMs);
    case 'report-request':
      if (state.phase === 'reported') return { state, effects: [send(state.report)] };
      // Asked before the time is up by this clock, or it has just come back: the report follows when it can.
      return state.record.stopAtMs === undefined ? outOfOrder(state, message.kind) : { state, effects: [] };
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
  const isDealt = state.phase === 'deposited' || state.phase === 'counting';
  return { state, effects: isDealt ? [send(state.deposit)] : [] };
}

function onCounted(
  self: Self,
  state: CollectorIn<'counting'>,
  { vector, countedMs, isIncomplete }: Extract<CollectorInput, { kind: 'counted' }>,
): CollectorStep {
  const { generations, resumedMs } = state;
  const reported = report(self, state, {
    cells: toBytes(vector),
    generations,
    countedMs: resumedMs + countedMs,
    isIncomplete: isIncomplete || state.wasRestarted,
  });
  const spent = { kind: 'wipe', secrets: secretsOfCollector(state) } as const;
  return { ...reported, effects: [spent, ...reported.effects] };
}

type Reported = {
  readonly cells: Uint8Array;
  readonly generations: readonly number[];
  readonly countedMs: number;
  readonly isIncomplete: boolean;
};

function report(self: Self, state: Live, { cells, ...counted }: Reported): CollectorStep {
  const { facts, roster, checkpointMs } = state;
  const { roundId } = facts.plan;
  const statement = {
    roundId,
    plan: facts.planDigest,
    collector: self.name,
    generations: [...counted.generations],
    vector: toHex(sha256(cells)),
    countedMs: counted.countedMs,
    isIncomplete: counted.isIncomplete,
  } satisfies Statement<'report'>;
  const message = {
    kind: 'report',
    roundId,
    parts: [signStatement('report', statement, signerOf(self)), cells],
  } as const;
  // The image before it has done its work.
  const record = { ...state.record, image: undefined, report: message };
  return {
    state: { phase: 'reported', facts, roster, checkpointMs, record, report: message },
    effects: [
      { kind: 'persist', record },
      send(message),
      log('info', `round ${roundId}: counted, report sent`),
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
