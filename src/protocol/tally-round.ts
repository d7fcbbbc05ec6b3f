/**
 * The tally's part of a round.
 *
 *     keying -----> depositing -----> collecting -----> voting -----> answering -----> over
 *        t or more      collectors        time up:         t votes       every set's       (released or aborted)
 *        round keys     that t keepers    reports in,      for S         sum there, all
 *                       acknowledged      S chosen                       answers agree
 *
 * Each arrow is taken when everybody who is expected has answered, or at the phase's deadline with those who have. Whoever
 * is missing then is left out and named; if too few are left the round is over as aborted, with the reason and who caused
 * it, and nothing is released. Keepers first, because a collector seals its seeds to their keys; noise and seeds before
 * the start, because a count must never stand without them; votes before answers (keeper-round.ts).
 *
 * A node's fault leaves that node out and is no error of ours. The tally asks again now and then (resendMs) and whenever a
 * node connects; all requests are derived from the state (tally-requests.ts).
 */
import { advance } from './tally-advance.js';
import { resendMs, type Plan, toPlanJson } from './plan.js';
import { log, signerOf, toRoundFacts, type Self } from './round.js';
import { signStatement, statementDigest } from './statements.js';
import { onTallyMessage } from './tally-messages.js';
import { answerMs, pendingRequests } from './tally-requests.js';
import { type TallyEffect, type TallyInput, type TallyRound, type TallyStep } from './tally-state.js';

/** Opens a round. The plan is the tally's own and must have no objections (check-plan.ts). */
export function beginTallyRound(
  self: Self,
  plan: Plan,
  { connected, nowMs }: { connected: ReadonlySet<string>; nowMs: number },
): TallyStep {
  const signedPlan = signStatement('plan', toPlanJson(plan), signerOf(self));
  const state: TallyRound = {
    phase: 'keying',
    facts: toRoundFacts(plan, statementDigest(signedPlan), self.known),
    signedPlan,
    connected,
    leftOut: new Map(),
    resendAtMs: nowMs + resendMs(plan),
    deadlineMs: nowMs + plan.phaseMs,
    roundKeys: new Map(),
  };
  const opening = log('info', `round ${plan.roundId}: begins with ${plan.collectors.length} collectors`);
  return { state, effects: [opening, { kind: 'phase', phase: 'keying' }, ...requestsTo(state, nowMs)] };
}

/** What is being waited for, of the named node or of all; only nodes that are connected are asked. */
function requestsTo(state: TallyRound, nowMs: number, name?: string): TallyEffect[] {
  return pendingRequests(state, nowMs)
    .filter(({ to }) => state.connected.has(to) && (name === undefined || to === name))
    .map((request) => ({ kind: 'send', ...request }));
}

export function stepTally(self: Self, state: TallyRound, input: TallyInput, nowMs: number): TallyStep {
  const taken = takeInput(self, state, input, nowMs);
  return settle(self, taken, nowMs);
}

function takeInput(self: Self, state: TallyRound, input: TallyInput, nowMs: number): TallyStep {
  switch (input.kind) {
    case 'connected': {
      const next = { ...state, connected: new Set(state.connected).add(input.name) };
      return { state: next, effects: requestsTo(next, nowMs, input.name) };
    }
    case 'disconnected': {
      const connected = new Set(state.connected);
      connected.delete(input.name);
      return { state: { ...state, connected }, effects: [] };
    }
    case 'resumed':
      return { state: resumed(state, nowMs), effects: [] };
    case 'message':
      return onTallyMessage(self, state, input, nowMs);
    case 'wake': {
      if (nowMs < state.resendAtMs) return { state, effects: [] };
      const next = { ...state, resendAtMs: nowMs + resendMs(state.facts.plan) };
      return { state: next, effects: state.phase === 'over' ? [] : requestsTo(next, nowMs) };
    }
  }
}

/**
 * After a restart everybody has the whole time of the phase again: nobody could answer a tally that was not there. The clock
 * may be another one than before, so no time is further away than if the phase began now.
 */
function resumed(state: TallyRound, nowMs: number): TallyRound {
  const next = { ...state, connected: new Set<string>() };
  if (next.phase === 'over') return next;
  const { plan } = next.facts;
  const again = { ...next, resendAtMs: nowMs + resendMs(plan) };
  if (again.phase === 'collecting') {
    const stopAtMs = Math.min(again.stopAtMs, nowMs + plan.collectMs);
    return { ...again, stopAtMs, deadlineMs: Math.max(stopAtMs, nowMs) + plan.phaseMs };
  }
  if (again.phase === 'answering') return { ...again, deadlineMs: nowMs + answerMs(again) };
  const drawMs = again.phase === 'depositing' ? plan.drawMs : 0;
  return { ...again, deadlineMs: nowMs + drawMs + plan.phaseMs };
}

/** Goes on as far as what is there allows, and asks what each new phase asks. */
function settle(self: Self, { state, effects }: TallyStep, nowMs: number): TallyStep {
  const next = advance(self, state, nowMs);
  if (next === undefined) return { state, effects };
  const entered: TallyEffect[] = [{ kind: 'phase', phase: next.phase }, ...requestsTo(next, nowMs)];
  if (next.phase === 'over') entered.push(outcomeLog(next), { kind: 'finish', outcome: next.outcome });
  return settle(self, { state: next, effects: [...effects, ...entered] }, nowMs);
}

function outcomeLog({ facts, outcome }: Extract<TallyRound, { phase: 'over' }>): TallyEffect {
  const { roundId } = facts.plan;
  if (outcome.kind === 'released') {
    return log('info', `round ${roundId}: released, a total over ${outcome.collectors.length} collectors`);
  }
  const culprits = outcome.culprits.length === 0 ? '' : ` (${outcome.culprits.join(', ')})`;
  return log('error', `round ${roundId}: aborted, ${outcome.reason}${culprits}; nothing is released`);
}
