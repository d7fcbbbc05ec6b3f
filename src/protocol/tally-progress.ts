/** How far the tally's round is with its phase: for people, who want to know how long it takes and whom it waits for. */
import { pendingRequests } from './tally-requests.js';
import { type TallyRound } from './tally-state.js';

export type RoundProgress = {
  /** When the phase ends at the latest; while collectors count, when counting ends. Undefined when the round is over. */
  readonly endsAtMs?: number;
  /** Names, each once. Nobody while collectors count: then the tally waits for the time. */
  readonly waitingFor: string[];
  /** How many nodes the phase asked. */
  readonly parties: number;
};

export function roundProgress(state: TallyRound, nowMs: number): RoundProgress {
  if (state.phase === 'over') return { waitingFor: [], parties: 0 };
  if (state.phase === 'collecting' && nowMs < state.stopAtMs)
    return { endsAtMs: state.stopAtMs, waitingFor: [], parties: state.starters.length };
  return { endsAtMs: state.deadlineMs, waitingFor: waitingFor(state, nowMs), parties: partiesOf(state) };
}

type Live = Exclude<TallyRound, { phase: 'over' }>;

/** Keepers that have not acknowledged a checkpoint yet do not keep the phase `collecting` from ending: reports do. */
function waitingFor(state: Live, nowMs: number): string[] {
  if (state.phase === 'collecting')
    return state.starters.filter((name) => !state.reports.has(name) && !state.leftOut.has(name));
  return [...new Set(pendingRequests(state, nowMs).map(({ to }) => to))];
}

function partiesOf(state: Live): number {
  switch (state.phase) {
    case 'keying':
      return state.facts.plan.keepers.length;
    case 'depositing':
      return state.facts.plan.collectors.length + state.roster.keepers.length;
    case 'collecting':
      return state.starters.length;
    case 'voting':
      return state.electors.length;
    case 'answering':
      return state.votes.size;
  }
}
