/** When the tally goes on to its next phase, and with whom (the diagram is in tally-round.ts). */
import { setObjection } from './check-plan.js';
import { resendMs } from './plan.js';
import { readRoster } from './roster.js';
import { type Self, signerOf } from './round.js';
import { signStatement, statementDigest, type Statement } from './statements.js';
import { abortRound, releaseRound } from './tally-outcome.js';
import { answerMs, missingSets } from './tally-requests.js';
import { chooseSet } from './tally-set.js';
import { lastDeposit, type InPhase, type TallyRound } from './tally-state.js';

/** The state in the next phase; undefined while there is something to wait for. */
export function advance(self: Self, state: TallyRound, nowMs: number): TallyRound | undefined {
  switch (state.phase) {
    case 'keying':
      return leaveKeying(self, state, nowMs);
    case 'depositing':
      return leaveDepositing(self, state, nowMs);
    case 'collecting':
      return leaveCollecting(self, state, nowMs);
    case 'voting':
      return leaveVoting(self, state, nowMs);
    case 'answering':
      return leaveAnswering(self, state, nowMs);
    case 'over':
      return undefined;
  }
}

type Live = Exclude<TallyRound, { phase: 'over' }>;

/** True if each of them has answered, or need not be waited for: left out, or the time is up. */
function isSettled(
  state: Live,
  names: readonly string[],
  hasAnswered: (name: string) => boolean,
  nowMs: number,
): boolean {
  return nowMs >= state.deadlineMs || names.every((name) => state.leftOut.has(name) || hasAnswered(name));
}

/** As `isSettled`, but does not wait either for nodes that are away: enough for this step have answered without them. */
function isSettledWithout(
  state: Live,
  names: readonly string[],
  hasAnswered: (name: string) => boolean,
  nowMs: number,
) {
  return isSettled(state, names, (name) => hasAnswered(name) || !state.connected.has(name), nowMs);
}

function leaveKeying(self: Self, state: InPhase<'keying'>, nowMs: number): TallyRound | undefined {
  const { plan, planDigest } = state.facts;
  if (!isSettled(state, plan.keepers, (name) => state.roundKeys.has(name), nowMs)) return undefined;
  const { threshold } = self.known.network;
  const given = plan.keepers.filter((name) => state.roundKeys.has(name) && !state.leftOut.has(name));
  const rosterKeys = given.map((name) => state.roundKeys.get(name)!);
  const roster = readRoster(rosterKeys, planDigest, self.known);
  if (roster === undefined) {
    const missing = plan.keepers.filter((name) => !given.includes(name));
    const reason = `only ${rosterKeys.length} of the ${threshold} keepers that are needed gave a key for the round`;
    return abortRound(self, state, { reason, culprits: missing, nowMs });
  }
  return {
    ...underway(state),
    phase: 'depositing',
    deadlineMs: nowMs + plan.drawMs + plan.phaseMs,
    // While collectors draw noise nobody has anything to answer.
    resendAtMs: nowMs + plan.drawMs + resendMs(plan),
    rosterKeys,
    roster,
    deposits: new Map(),
  };
}

/** What lasts from phase to phase. */
function underway({ facts, signedPlan, connected, leftOut }: Live) {
  return { facts, signedPlan, connected, leftOut };
}

function leaveDepositing(self: Self, state: InPhase<'depositing'>, nowMs: number): TallyRound | undefined {
  const { plan, planDigest } = state.facts;
  const { threshold } = self.known.network;
  const names = plan.collectors.map(({ name }) => name);
  const keepers = state.roster.keepers.map(({ name }) => name);
  const isAnswered = (collector: string) => {
    const received = lastDeposit(state, collector);
    return (
      received !== undefined &&
      keepers.every(
        (name) =>
          received.acknowledgements.has(name) || received.refusals.has(name) || state.leftOut.has(name),
      )
    );
  };
  if (!isSettled(state, names, isAnswered, nowMs)) return undefined;
  const starters = names.filter(
    (name) => !state.leftOut.has(name) && (lastDeposit(state, name)?.acknowledgements.size ?? 0) >= threshold,
  );
  const leftOut = new Map(state.leftOut);
  for (const name of names) {
    if (!starters.includes(name) && !leftOut.has(name))
      leftOut.set(name, depositFault(state, name, threshold));
  }
  const next = { ...state, leftOut };
  const objection = setObjection(plan, self.known.network, starters);
  if (objection !== undefined) {
    const reason = `too few collectors are ready to count: ${objection}`;
    return abortRound(self, next, { reason, culprits: depositCulprits(state), nowMs });
  }
  const start = { roundId: plan.roundId, plan: planDigest, startedAtMs: nowMs } satisfies Statement<'start'>;
  const stopAtMs = nowMs + plan.collectMs;
  return {
    ...next,
    phase: 'collecting',
    deadlineMs: stopAtMs + plan.phaseMs,
    resendAtMs: nowMs + resendMs(plan),
    signedStart: signStatement('start', start, signerOf(self)),
    starters,
    started: new Map(),
    reports: new Map(),
    startedAtMs: nowMs,
    stopAtMs,
  };
}

