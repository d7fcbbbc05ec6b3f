/**
 * Whom the tally waits for in each phase, and what it asked them: derived from the state, so that a request is repeated,
 * or made of a node that has come back, without any record of what was sent.
 */
import { membersInTurn, setsOfKeeper, type HolderSets } from '../core/holder-sets.js';
import { MASK_MS_MAX, SUMS_MS_MAX } from './limits.js';
import { type RoundMessage } from './messages.js';
import { resendMs } from './plan.js';
import { lastDeposit, type InPhase, type ReceivedDeposit, type TallyRound } from './tally-state.js';

export type Request = { readonly to: string; readonly message: RoundMessage };

/** Everything that the tally is waiting for an answer to. */
export function pendingRequests(state: TallyRound, nowMs: number): Request[] {
  const requests = requestsOf(state, nowMs);
  return requests.filter(({ to }) => state.phase === 'over' || !state.leftOut.has(to));
}

function requestsOf(state: TallyRound, nowMs: number): Request[] {
  const { roundId } = state.facts.plan;
  switch (state.phase) {
    case 'keying':
      return state.facts.plan.keepers
        .filter((name) => !state.roundKeys.has(name))
        .map((to) => ({ to, message: { kind: 'plan', roundId, parts: [state.signedPlan] } }));
    case 'depositing':
      return depositRequests(state);
    case 'collecting':
      return [...forwardDeposits(state), ...collectRequests(state, nowMs)];
    case 'voting':
      return state.electors
        .filter((name) => !state.votes.has(name))
        .map((to) => ({ to, message: { kind: 'proposal', roundId, parts: [state.signedProposal] } }));
    case 'answering':
      return certificateRequests(state);
    case 'over':
      return [...state.facts.plan.keepers, ...state.facts.plan.collectors.map(({ name }) => name)].map(
        (to) => ({
          to,
          message: { kind: 'end', roundId, parts: [state.signedEnd] },
        }),
      );
  }
}

function depositRequests(state: InPhase<'depositing'>): Request[] {
  const { roundId, collectors } = state.facts.plan;
  const silent = collectors.filter(({ name }) => !state.deposits.has(name));
  return [
    ...forwardDeposits(state),
    ...silent.map(({ name }): Request => ({
      to: name,
      message: { kind: 'plan', roundId, parts: [state.signedPlan, ...state.rosterKeys] },
    })),
  ];
}

type Depositing = InPhase<'depositing' | 'collecting'>;

/**
 * Deposits that a keeper is sent at once; the others follow at the next repetitions. One that comes back may have missed those
 * of thousands of collectors, and is cut off where 128 MiB wait for it (io/frame-channel.ts): again whenever it came.
 */
const FORWARDED_BYTES_MAX = 16 * 1024 * 1024;

function forwardDeposits(state: Depositing): Request[] {
  const forwarded = new Map<string, number>();
  const hasRoom = ({ to, message }: Request): boolean => {
    const bytes = forwarded.get(to) ?? 0;
    forwarded.set(
      to,
      message.parts.reduce((sum, part) => sum + part.length, bytes),
    );
    return bytes < FORWARDED_BYTES_MAX;
  };
  return [...state.deposits].flatMap(([collector, itsDeposits]) =>
    [...itsDeposits.values()].flatMap((deposit) => forwardDeposit(state, collector, deposit).filter(hasRoom)),
  );
}

/** A collector's deposit, with each keeper's own box, to those keepers that have not answered it. */
export function forwardDeposit(
  state: Depositing,
  collector: string,
  { parts, acknowledgements, refusals }: ReceivedDeposit,
): Request[] {
  const { roundId } = state.facts.plan;
  if (parts.length === 0 || state.leftOut.has(collector)) return [];
  return state.roster.keepers.flatMap(({ name }, at): Request[] => {
    if (acknowledgements.has(name) || refusals.has(name)) return [];
    return [
      { to: name, message: { kind: 'deposit', roundId, collector, parts: [parts[0]!, parts[at + 1]!] } },
    ];
  });
}

function collectRequests(state: InPhase<'collecting'>, nowMs: number): Request[] {
  const { roundId } = state.facts.plan;
  return state.starters.flatMap((to): Request[] => {
    if (state.reports.has(to)) return [];
    const start = startRequest(state, to, nowMs);
    // A collector reports by itself when its time is up; it is asked if nothing has come for a while.
    return state.resendAtMs < state.stopAtMs + 2 * resendMs(state.facts.plan)
      ? start
      : [...start, { to, message: { kind: 'report-request', roundId, parts: [] } }];
  });
}

/** Tells a collector who holds the seeds that it dealt last, unless it has said that they are enough. */
export function startRequest(state: InPhase<'collecting'>, to: string, nowMs: number): Request[] {
  const { roundId } = state.facts.plan;
  const { generation, acknowledgements } = lastDeposit(state, to)!;
  if (state.started.get(to) === generation || acknowledgements.size === 0) return [];
  const restMs = Math.max(0, state.stopAtMs - nowMs);
  const inOrder = state.roster.keepers.flatMap(({ name }) => acknowledgements.get(name) ?? []);
  const parts = [state.signedStart, ...inOrder];
  return [{ to, message: { kind: 'start', roundId, restMs, parts } }];
}

function certificateRequests(state: InPhase<'answering'>): Request[] {
  const { roundId } = state.facts.plan;
  const assigned = assignSets(state);
  const certificate = [...state.votes.values()];
  return [...state.votes.keys()].flatMap((to): Request[] => {
    const send = assigned.get(to) ?? [];
    if (state.answers.has(to) && send.length === 0) return [];
    return [{ to, message: { kind: 'certificate', roundId, send, parts: certificate } }];
  });
}

/**
 * Who sends the whole sum of which sets, of those that are still missing: of the members that voted, are connected and
 * have not been left out, the first in turn. In the second half of the phase each repetition asks the next of them:
 * whoever was asked until then does not send it, whatever else it may send.
 */
function assignSets(state: InPhase<'answering'>): Map<string, number[]> {
  const { facts, resendAtMs, deadlineMs } = state;
  const { keepers, phaseMs } = facts.plan;
  const lateMs = resendAtMs - (deadlineMs - phaseMs / 2);
  const turn = Math.max(0, Math.ceil(lateMs / resendMs(facts.plan)));
  const assigned = new Map<string, number[]>();
  for (const set of missingSets(state)) {
    const able = membersInTurn(facts.holders, set)
      .map((index) => keepers[index]!)
      .filter((name) => state.votes.has(name) && state.connected.has(name) && !state.leftOut.has(name));
    const sender = able[turn % able.length];
    if (sender !== undefined) assigned.set(sender, [...(assigned.get(sender) ?? []), set]);
  }
  return assigned;
}

/** How long the keepers may take for their answers: a phase, and what adding up their masks takes. */
export function answerMs({ facts, set }: Pick<InPhase<'voting'>, 'facts' | 'set'>): number {
  const generations = set.reduce((sum, entry) => sum + entry.generations.length, 0);
  const masks = setsOfKeeper(facts.holders, 0).length * generations;
  return facts.plan.phaseMs + Math.min(SUMS_MS_MAX, masks * MASK_MS_MAX);
}

/** The holder sets whose whole sum nobody has sent yet. */
export function missingSets(state: InPhase<'answering'>): number[] {
  const there = new Set([...state.answers.values()].flatMap(({ vectors }) => [...vectors.keys()]));
  return allSets(state.facts.holders).filter((set) => !there.has(set));
}

function allSets({ sets }: HolderSets): number[] {
  return sets.map((_, set) => set);
}
