/**
 * The tally and the collectors' deposits: it passes them on to the keepers, and tells each collector who has acknowledged
 * its last one. A collector makes one before it counts, one for each checkpoint (collector-checkpoint.ts), and one after
 * each restart.
 */
import { toHex } from '../core/hex.js';
import { sha256 } from '../crypto/primitives.js';
import { boxBytes, readDeposit } from './deposit.js';
import { type MessageOf } from './messages.js';
import { log, type Self } from './round.js';
import { readStatement, statementDigest, type Statement } from './statements.js';
import { leaveOut, speakerOf, unchanged } from './tally-leave-out.js';
import { forwardDeposit, startRequest, type Request } from './tally-requests.js';
import {
  lastDeposit,
  withEntry,
  type InPhase,
  type ReceivedDeposit,
  type TallyEffect,
  type TallyRound,
  type TallyStep,
} from './tally-state.js';

type Depositing = InPhase<'depositing' | 'collecting'>;

/**
 * How many of a collector's deposits are kept for keepers that are away. One that comes back later has not got the seeds of
 * those before, and can't help to open that collector's report.
 */
const KEPT_MAX = 64;
const NO_BYTES = new Uint8Array(0);

export function isDepositing(state: TallyRound): state is Depositing {
  return state.phase === 'depositing' || state.phase === 'collecting';
}

export function onDeposit(
  self: Self,
  state: Depositing,
  from: string,
  { parts }: MessageOf<'deposit'>,
): TallyStep {
  const isInvited = state.phase === 'depositing' || state.starters.includes(from);
  const isOver = state.phase === 'collecting' && state.reports.has(from);
  if (!isInvited || isOver) return unchanged(state);
  const deposit = readDeposit(parts[0]!, { collector: from, facts: state.facts, self });
  if (deposit === undefined || !isWellFormed(state, deposit, parts.slice(1))) {
    return leaveOut(state, from, 'sent a deposit that it did not sign for this plan and roster');
  }
  const { generation } = deposit;
  // One that comes again, or was overtaken by a later one.
  if (generation <= (lastDeposit(state, from)?.generation ?? 0)) return unchanged(state);
  const received: ReceivedDeposit = {
    parts,
    digest: statementDigest(parts[0]!),
    generation,
    acknowledgements: new Map(),
    refusals: new Map(),
  };
  const next = withDeposit(withoutOld(state, from), from, received);
  return { state: next, effects: sendTo(next, forwardDeposit(next, from, received)) };
}

function isWellFormed(
  { roster, facts }: Depositing,
  deposit: Statement<'deposit'>,
  boxes: readonly Uint8Array[],
): boolean {
  const { keepers, digest } = roster;
  return (
    deposit.roster === digest &&
    deposit.commitments.length === facts.holders.sets.length &&
    boxes.length === keepers.length &&
    deposit.boxes.length === keepers.length &&
    keepers.every(({ name, index }, at) => {
      const [box, signed] = [boxes[at]!, deposit.boxes[at]!];
      const isSigned = signed.keeper === name && signed.digest === toHex(sha256(box));
      return isSigned && box.length === boxBytes(facts.holders, index);
    })
  );
}

function sendTo({ connected, leftOut }: Depositing, requests: readonly Request[]): TallyEffect[] {
  return requests
    .filter(({ to }) => connected.has(to) && !leftOut.has(to))
    .map((request) => ({ kind: 'send', ...request }));
}

function withDeposit<S extends Depositing>(state: S, collector: string, deposit: ReceivedDeposit): S {
  const before = state.deposits.get(collector) ?? new Map<number, ReceivedDeposit>();
  const itsDeposits = withEntry(before, deposit.generation, deposit);
  return { ...state, deposits: withEntry(state.deposits, collector, itsDeposits) };
}

/** Of deposits that are not the last any more, who has acknowledged them is enough; and after a while the boxes go too. */
function withoutOld<S extends Depositing>(state: S, collector: string): S {
  const before = [...(state.deposits.get(collector)?.values() ?? [])];
  if (before.length === 0) return state;
  const kept = before.map((deposit, at): [number, ReceivedDeposit] => [
    deposit.generation,
    {
      ...deposit,
      parts: at < before.length - KEPT_MAX ? [] : deposit.parts,
      acknowledgements: new Map([...deposit.acknowledgements.keys()].map((keeper) => [keeper, NO_BYTES])),
    },
  ]);
  return { ...state, deposits: withEntry(state.deposits, collector, new Map(kept)) };
}

export function onAcknowledgement(
  self: Self,
  state: Depositing,
  { from, message, nowMs }: { from: string; message: MessageOf<'acknowledgement'>; nowMs: number },
): TallyStep {
  const [signed] = message.parts;
  const statement = readStatement('acknowledgement', signed!, speakerOf(self, from));
  const received = statement && state.deposits.get(statement.collector)?.get(statement.generation);
  const isGood =
    received !== undefined &&
    state.roster.keepers.some(({ name }) => name === from) &&
    statement?.keeper === from &&
    statement.plan === state.facts.planDigest &&
    statement.deposit === received.digest;
  if (!isGood) return leaveOut(state, from, 'acknowledged a deposit that no collector made');
  if (received.acknowledgements.has(from)) return unchanged(state);
  const isLast = lastDeposit(state, statement.collector) === received;
  const acknowledgements = withEntry(received.acknowledgements, from, isLast ? signed! : NO_BYTES);
  return answered(state, statement.collector, { ...received, acknowledgements }, nowMs);
}

export function onRefusal(
  state: Depositing,
  from: string,
  {
    about: { collector, generation },
    reason,
  }: { about: { collector: string; generation: number }; reason: string },
): TallyStep {
  const received = state.deposits.get(collector)?.get(generation);
  if (received === undefined || received.acknowledgements.has(from) || received.refusals.has(from)) {
    return unchanged(state);
  }
  const refusals = withEntry(received.refusals, from, reason);
  const text = `keeper ${from} refused the deposit of collector ${collector}: ${reason}`;
  return {
    state: withDeposit(state, collector, { ...received, refusals }),
    effects: [log('warn', `round ${state.facts.plan.roundId}: ${text}`)],
  };
}

/** Once every keeper that is there has answered, a collector that counts is told; if some are away, it is told now and then. */
function answered(state: Depositing, collector: string, deposit: ReceivedDeposit, nowMs: number): TallyStep {
  const isAnsweredBy = (name: string): boolean =>
    deposit.acknowledgements.has(name) || deposit.refusals.has(name);
  const keepers = state.roster.keepers.map(({ name }) => name).filter((name) => !state.leftOut.has(name));
  const isComplete = keepers.every(isAnsweredBy);
  const next = withDeposit(state, collector, { ...deposit, parts: isComplete ? [] : deposit.parts });
  const isDone = keepers.every((name) => isAnsweredBy(name) || !state.connected.has(name));
  const isTold = next.phase === 'collecting' && isDone && next.starters.includes(collector);
  return {
    state: next,
    effects: isTold ? sendTo(next, startRequest(next, collector, nowMs)) : [],
  };
}

export function onStarted(
  state: InPhase<'collecting'>,
  from: string,
  { generation }: MessageOf<'started'>,
): TallyStep {
  if (!state.starters.includes(from) || generation <= (state.started.get(from) ?? 0)) return unchanged(state);
  return { state: { ...state, started: withEntry(state.started, from, generation) }, effects: [] };
}
