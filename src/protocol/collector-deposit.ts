/** How a collector's round begins, or goes on after a restart: noise is asked for, and when it is there, seeds are dealt. */
import { COLLECTOR_COUNT, isCheckCounter } from '../core/counters.js';
import { addMasks } from '../core/masks.js';
import { addVector, fromBytes, incrementCell, LANES_PER_CELL, newVector } from '../core/ring.js';
import { nodePrimitives } from '../crypto/primitives.js';
import { planObjections, type SigmaFloor } from './check-plan.js';
import {
  secretsOfCollector,
  type CollectorIn,
  type CollectorRecord,
  type CollectorStep,
  type LiveCollectorRound,
} from './collector-state.js';
import { dealSeeds } from './deposit.js';
import { ALL_CHECKPOINTS_MAX, CHECKPOINTS_MAX, GENERATIONS_MAX } from './limits.js';
import { type MessageOf } from './messages.js';
import { resendMs, roundMsMax, type Plan } from './plan.js';
import { readRoster, type Roster } from './roster.js';
import * as round from './round.js';
import {
  log,
  maskContext,
  readPlan,
  send,
  toReason,
  toRoundFacts,
  type RoundFacts,
  type Self,
} from './round.js';
import { statementDigest } from './statements.js';

/** What a collector brings to a round besides the plan. `entropy` is depositEntropyBytes of fresh random bytes. */
export type CollectorGiven = {
  readonly entropy: Uint8Array;
  /** The time between checkpoints that its operator wants. */
  readonly checkpointMs: number;
  readonly nowMs: number;
};

/** Takes up a plan, or declines it. */
export function beginCollectorRound(
  self: Self,
  message: MessageOf<'plan'>,
  given: CollectorGiven & { sigmaFloor: SigmaFloor },
): CollectorStep {
  const { roundId } = message;
  const plan = readPlan(self, message);
  if (plan === undefined) {
    return declined(roundId, 'not-genuine', 'the plan is not one that the tally of network.yaml signed');
  }
  const objections = planObjections(plan, {
    known: self.known,
    sigmaFloor: given.sigmaFloor,
    nowMs: given.nowMs,
  });
  if (!plan.collectors.some(({ name }) => name === self.name))
    objections.push('this collector is not invited');
  if (objections.length > 0) return declined(roundId, 'plan-refused', objections.join('; '));
  const [signedPlan, ...signedKeys] = message.parts;
  const facts = toRoundFacts(plan, statementDigest(signedPlan!), self.known);
  const roster = readRoster(signedKeys, facts.planDigest, self.known);
  if (roster === undefined) {
    const reason = 'the roster is not one of t or more round keys that keepers signed';
    return declined(roundId, 'not-genuine', reason);
  }
  const record: CollectorRecord = {
    plan: message,
    expiresAtMs: given.nowMs + roundMsMax(plan),
    generation: 1,
    stopAtMs: undefined,
    image: undefined,
    report: undefined,
  };
  return draw(self, { facts, roster, record }, given, 'plan accepted, drawing noise');
}

type Resumed = {
  readonly facts: RoundFacts;
  readonly roster: Roster;
  readonly record: CollectorRecord;
};

function draw(self: Self, resumed: Resumed, given: CollectorGiven, said: string): CollectorStep {
  const { facts, record } = resumed;
  const { plan } = facts;
  return {
    state: {
      phase: 'drawing',
      ...resumed,
      checkpointMs: checkpointMs(plan, given),
      depositAtMs: given.nowMs + plan.drawMs,
      entropy: given.entropy,
      noise: undefined,
    },
    effects: [
      { kind: 'persist', record },
      { kind: 'draw', sigmas: cellSigmas(facts, self.name) },
      log('info', `round ${plan.roundId}: ${said}`),
    ],
  };
}

function checkpointMs(plan: Plan, { checkpointMs: wanted }: CollectorGiven): number {
  const most = Math.min(CHECKPOINTS_MAX, Math.floor(ALL_CHECKPOINTS_MAX / plan.collectors.length));
  return Math.max(wanted, Math.ceil(plan.collectMs / most));
}

/**
 * Goes on with a round after a restart, from what is on the disk (CollectorRecord). Cells that have been there get masks of
 * fresh seeds before the next event is counted; where none have, nothing has left this collector yet, and it draws new noise.
 */
export function resumeCollectorRound(
  self: Self,
  record: CollectorRecord,
  given: CollectorGiven,
): CollectorStep {
  const { roundId } = record.plan;
  const plan = readPlan(self, record.plan);
  const [signedPlan, ...signedKeys] = record.plan.parts;
  const planDigest = statementDigest(signedPlan!);
  const roster = plan && readRoster(signedKeys, planDigest, self.known);
  if (plan === undefined || roster === undefined)
    return dropped(roundId, 'it belongs to another network.yaml', given);
  if (given.nowMs >= record.expiresAtMs) return dropped(roundId, 'its time is up', given);
  if (record.generation >= GENERATIONS_MAX) return dropped(roundId, 'it was started anew too often', given);
  const facts = toRoundFacts(plan, planDigest, self.known);
  const { report } = record;
  if (report !== undefined) {
    const said = log('info', `round ${roundId}: goes on after a restart, its report is there`);
    return {
      state: { phase: 'reported', facts, roster, record, checkpointMs: checkpointMs(plan, given), report },
      effects: [{ kind: 'wipe', secrets: [given.entropy] }, said],
    };
  }
  const resumed = { facts, roster, record: { ...record, generation: record.generation + 1 } };
  if (record.image === undefined) {
    return draw(self, resumed, given, 'begun anew after a restart, drawing noise');
  }
  const vector = fromBytes(record.image.cells);
  const { generations } = record.image;
  return deal(self, { ...resumed, checkpointMs: checkpointMs(plan, given) }, given, {
    vector,
    generations,
    said: 'goes on after a restart, from its last checkpoint',
  });
}

