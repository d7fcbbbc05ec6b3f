/**
 * The plan of a round: everything that must be the same at every node, signed by the tally (doc/protocol.md, "Plan").
 */
import { z } from 'zod';
import { type Bin } from '../core/bins.js';
import { type Counter } from '../core/counters.js';
import { SCALE_BITS_MAX } from '../privacy/noise-scale.js';
import { type Json } from './canonical-json.js';
import * as limits from './limits.js';
import { digest, nodeName, plainText, roundId, timeMs } from './shapes.js';

/** JSON has no infinity: the open ends of bins are texts. */
const binEnd = z.union([z.number(), z.literal('inf'), z.literal('-inf')]);

const counterSchema = z.strictObject({
  name: plainText(limits.COUNTER_NAME_LENGTH_MAX).min(1),
  bins: z
    .array(z.tuple([binEnd, binEnd]))
    .min(1)
    .max(limits.BINS_MAX),
  sigma: z.number().min(0),
});

/** Match lists by kind and digest, in the order of their numbers. */
const listsSchema = z.strictObject({
  kind: plainText(64).min(1),
  digests: z.array(digest).max(limits.LISTS_MAX),
});

export const planSchema = z.strictObject({
  roundId,
  networkId: digest,
  createdAtMs: timeMs,
  /** How long a collector draws noise before it answers, whatever the noise turns out to be. */
  drawMs: z.int().min(0).max(limits.DRAW_MS_MAX),
  collectMs: z.int().min(1).max(limits.COLLECT_MS_MAX),
  /** How long any one exchange of messages may take before those who are missing are left out. */
  phaseMs: z.int().min(1).max(limits.PHASE_MS_MAX),
  noise: z.enum(['on', 'off']),
  /** Cells count in steps of 2^-scaleBits (plan-scale.ts). Sigmas are in counts, whatever the steps. */
  scaleBits: z.int().min(0).max(SCALE_BITS_MAX),
  counters: z.array(counterSchema).min(1).max(limits.COUNTERS_MAX),
  collectors: z
    .array(z.strictObject({ name: nodeName, weight: z.number().min(0) }))
    .min(1)
    .max(limits.COLLECTORS_MAX),
  keepers: z.array(nodeName).min(1).max(10),
  /** Digest of the table of least sigmas, which network.yaml names too; absent if it names none. */
  sigmas: digest.optional(),
  lists: z.array(listsSchema).max(32),
  /** Digest of the traffic model, if the round has one. */
  trafficModel: digest.optional(),
  circuitSampleRate: z.number().min(0).max(1),
  /** Negative for no limit, as tor has it. */
  maxCellEventsPerCircuit: z.int().min(-1),
});

export type PlanJson = z.infer<typeof planSchema>;

export type Plan = Omit<PlanJson, 'counters'> & { readonly counters: readonly Counter[] };

export function toPlan(json: PlanJson): Plan {
  return {
    ...json,
    counters: json.counters.map((counter) => ({ ...counter, bins: counter.bins.map(toBin) })),
  };
}

export function toPlanJson(plan: Plan): Json {
  const { sigmas, trafficModel, ...rest } = plan;
  return {
    ...rest,
    ...(sigmas === undefined ? {} : { sigmas }),
    ...(trafficModel === undefined ? {} : { trafficModel }),
    counters: plan.counters.map(({ name, bins, sigma }) => ({ name, sigma, bins: bins.map(toBinJson) })),
  };
}

type BinJson = PlanJson['counters'][number]['bins'][number];

function toBin([low, high]: BinJson): Bin {
  return [toBinEnd(low), toBinEnd(high)];
}

function toBinEnd(end: BinJson[number]): number {
  if (end === 'inf') return Infinity;
  return end === '-inf' ? -Infinity : end;
}

function toBinJson([low, high]: Bin): Json {
  return [toBinEndJson(low), toBinEndJson(high)];
}

function toBinEndJson(end: number): Json {
  if (end === Infinity) return 'inf';
  return end === -Infinity ? '-inf' : end;
}

/** The longest that a round of this plan can last at a collector; afterwards it forgets it, whatever the tally says. */
export function roundMsMax(plan: Plan): number {
  const EXCHANGES = 6; // keys, deposits, start, reports, votes, answers
  // A tally that was away gives each phase that it comes back to its whole time again (tally-round.ts).
  const AGAIN = 2;
  return plan.collectMs + AGAIN * (plan.drawMs + EXCHANGES * plan.phaseMs);
}

/** The same at a keeper, which is waited for while it adds up its masks. */
export function keeperMsMax(plan: Plan): number {
  return roundMsMax(plan) + limits.SUMS_MS_MAX;
}

/** How often the tally repeats a request that has no answer. */
export function resendMs({ phaseMs }: Plan): number {
  return Math.max(limits.RESEND_MS_MIN, phaseMs / limits.RESENDS_MAX);
}
