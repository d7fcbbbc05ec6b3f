/** The states, inputs and effects of a collector's round; the machine is collector-round.ts. */
import { type SetSeed } from '../core/masks.js';
import { type RingVector } from '../core/ring.js';
import { type MessageOf, type RoundMessage } from './messages.js';
import { type Roster } from './roster.js';
import { type LogEffect, type RoundFacts, type SendEffect, type WipeEffect } from './round.js';

/** Blinded cells as they went to the disk. Masks of further seeds are in the cells of the memory from then on. */
export type CollectorImage = {
  readonly cells: Uint8Array;
  /** Whose masks are in the cells. */
  readonly generations: readonly number[];
  /** Keepers that hold the seeds of all these generations. */
  readonly holders: readonly string[];
  /** How long the source had been heard. */
  readonly countedMs: number;
};

/**
 * What a collector keeps on its disk of a round, to go on after a kill. No seed and no noise is in it, and no cells but
 * blinded ones.
 */
export type CollectorRecord = {
  readonly plan: MessageOf<'plan'>;
  readonly expiresAtMs: number;
  /** The last generation that was dealt, or was about to be: its number is used up. */
  readonly generation: number;
  /** When counting ends; undefined until it has begun. */
  readonly stopAtMs: number | undefined;
  readonly image: CollectorImage | undefined;
  readonly report: MessageOf<'report'> | undefined;
};

type Underway = {
  readonly facts: RoundFacts;
  readonly roster: Roster;
  readonly record: CollectorRecord;
  /** Time between checkpoints. */
  readonly checkpointMs: number;
};

/** Seeds that are dealt and not yet used: their masks are added as soon as the cells have been written to the disk. */
export type Reserve = {
  readonly deposit: MessageOf<'deposit'>;
  readonly seeds: readonly SetSeed[];
  /** What the seeds are views of; wiped when the masks are added. */
  readonly entropy: Uint8Array;
  /** Keepers that hold these seeds and all that are in the cells; undefined until they are enough. */
  readonly holders: readonly string[] | undefined;
};

/** Where counting goes on from. */
type Blinded = {
  /** Whose masks are in the cells. */
  readonly generations: readonly number[];
  /** The last deposit that was made. */
  readonly deposit: MessageOf<'deposit'>;
  /** When a deposit that nobody has acknowledged is sent again. */
  readonly resendAtMs: number;
};

export type CollectorRound =
  | (Underway & {
      readonly phase: 'drawing';
      readonly depositAtMs: number;
      readonly entropy: Uint8Array;
      readonly noise: RingVector | undefined;
    })
  | (Underway &
      Blinded & {
        readonly phase: 'deposited';
        readonly vector: RingVector;
        readonly startByMs: number;
      })
  | (Underway &
      Blinded & {
        readonly phase: 'counting';
        /** Keepers that hold the seeds of all generations. */
        readonly holders: readonly string[];
        readonly stopAtMs: number;
        /** Counting was interrupted by a restart; how long the source was heard before it, as far as the cells tell. */
        readonly wasRestarted: boolean;
        readonly resumedMs: number;
        /** The source was told to stop; its cells are on their way. */
        readonly isStopping: boolean;
        readonly reserve: Reserve | undefined;
        /** Undefined if counting ends before another would be due. */
        readonly checkpointAtMs: number | undefined;
      })
  | (Underway & { readonly phase: 'reported'; readonly report: MessageOf<'report'> })
  | { readonly phase: 'ended'; readonly outcome: 'released' | 'aborted' | 'declined' };

export type CollectorInput =
  | { readonly kind: 'message'; readonly message: RoundMessage }
  /** The answer to `draw`; the vector is the machine's from now on. Undefined if drawing failed. */
  | { readonly kind: 'noise-drawn'; readonly noise: RingVector | undefined }
  /** The answer to `draw-entropy`: depositEntropyBytes of fresh random bytes, the machine's from now on. */
  | { readonly kind: 'entropy-drawn'; readonly entropy: Uint8Array }
  /** The answer to `take-image`, at once: the cells as they are, and how long the source has been heard since `count`. */
  | { readonly kind: 'image-taken'; readonly cells: Uint8Array; readonly countedMs: number }
  /** The answer to `stop-counting`. `countedMs`: how long the source was heard since `count`. */
  | {
      readonly kind: 'counted';
      readonly vector: RingVector;
      readonly countedMs: number;
      readonly isIncomplete: boolean;
    }
  /** The collector is being stopped and will be started again: now is the time for a checkpoint. */
  | { readonly kind: 'suspend' }
  | { readonly kind: 'wake' };

export type CollectorEffect =
  | LogEffect
  | SendEffect
  | WipeEffect
  /** Draw noise; `sigmas[i]` is this collector's share for cell i. */
  | { readonly kind: 'draw'; readonly sigmas: Float64Array }
  | { readonly kind: 'draw-entropy' }
  /** Count into this vector, which is the shell's from now on. */
  | { readonly kind: 'count'; readonly vector: RingVector; readonly facts: RoundFacts }
  /** A copy of the cells, please; no event is counted until what follows from it is done. */
  | { readonly kind: 'take-image' }
  /** Add the masks of these seeds to the cells that are being counted into. */
  | {
      readonly kind: 'add-masks';
      readonly seeds: readonly SetSeed[];
      readonly generation: number;
      readonly facts: RoundFacts;
    }
  | { readonly kind: 'stop-counting' }
  /** On disk before what follows. */
  | { readonly kind: 'persist'; readonly record: CollectorRecord };

export type CollectorStep = { readonly state: CollectorRound; readonly effects: readonly CollectorEffect[] };

/** A round that is not over. */
export type LiveCollectorRound = Exclude<CollectorRound, { phase: 'ended' }>;
export type CollectorIn<P extends LiveCollectorRound['phase']> = Extract<CollectorRound, { phase: P }>;

/** When the machine wants a `wake`, if nothing else comes; undefined if never. */
export function collectorWakeMs(state: CollectorRound): number | undefined {
  switch (state.phase) {
    case 'drawing':
      return state.depositAtMs;
    case 'deposited':
      return Math.min(state.startByMs, state.resendAtMs);
    case 'counting':
      return state.isStopping ? state.record.expiresAtMs : countingWakeMs(state);
    case 'reported':
      return state.record.expiresAtMs;
    case 'ended':
      return undefined;
  }
}

function countingWakeMs({
  stopAtMs,
  reserve,
  checkpointAtMs = Infinity,
  resendAtMs,
}: CollectorIn<'counting'>): number {
  if (reserve === undefined) return stopAtMs;
  return Math.min(stopAtMs, reserve.holders === undefined ? resendAtMs : checkpointAtMs);
}

/** When the phase ends at the latest, where that is a time that a person waits for: the drawing of noise, and counting. */
export function collectorPhaseEndMs(state: LiveCollectorRound): number | undefined {
  switch (state.phase) {
    case 'drawing':
      return state.depositAtMs;
    case 'counting':
      return state.stopAtMs;
    case 'deposited':
    case 'reported':
      return undefined;
  }
}

/** Whoever ends a round without a message or a wake wipes these. */
export function secretsOfCollector(state: CollectorRound): Uint8Array[] {
  switch (state.phase) {
    case 'drawing':
      return [state.entropy, ...(state.noise === undefined ? [] : [new Uint8Array(state.noise.buffer)])];
    case 'deposited':
      return [new Uint8Array(state.vector.buffer)];
    case 'reported':
      return [state.report.parts[1]!];
    case 'counting':
      return state.reserve === undefined ? [] : [state.reserve.entropy];
    case 'ended':
      return [];
  }
}