function depositFault(state: InPhase<'depositing'>, collector: string, threshold: number): string {
  const received = lastDeposit(state, collector);
  if (received === undefined) return 'dealt no seeds in time';
  const refusers = [...received.refusals].map(([keeper, reason]) => `; keeper ${keeper} refused: ${reason}`);
  return `has its seeds held by ${received.acknowledgements.size} keepers, fewer than ${threshold}${refusers.join('')}`;
}

/** Collectors that dealt nothing or nothing good, and keepers that did not answer what was dealt. */
function depositCulprits(state: InPhase<'depositing'>): string[] {
  const dealt = [...state.deposits.keys()].map((name) => lastDeposit(state, name)!);
  const isSilent = (keeper: string) =>
    dealt.some(({ acknowledgements, refusals }) => !acknowledgements.has(keeper) && !refusals.has(keeper));
  const collectors = state.facts.plan.collectors.map(({ name }) => name);
  const keepers = state.roster.keepers.map(({ name }) => name);
  return [
    ...collectors.filter(
      (name) => state.leftOut.has(name) || (lastDeposit(state, name)?.refusals.size ?? Infinity) > 0,
    ),
    ...keepers.filter((name) => state.leftOut.has(name) || isSilent(name)),
  ];
}

function leaveCollecting(self: Self, state: InPhase<'collecting'>, nowMs: number): TallyRound | undefined {
  const { plan, planDigest } = state.facts;
  if (!isSettled(state, state.starters, (name) => state.reports.has(name), nowMs)) return undefined;
  const leftOut = new Map(state.leftOut);
  for (const name of state.starters) {
    if (!state.reports.has(name) && !leftOut.has(name)) leftOut.set(name, 'sent no report in time');
  }
  const chosen = chooseSet(self, { ...state, leftOut });
  if ('objection' in chosen) {
    const nodes = [...plan.collectors.map(({ name }) => name), ...plan.keepers];
    const culprits = nodes.filter((name) => leftOut.has(name));
    return abortRound(self, { ...state, leftOut }, { reason: chosen.objection, culprits, nowMs });
  }
  for (const name of state.starters) {
    const isIn = chosen.set.some(({ collector }) => collector === name);
    if (!isIn && !leftOut.has(name))
      leftOut.set(name, 'dealt seeds that too few of the remaining keepers hold');
  }
  const proposal = {
    roundId: plan.roundId,
    plan: planDigest,
    roster: state.roster.digest,
    set: chosen.set,
  } satisfies Statement<'proposal'>;
  const signedProposal = signStatement('proposal', proposal, signerOf(self));
  return {
    ...state,
    leftOut,
    phase: 'voting',
    deadlineMs: nowMs + plan.phaseMs,
    resendAtMs: nowMs + resendMs(plan),
    ...chosen,
    signedProposal,
    proposalDigest: statementDigest(signedProposal),
    votes: new Map(),
  };
}

function leaveVoting(self: Self, state: InPhase<'voting'>, nowMs: number): TallyRound | undefined {
  const { threshold } = self.known.network;
  const hasVoted = (name: string) => state.votes.has(name);
  const isEnough = state.votes.size >= threshold;
  const isDone = isEnough
    ? isSettledWithout(state, state.electors, hasVoted, nowMs)
    : isSettled(state, state.electors, hasVoted, nowMs);
  if (!isDone) return undefined;
  if (!isEnough) {
    const reason = `only ${state.votes.size} of the ${threshold} keepers that are needed voted`;
    const culprits = state.electors.filter((name) => !state.votes.has(name));
    return abortRound(self, state, { reason, culprits, nowMs });
  }
  const deadlineMs = nowMs + answerMs(state);
  return {
    ...state,
    phase: 'answering',
    deadlineMs,
    resendAtMs: nowMs + resendMs(state.facts.plan),
    answers: new Map(),
  };
}

function leaveAnswering(self: Self, state: InPhase<'answering'>, nowMs: number): TallyRound | undefined {
  const voters = [...state.votes.keys()];
  const missing = missingSets(state);
  const hasAnswered = (name: string) => state.answers.has(name);
  const isDone =
    missing.length === 0
      ? isSettledWithout(state, voters, hasAnswered, nowMs)
      : nowMs >= state.deadlineMs || voters.every((name) => state.leftOut.has(name));
  if (!isDone) return undefined;
  if (missing.length > 0) {
    const { sets } = state.facts.holders;
    const reason = `nobody sent the sums of masks of ${missing.length} of the ${sets.length} holder sets`;
    const members = new Set(
      missing.flatMap((set) => sets[set]!.map((index) => state.facts.plan.keepers[index]!)),
    );
    const culprits = voters.filter((name) => members.has(name));
    return abortRound(self, state, { reason, culprits, nowMs });
  }
  return releaseRound(self, state, nowMs);
}
