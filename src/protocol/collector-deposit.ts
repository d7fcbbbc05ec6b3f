/** How a collector's round begins: the plan is checked, noise asked for, and when it is there, seeds are dealt. */
import { COLLECTOR_COUNT, isCheckCounter } from '../core/counters.js';
import { addMasks } from '../core/masks.js';
import { addVector, incrementCell, LANES_PER_CELL, newVector } from '../core/ring.js';
import { nodePrimitives } from '../crypto/primitives.js';
import { planObjections, type SigmaFloor } from './check-plan.js';
import { type CollectorStep, type LiveCollectorRound } from './collector-state.js';
import { dealSeeds } from './deposit.js';
import { type MessageOf } from './messages.js';
import { roundMsMax, toPlan } from './plan.js';
import { readRoster } from './roster.js';
import * as round from './round.js';
import { log, maskContext, send, toReason, toRoundFacts, type RoundFacts, type Self } from './round.js';
import { readStatement, statementDigest } from './statements.js';

export const FIRST_GENERATION = 1;

/** Takes up a plan, or declines it. `entropy` is depositEntropyBytes of fresh random bytes. */
export function beginCollectorRound(
  self: Self,
  message: MessageOf<'plan'>,
  given: { entropy: Uint8Array; sigmaFloor: SigmaFloor; nowMs: number },
): CollectorStep {
  const [signedPlan, ...signedKeys] = message.parts;
  const { network, id } = self.known;
  const speaker = { publicKey: network.tallyServer.identity, networkId: id };
  const json = signedPlan && readStatement('plan', signedPlan, speaker);
  if (json?.roundId !== message.roundId) {
    return declined(
      message.roundId,
      'not-genuine',
      'the plan is not one that the tally of network.yaml signed',
    );
  }
  const plan = toPlan(json);
  const objections = planObjections(plan, {
    known: self.known,
    sigmaFloor: given.sigmaFloor,
    nowMs: given.nowMs,
  });
  if (!plan.collectors.some(({ name }) => name === self.name))
    objections.push('this collector is not invited');
  if (objections.length > 0) return declined(plan.roundId, 'plan-refused', objections.join('; '));
  const facts = toRoundFacts(plan, statementDigest(signedPlan!), self.known);
  const roster = readRoster(signedKeys, facts.planDigest, self.known);
  if (roster === undefined) {
    return declined(
      plan.roundId,
      'not-genuine',
      'the roster is not one of t or more round keys that keepers signed',
    );
  }
  return {
    state: {
      phase: 'drawing',
      facts,
      roster,
      expiresAtMs: given.nowMs + roundMsMax(plan),
      depositAtMs: given.nowMs + plan.drawMs,
      entropy: given.entropy,
      noise: undefined,
    },
    effects: [
      { kind: 'draw', sigmas: cellSigmas(facts, self.name) },
      log('info', `round ${plan.roundId}: plan accepted, drawing noise`),
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

/** The standard deviation of this collector's noise in each cell: its weight times the counter's sigma. */
function cellSigmas({ plan, layout }: RoundFacts, name: string): Float64Array {
  const sigmas = new Float64Array(layout.cells);
  if (plan.noise === 'off') return sigmas;
  const weight = plan.collectors.find((collector) => collector.name === name)!.weight;
  for (const [at, counter] of plan.counters.entries()) {
    const sigma = isCheckCounter(counter.name) ? 0 : weight * counter.sigma;
    const first = layout.places[at]!.firstCell;
    sigmas.fill(sigma, first, first + counter.bins.length);
  }
  return sigmas;
}

/** Noise, the check counter's 1 and the masks make the cells; the seeds leave in sealed boxes and are wiped here. */
export function depositSeeds(
  self: Self,
  state: Extract<LiveCollectorRound, { phase: 'drawing' }>,
  nowMs: number,
): CollectorStep {
  const { facts, roster, entropy, noise } = state;
  const { roundId } = facts.plan;
  const dealt = noise && dealSeeds(self, facts, { roster, generation: FIRST_GENERATION, entropy });
  if (noise === undefined || dealt === undefined) {
    return declined(roundId, 'noise-late', 'not ready in time', [entropy]);
  }
  const vector = newVector(facts.layout.cells);
  addVector(vector, noise);
  const check = facts.layout.byName.get(COLLECTOR_COUNT);
  if (check !== undefined) incrementCell(vector, check.firstCell * LANES_PER_CELL);
  addMasks(nodePrimitives, vector, {
    seeds: dealt.seeds,
    context: maskContext(facts, self.name, FIRST_GENERATION),
  });
  const message = { kind: 'deposit', roundId, collector: self.name, parts: dealt.parts } as const;
  const wiped = [entropy, new Uint8Array(noise.buffer, noise.byteOffset, noise.byteLength)];
  return {
    state: {
      phase: 'deposited',
      facts,
      roster,
      expiresAtMs: state.expiresAtMs,
      deposit: message,
      vector,
      startByMs: nowMs + 2 * facts.plan.phaseMs,
    },
    effects: [
      { kind: 'wipe', secrets: wiped },
      send(message),
      log('info', `round ${roundId}: noise drawn, seeds dealt to ${roster.keepers.length} keepers`),
    ],
  };
}