function dropped(roundId: string, why: string, { entropy }: CollectorGiven): CollectorStep {
  return {
    state: { phase: 'ended', outcome: 'aborted' },
    effects: [
      { kind: 'wipe', secrets: [entropy] },
      log('warn', `round ${roundId}: not gone on with, ${why}`),
    ],
  };
}

function declined(
  roundId: string,
  code: MessageOf<'decline'>['code'],
  reason: string,
  secrets: readonly Uint8Array[] = [],
): CollectorStep {
  return {
    state: { phase: 'ended', outcome: 'declined' },
    effects: [
      { kind: 'wipe', secrets },
      round.decline(roundId, code, reason),
      log('warn', `round ${roundId}: declined, ${toReason(reason)}`),
    ],
  };
}

/** The standard deviation of this collector's noise in each cell: its weight times the counter's sigma, in the cell's steps. */
function cellSigmas({ plan, layout }: RoundFacts, name: string): Float64Array {
  const sigmas = new Float64Array(layout.cells);
  if (plan.noise === 'off') return sigmas;
  const weight = plan.collectors.find((collector) => collector.name === name)!.weight;
  for (const [at, counter] of plan.counters.entries()) {
    const sigma = isCheckCounter(counter.name) ? 0 : weight * counter.sigma * 2 ** layout.scaleBits;
    const first = layout.places[at]!.firstCell;
    sigmas.fill(sigma, first, first + counter.bins.length);
  }
  return sigmas;
}

/** Noise and the check counter's 1 make the first cells; masks come on top before anything leaves. */
export function depositSeeds(self: Self, state: CollectorIn<'drawing'>, nowMs: number): CollectorStep {
  const { facts, entropy, noise, record } = state;
  const { roundId } = facts.plan;
  // Without cells on the disk there is nothing that a collector which comes back too late could report.
  if (record.stopAtMs !== undefined && nowMs >= record.stopAtMs) {
    const reason = 'killed before its first checkpoint, and back too late';
    return declined(roundId, 'restart-late', reason, secretsOfCollector(state));
  }
  if (noise === undefined) return declined(roundId, 'noise-late', 'not ready in time', [entropy]);
  const vector = newVector(facts.layout.cells);
  addVector(vector, noise);
  const check = facts.layout.byName.get(COLLECTOR_COUNT);
  if (check !== undefined) incrementCell(vector, check.firstCell * LANES_PER_CELL);
  const dealt = deal(
    self,
    state,
    { entropy, nowMs },
    {
      vector,
      generations: [],
      said: `noise drawn, seeds dealt to ${state.roster.keepers.length} keepers`,
    },
  );
  const spent = new Uint8Array(noise.buffer, noise.byteOffset, noise.byteLength);
  return { ...dealt, effects: [{ kind: 'wipe', secrets: [spent] }, ...dealt.effects] };
}

/** The masks of fresh seeds go into the cells, the seeds into sealed boxes; then they are wiped. */
function deal(
  self: Self,
  { facts, roster, record, checkpointMs }: Resumed & { readonly checkpointMs: number },
  { entropy, nowMs }: { entropy: Uint8Array; nowMs: number },
  cells: {
    readonly vector: Extract<LiveCollectorRound, { phase: 'deposited' }>['vector'];
    readonly generations: readonly number[];
    readonly said: string;
  },
): CollectorStep {
  const { plan } = facts;
  const { roundId } = plan;
  const { generation } = record;
  const dealt = dealSeeds(self, facts, { roster, generation, entropy });
  if (dealt === undefined) return declined(roundId, 'noise-late', 'not ready in time', [entropy]);
  addMasks(nodePrimitives, cells.vector, {
    seeds: dealt.seeds,
    context: maskContext(facts, self.name, generation),
  });
  const deposit = { kind: 'deposit', roundId, collector: self.name, parts: dealt.parts } as const;
  return {
    state: {
      phase: 'deposited',
      facts,
      roster,
      record,
      checkpointMs,
      deposit,
      vector: cells.vector,
      generations: [...cells.generations, generation],
      resendAtMs: nowMs + resendMs(plan),
      // A tally that comes back may start it late; waiting costs nothing, and a newer round takes its place.
      startByMs: record.stopAtMs ?? record.expiresAtMs - plan.collectMs,
    },
    effects: [
      { kind: 'wipe', secrets: [entropy] },
      { kind: 'persist', record },
      send(deposit),
      log('info', `round ${roundId}: ${cells.said}`),
    ],
  };
}
