/** A collector in the middle of a round with checkpoints, and what the other nodes of the round say to it. */
import { addMasks, SEED_BYTES } from '../../src/core/masks.js';
import {
  fromBytes,
  fromSigned,
  subtractVector,
  toBytes,
  toSigned,
  type RingVector,
} from '../../src/core/ring.js';
import { nodePrimitives } from '../../src/crypto/primitives.js';
import {
  type CollectorEffect,
  type CollectorInput,
  type CollectorRecord,
  type CollectorRound,
} from '../../src/protocol/collector-state.js';
import { type MessageOf, type RoundMessage } from '../../src/protocol/messages.js';
import { maskContext, signerOf, type RoundFacts } from '../../src/protocol/round.js';
import { readStatement, signStatement, statementDigest } from '../../src/protocol/statements.js';
import { RandomSource } from '../support/random-source.js';
import { testNetwork, testSelf } from '../support/test-network.js';
import { collectorBegins, collectorResumes, collectorTakes } from './purely.js';
import { Scene } from './scene.js';

export const known = testNetwork({ keepers: 3, threshold: 2 });
export const self = testSelf(known, 'collector-2');
const whole = new Scene({ known }).run();
export const { roundId, collectMs, drawMs, phaseMs } = whole.plan;
export const planMessage = whole.last('plan', 'collector-2');
const planDigest = statementDigest(planMessage.parts[0]!);
export const CHECKPOINT_MS = 10_000;
export const KEEPERS = ['keeper-1', 'keeper-2', 'keeper-3'];
export const NOISE = [4n, -5n, 6n, 0n, 0n];
/** What noise and the check counter's 1 make. */
export const BEFORE_EVENTS = [4n, -5n, 6n, 0n, 1n];

/** Any generation has entropy of its own, and is given it whenever it is dealt. */
export function entropyOf(generation: number): Uint8Array {
  return new RandomSource(1000 + generation).bytes(2 * 3 * SEED_BYTES);
}

/** The state, which must be in this phase. */
export function inPhase<P extends CollectorRound['phase']>(phase: P, state: CollectorRound) {
  if (state.phase !== phase) throw new Error(`the collector is in phase ${state.phase}, not ${phase}`);
  return state as Extract<CollectorRound, { phase: P }>;
}

export function take(state: CollectorRound, input: CollectorInput, nowMs: number) {
  return collectorTakes(self, state, input, nowMs);
}

export function wake(state: CollectorRound, nowMs: number) {
  return take(state, { kind: 'wake' }, nowMs);
}

export function resume(record: CollectorRecord, nowMs: number) {
  const given = { entropy: entropyOf(record.generation + 1), checkpointMs: CHECKPOINT_MS, nowMs };
  return collectorResumes(self, record, given);
}

export function beginDrawing(message = planMessage) {
  const given = { entropy: entropyOf(1), checkpointMs: CHECKPOINT_MS, sigmaFloor: undefined, nowMs: 0 };
  return inPhase('drawing', collectorBegins(self, message, given).state);
}

/** Noise is drawn, and its time is up. */
export function dealFrom(drawing: CollectorRound, noise = NOISE) {
  const { depositAtMs } = inPhase('drawing', drawing);
  const drawn = take(drawing, { kind: 'noise-drawn', noise: fromSigned(noise) }, depositAtMs).state;
  return inPhase('deposited', wake(drawn, depositAtMs).state);
}

export function acknowledgement(deposit: MessageOf<'deposit'>, keeper: string): Uint8Array {
  const { publicKey } = self.identity;
  const signed = deposit.parts[0]!;
  const { generation } = readStatement('deposit', signed, { publicKey, networkId: known.id })!;
  const about = { collector: self.name, generation, deposit: statementDigest(signed) };
  const statement = { roundId, plan: planDigest, keeper, ...about };
  return signStatement('acknowledgement', statement, signerOf(testSelf(known, keeper)));
}

/** What the tally says when these keepers have acknowledged this deposit. */
export function startOf(
  deposit: MessageOf<'deposit'>,
  keepers: readonly string[] = KEEPERS,
  restMs = collectMs,
): RoundMessage {
  const statement = { roundId, plan: planDigest, startedAtMs: 1 };
  const start = signStatement('start', statement, signerOf(testSelf(known, 'tally')));
  const parts = [start, ...keepers.map((keeper) => acknowledgement(deposit, keeper))];
  return { kind: 'start', roundId, restMs, parts };
}

export function tell(state: CollectorRound, message: RoundMessage, nowMs: number) {
  return take(state, { kind: 'message', message }, nowMs);
}

export function startFrom(deposited: CollectorRound, nowMs: number, keepers = KEEPERS) {
  const { deposit } = inPhase('deposited', deposited);
  return inPhase('counting', tell(deposited, startOf(deposit, keepers), nowMs).state);
}

/** The reserve is dealt. */
export function reserveFrom(counting: CollectorRound, nowMs: number) {
  const { record } = inPhase('counting', counting);
  const entropy = entropyOf(record.generation + 1);
  return inPhase('counting', take(counting, { kind: 'entropy-drawn', entropy }, nowMs).state);
}

/** These keepers hold it. */
export function acknowledgedFrom(reserved: CollectorRound, nowMs: number, keepers = KEEPERS) {
  const { deposit } = inPhase('counting', reserved);
  return inPhase('counting', tell(reserved, startOf(deposit, keepers), nowMs).state);
}

export function imageFrom(counting: CollectorRound, vector: RingVector, nowMs: number) {
  return take(counting, { kind: 'image-taken', cells: toBytes(vector), countedMs: nowMs }, nowMs);
}

/** What an effect writes down last. */
export function recordOf({ effects }: { readonly effects: readonly CollectorEffect[] }): CollectorRecord {
  const found = effects.findLast((effect) => effect.kind === 'persist');
  if (found === undefined) throw new Error('nothing was written down');
  return found.record;
}

/** The cells without the masks of these generations, as whoever holds all seeds sees them. */
export function unmasked(
  facts: RoundFacts,
  { cells, generations }: { readonly cells: Uint8Array; readonly generations: readonly number[] },
  seedsOf: (generation: number) => Uint8Array = entropyOf,
): bigint[] {
  const open = fromBytes(cells);
  for (const generation of generations) {
    const entropy = seedsOf(generation);
    const seeds = [0, 1, 2].map((set) => ({
      set,
      seed: entropy.subarray(SEED_BYTES * set, SEED_BYTES * (set + 1)),
    }));
    const masks = fromSigned(NOISE.map(() => 0n));
    addMasks(nodePrimitives, masks, { seeds, context: maskContext(facts, self.name, generation) });
    subtractVector(open, masks);
  }
  return toSigned(open);
}

/** What a report says, and its cells. */
export function readReport({ parts }: MessageOf<'report'>) {
  const [signed, cells] = parts as [Uint8Array, Uint8Array];
  const speaker = { publicKey: self.identity.publicKey, networkId: known.id };
  return { ...readStatement('report', signed, speaker)!, cells };
}
