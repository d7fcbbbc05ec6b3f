/** The end of a round at the tally: the total, if every check holds, or the reason why there is none. */
import { COLLECTOR_COUNT, ZERO_COUNT } from '../core/counters.js';
import { toSigned, type RingVector } from '../core/ring.js';
import { unblind } from '../core/unblinding.js';
import { compareAnswers, type Claims } from './compare-answers.js';
import { signerOf, toReason, type Self } from './round.js';
import { signStatement } from './statements.js';
import { type InPhase, type LeftOut, type RoundOutcome, type TallyRound } from './tally-state.js';

type Live = Exclude<TallyRound, { phase: 'over' }>;

export function abortRound(
  self: Self,
  state: Live,
  { reason, culprits, nowMs }: { reason: string; culprits: readonly string[]; nowMs: number },
): InPhase<'over'> {
  return over(self, state, {
    kind: 'aborted',
    reason,
    culprits,
    leftOut: leftOutOf(state),
    endedAtMs: nowMs,
  });
}

function over(self: Self, state: Live, outcome: RoundOutcome): InPhase<'over'> {
  const { facts, signedPlan, connected, leftOut, resendAtMs } = state;
  const end = {
    roundId: facts.plan.roundId,
    plan: facts.planDigest,
    outcome: outcome.kind,
    reason: outcome.kind === 'aborted' ? toReason(outcome.reason) : 'released',
  };
  const signedEnd = signStatement('end', end, signerOf(self));
  return { phase: 'over', facts, signedPlan, connected, leftOut, resendAtMs, outcome, signedEnd };
}

function leftOutOf({ leftOut }: Live): LeftOut[] {
  return [...leftOut].map(([name, reason]) => ({ name, reason }));
}

/** Unblinds, if all answers agree and the check counters hold; else aborts. All sums are there. */
export function releaseRound(self: Self, state: InPhase<'answering'>, nowMs: number): InPhase<'over'> {
  const { facts, set, reports, answers, leftOut } = state;
  const { keepers } = facts.plan;
  const claims: Claims = new Map([...answers].map(([name, { digests }]) => [keepers.indexOf(name), digests]));
  const comparison = compareAnswers(facts.holders, claims);
  if (comparison.kind === 'differing') {
    const culprits = comparison.suspects.map((keeper) => keepers[keeper]!);
    const reason = 'keepers that hold the same seeds gave different sums of their masks';
    return abortRound(self, state, { reason, culprits, nowMs });
  }
  const vectors = set.map(({ collector }) => reports.get(collector)!.vector);
  const totals = unblind(vectors, sumsOf(state), facts.layout.cells);
  const broken = brokenCheck(state, totals);
  if (broken !== undefined) return abortRound(self, state, { reason: broken, culprits: [], nowMs });
  return over(self, state, {
    kind: 'released',
    totals,
    collectors: set.map(({ collector }) => {
      const { countedMs, isIncomplete } = reports.get(collector)!.statement;
      return { name: collector, countedMs, isIncomplete };
    }),
    keepers: [...answers.keys()].filter((name) => !leftOut.has(name)).sort(),
    unconfirmedKeepers: comparison.unconfirmed.map((keeper) => keepers[keeper]!),
    leftOut: leftOutOf(state),
    startedAtMs: state.startedAtMs,
    stoppedAtMs: state.stopAtMs,
    endedAtMs: nowMs,
  });
}

/** One sum a holder set, whoever sent it: all who answered agree. */
function sumsOf({ answers }: InPhase<'answering'>): RingVector[] {
  const bySet = new Map([...answers.values()].flatMap(({ vectors }) => [...vectors]));
  return [...bySet.values()];
}

/** A total whose check counters are off is nonsense and stays here. */
function brokenCheck({ facts, set }: InPhase<'answering'>, totals: RingVector): string | undefined {
  const expected = new Map([
    [ZERO_COUNT, 0n],
    [COLLECTOR_COUNT, BigInt(set.length)],
  ]);
  const values = toSigned(totals);
  for (const [name, wanted] of expected) {
    const place = facts.layout.byName.get(name);
    if (place !== undefined && values[place.firstCell] !== wanted) {
      return `the check counter ${name} is not ${wanted}: a report or a sum of masks is wrong, so the total is`;
    }
  }
  return undefined;
}
