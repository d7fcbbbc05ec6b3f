/** The states, inputs and effects of a collector's round; the machine is collector-round.ts. */
import { type RingVector } from '../core/ring.js';
import { type MessageOf, type RoundMessage } from './messages.js';
import { type Roster } from './roster.js';
import { type LogEffect, type RoundFacts, type SendEffect, type WipeEffect } from './round.js';

type Underway = {
  readonly facts: RoundFacts;
  readonly roster: Roster;
  /** When the collector forgets the round, whatever the tally says. */
  readonly expiresAtMs: number;
};

export type CollectorRound =
  | (Underway & {
      readonly phase: 'drawing';
      readonly depositAtMs: number;
      readonly entropy: Uint8Array;
      readonly noise: RingVector | undefined;
    })
  | (Underway & {
      readonly phase: 'deposited';
      readonly deposit: MessageOf<'deposit'>;
      readonly vector: RingVector;
      readonly startByMs: number;
    })
  | (Underway & {
      readonly phase: 'counting';
      readonly deposit: MessageOf<'deposit'>;
      readonly stopAtMs: number;
      /** The source was told to stop; its cells are on their way. */
      readonly isStopping: boolean;
    })
  | (Underway & {
      readonly phase: 'reported';
      readonly deposit: MessageOf<'deposit'>;
      readonly report: MessageOf<'report'>;
    })
  | { readonly phase: 'ended'; readonly outcome: 'released' | 'aborted' | 'declined' };

export type CollectorInput =
  | { readonly kind: 'message'; readonly message: RoundMessage }
  /** The answer to `draw`; the vector is the machine's from now on. Undefined if drawing failed. */
  | { readonly kind: 'noise-drawn'; readonly noise: RingVector | undefined }
  /** The answer to `stop-counting`. `countedMs`: how long the source was heard. */
  | {
      readonly kind: 'counted';
      readonly vector: RingVector;
      readonly countedMs: number;
      readonly isIncomplete: boolean;
    }
  | { readonly kind: 'wake' };

export type CollectorEffect =
  | LogEffect
  | SendEffect
  | WipeEffect
  /** Draw noise; `sigmas[i]` is this collector's share for cell i. */
  | { readonly kind: 'draw'; readonly sigmas: Float64Array }
  /** Count into this vector, which is the shell's from now on. */
  | { readonly kind: 'count'; readonly vector: RingVector; readonly facts: RoundFacts }
  | { readonly kind: 'stop-counting' }
  /** On disk before what follows. */
  | { readonly kind: 'persist'; readonly roundId: string; readonly report: MessageOf<'report'> };

export type CollectorStep = { readonly state: CollectorRound; readonly effects: readonly CollectorEffect[] };

/** A round that is not over. */
export type LiveCollectorRound = Exclude<CollectorRound, { phase: 'ended' }>;

/** When the machine wants a `wake`, if nothing else comes; undefined if never. */
export function collectorWakeMs(state: CollectorRound): number | undefined {
  switch (state.phase) {
    case 'drawing':
      return state.depositAtMs;
    case 'deposited':
      return state.startByMs;
    case 'counting':
      return state.isStopping ? state.expiresAtMs : state.stopAtMs;
    case 'reported':
      return state.expiresAtMs;
    case 'ended':
      return undefined;
  }
}
