/** How a collector begins to count, or comes to know that the seeds of its reserve are held. */
import { nextCheckpointMs } from './collector-checkpoint.js';
import {
  type CollectorEffect,
  type CollectorIn,
  type CollectorStep,
  type LiveCollectorRound as Live,
} from './collector-state.js';
import { type MessageOf } from './messages.js';
import * as round from './round.js';
import { log, send, type Self } from './round.js';
import { readStatement, statementDigest } from './statements.js';

/** `start`: count from now on; or, while it counts already: the keepers that hold the seeds of the reserve. */
export function onStart(self: Self, state: Live, message: MessageOf<'start'>, nowMs: number): CollectorStep {
  const { plan, planDigest } = state.facts;
  if (state.phase === 'reported') return { state, effects: [started(state)] };
  if (state.phase === 'drawing') {
    // After a restart the tally may know an earlier deposit; the one under way takes its place.
    return { state, effects: [] };
  }
  const [signedStart, ...acknowledgements] = message.parts;
  const { network, id } = self.known;
  const speaker = { publicKey: network.tallyServer.identity, networkId: id };
  const start = signedStart && readStatement('start', signedStart, speaker);
  if (start?.plan !== planDigest) {
    const refusal = round.decline(plan.roundId, 'not-genuine', 'the start is not signed by the tally');
    return { state, effects: [refusal] };
  }
  const holding = keepersHolding(self, state, acknowledgements);
  return state.phase === 'counting'
    ? takeReserve(self, state, holding)
    : startCounting(self, state, { holding, restMs: message.restMs, nowMs });
}

function started({ facts, record }: Live): CollectorEffect {
  return send({ kind: 'started', roundId: facts.plan.roundId, generation: record.generation, parts: [] });
}

function startCounting(
  self: Self,
  state: CollectorIn<'deposited'>,
  { holding, restMs, nowMs }: { holding: readonly string[]; restMs: number; nowMs: number },
): CollectorStep {
  const { facts, roster, checkpointMs, deposit, vector, generations, resendAtMs } = state;
  const { plan } = facts;
  const { image } = state.record;
  const holders = holding.filter((name) => image === undefined || image.holders.includes(name));
  if (holders.length < self.known.network.threshold) {
    // They may be on their way still, or these are of a deposit that was made before a restart.
    return {
      state,
      effects: [log('debug', `round ${plan.roundId}: not started, too few keepers hold its seeds`)],
    };
  }
  // After a restart the clock may be another one than that which the end was reckoned by.
  const stopAtMs = Math.min(state.record.stopAtMs ?? Infinity, nowMs + Math.min(restMs, plan.collectMs));
  const record = { ...state.record, stopAtMs };
  const checkpointAtMs = nextCheckpointMs({ checkpointMs, stopAtMs }, nowMs);
  const counting: CollectorIn<'counting'> = {
    phase: 'counting',
    facts,
    roster,
    record,
    checkpointMs,
    deposit,
    generations,
    resendAtMs,
    holders,
    stopAtMs,
    wasRestarted: state.record.stopAtMs !== undefined,
    resumedMs: image?.countedMs ?? 0,
    isStopping: false,
    reserve: undefined,
    checkpointAtMs,
  };
  return {
    state: counting,
    effects: [
      { kind: 'persist', record },
      { kind: 'count', vector, facts },
      started(counting),
      log('info', `round ${plan.roundId}: counting for ${Math.max(0, stopAtMs - nowMs) / 1000} s`),
      { kind: 'draw-entropy' },
    ],
  };
}

/** The reserve may be used once t keepers hold it and all that is in the cells. */
function takeReserve(self: Self, state: CollectorIn<'counting'>, holding: readonly string[]): CollectorStep {
  const { reserve } = state;
  if (reserve === undefined) return { state, effects: [started(state)] };
  const holders = state.holders.filter((name) => holding.includes(name));
  if (holders.length < self.known.network.threshold) return { state, effects: [] };
  return { state: { ...state, reserve: { ...reserve, holders } }, effects: [started(state)] };
}

/** The keepers of the roster that say that they hold the seeds of the last deposit. */
function keepersHolding(
  self: Self,
  { roster, facts, deposit }: CollectorIn<'deposited' | 'counting'>,
  acknowledgements: readonly Uint8Array[],
): string[] {
  const { network, id } = self.known;
  const digest = statementDigest(deposit.parts[0]!);
  const left = [...acknowledgements];
  return roster.keepers.flatMap(({ name, index }) => {
    const speaker = { publicKey: network.keepers[index]!.identity, networkId: id };
    const found = left.findIndex((signed) => {
      const statement = readStatement('acknowledgement', signed, speaker);
      return (
        statement?.keeper === name && statement.plan === facts.planDigest && statement.deposit === digest
      );
    });
    // The tally sends them in the order of the roster, so each is checked about once.
    if (found >= 0) left.splice(found, 1);
    return found >= 0 ? [name] : [];
  });
}
