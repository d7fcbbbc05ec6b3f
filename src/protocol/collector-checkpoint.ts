/**
 * A collector's checkpoints: what a kill can cost it is the time since the last one (design, section 4, "Restart").
 *
 * Two images of the cells under the same masks give away what was counted between them, so masks of seeds that nobody has
 * used yet are added as soon as an image has left the memory, before the next event. The seeds are dealt beforehand, and
 * t keepers or more have acknowledged them together with all that are in the cells: a mask that t keepers can't undo would
 * cost the collector its whole round. They are the reserve. It lives in the memory alone; after a kill it is dealt anew.
 * There is one in every round, however short, so that a collector that is stopped in order can write down all that it has.
 */
import { nodePrimitives } from '../crypto/primitives.js';
import { addMasks } from '../core/masks.js';
import { type RingVector } from '../core/ring.js';
import { type CollectorIn, type CollectorInput, type CollectorStep } from './collector-state.js';
import { dealSeeds } from './deposit.js';
import { GENERATIONS_MAX } from './limits.js';
import { resendMs } from './plan.js';
import { log, maskContext, send, type RoundFacts, type Self } from './round.js';

type Counting = CollectorIn<'counting'>;

/** When the next checkpoint is due; undefined if the round's counting ends first. */
export function nextCheckpointMs(
  { checkpointMs, stopAtMs }: Pick<Counting, 'checkpointMs' | 'stopAtMs'>,
  nowMs: number,
): number | undefined {
  return nowMs + checkpointMs < stopAtMs ? nowMs + checkpointMs : undefined;
}

/** Deals the seeds of the reserve. */
export function dealReserve(self: Self, state: Counting, entropy: Uint8Array, nowMs: number): CollectorStep {
  const { facts, roster } = state;
  const generation = state.record.generation + 1;
  const dealt =
    state.reserve === undefined && !state.isStopping && generation <= GENERATIONS_MAX
      ? dealSeeds(self, facts, { roster, generation, entropy })
      : undefined;
  if (dealt === undefined) return { state, effects: [{ kind: 'wipe', secrets: [entropy] }] };
  const { roundId } = facts.plan;
  const deposit = { kind: 'deposit', roundId, collector: self.name, parts: dealt.parts } as const;
  const record = { ...state.record, generation };
  const reserve = { deposit, seeds: dealt.seeds, entropy, holders: undefined };
  const resendAtMs = nowMs + resendMs(facts.plan);
  return {
    state: { ...state, record, deposit, reserve, resendAtMs },
    // The number is used up before the deposit leaves: keepers take no second one of the same generation.
    effects: [{ kind: 'persist', record }, send(deposit)],
  };
}

/** Writes the image down, then uses the reserve up. */
export function storeImage(
  state: Counting,
  { cells, countedMs }: Extract<CollectorInput, { kind: 'image-taken' }>,
  nowMs: number,
): CollectorStep {
  const { reserve, facts, generations, holders } = state;
  if (reserve?.holders === undefined || state.isStopping) return { state, effects: [] };
  const image = { cells, generations, holders, countedMs: state.resumedMs + countedMs };
  const record = { ...state.record, image };
  const { generation } = state.record;
  const checkpointAtMs = nextCheckpointMs(state, nowMs);
  return {
    state: {
      ...state,
      record,
      generations: [...generations, generation],
      holders: reserve.holders,
      reserve: undefined,
      checkpointAtMs,
    },
    effects: [
      { kind: 'persist', record },
      { kind: 'add-masks', seeds: reserve.seeds, generation, facts },
      { kind: 'wipe', secrets: [reserve.entropy] },
      log('debug', `round ${facts.plan.roundId}: checkpoint written`),
      { kind: 'draw-entropy' },
    ],
  };
}

/** What the effect `add-masks` does. */
export function addReserve(
  self: Self,
  vector: RingVector,
  {
    seeds,
    generation,
    facts,
  }: { seeds: Parameters<typeof addMasks>[2]['seeds']; generation: number; facts: RoundFacts },
): void {
  addMasks(nodePrimitives, vector, { seeds, context: maskContext(facts, self.name, generation) });
}
