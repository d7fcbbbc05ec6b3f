/**
 * Masks: from a seed of 32 bytes to a vector that is uniform to whoever lacks the seed (design, section 2).
 *
 *     mask = AES-256-CTR(HKDF-SHA-256(seed, context)), counter from 0
 *
 * The context names round, collector, generation and holder set, so a key expands one mask only and the counter may start
 * at 0. The primitives are parameters: src/crypto gives Node's, a browser gives a synchronous library's.
 */
import { encodeParts } from './parts.js';
import { addVector, BYTES_PER_CELL, cellCount, fromBytes, newVector, type RingVector } from './ring.js';

export const SEED_BYTES = 32;

export type MaskPrimitives = {
  /** HKDF (RFC 5869) with SHA-256 and no salt. Node takes at most 1,024 bytes of `info` and throws RangeError on more. */
  hkdfSha256(secret: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** `length` bytes of the AES-256 key stream in counter mode, from an all-zero counter block. */
  aes256CtrKeyStream(key: Uint8Array, length: number): Uint8Array;
  sha256(bytes: Uint8Array): Uint8Array;
};

export type MaskContext = {
  /** Digests and names as texts, together well below the 1,024 bytes that HKDF takes; they are bound in whole. */
  readonly networkId: string;
  readonly roundId: string;
  readonly collector: string;
  /** Counts the seeds that one collector has dealt in one round, from 1. */
  readonly generation: number;
};

export type SetSeed = { readonly set: number; readonly seed: Uint8Array };

function contextParts(context: MaskContext, set: number): string[] {
  return [context.networkId, context.roundId, context.collector, String(context.generation), String(set)];
}

/** The mask of one seed, `cells` cells long. Throws RangeError unless the seed has 32 bytes. */
export function expandMask(
  primitives: MaskPrimitives,
  { seed, set }: SetSeed,
  { context, cells }: { context: MaskContext; cells: number },
): RingVector {
  if (seed.length !== SEED_BYTES) throw new RangeError(`a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
  const key = primitives.hkdfSha256(
    seed,
    encodeParts(['privcount mask 1', ...contextParts(context, set)]),
    32,
  );
  const stream = primitives.aes256CtrKeyStream(key, cells * BYTES_PER_CELL);
  const mask = fromBytes(stream);
  key.fill(0);
  stream.fill(0);
  return mask;
}

/**
 * What a collector signs for each set, so that a keeper can tell that all members of the set were given the same seed:
 * SHA-256(tag, context, seed). It tells nothing about the seed, which is uniform.
 */
export function commitToSeed(
  primitives: MaskPrimitives,
  { seed, set }: SetSeed,
  context: MaskContext,
): Uint8Array {
  return primitives.sha256(encodeParts(['privcount seed 1', ...contextParts(context, set), seed]));
}

/** Adds the masks of these seeds to the vector, in place. */
export function addMasks(
  primitives: MaskPrimitives,
  target: RingVector,
  { seeds, context }: { seeds: readonly SetSeed[]; context: MaskContext },
): void {
  for (const seed of seeds) addMask(primitives, target, { seed, context });
}

/** One collector's seeds for one holder set, as a keeper stores them: one a generation. */
export type DealtSeed = { readonly context: MaskContext; readonly seed: Uint8Array };

/**
 * The sum of one holder set's masks over the released collectors and generations, which a keeper answers with. It pauses
 * after each mask: thousands take minutes, in which a keeper must go on hearing the tally.
 */
export function* sumOfMasks(
  primitives: MaskPrimitives,
  dealt: readonly DealtSeed[],
  { set, cells }: { set: number; cells: number },
): Generator<undefined, RingVector> {
  const sum = newVector(cells);
  for (const { context, seed } of dealt) {
    addMask(primitives, sum, { seed: { set, seed }, context });
    yield;
  }
  return sum;
}

/** A mask left in memory unblinds a report as well as its seed does, so it is wiped as soon as it is added. */
function addMask(
  primitives: MaskPrimitives,
  target: RingVector,
  { seed, context }: { seed: SetSeed; context: MaskContext },
): void {
  const mask = expandMask(primitives, seed, { context, cells: cellCount(target) });
  addVector(target, mask);
  mask.fill(0);
}
