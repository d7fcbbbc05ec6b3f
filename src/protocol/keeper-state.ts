/** The states, inputs and effects of a keeper's round; the machine is keeper-round.ts. */
import { type OpenedDeposit, type RoundKeys } from './deposit.js';
import { type RoundMessage } from './messages.js';
import { type LogEffect, type RoundFacts, type SendEffect, type WipeEffect } from './round.js';
import { type Statement } from './statements.js';

/** What is kept of a deposit that was opened and found good: not its commitments, which are five times as long as the seeds. */
export type HeldDeposit = Pick<OpenedDeposit, 'digest' | 'seeds'> & {
  readonly roster: string;
  readonly acknowledgement: Uint8Array;
};

/** A signed answer and this keeper's sums of masks over the certified set, by holder set. */
export type KeeperAnswer = {
  readonly signed: Uint8Array;
  readonly sums: ReadonlyMap<number, Uint8Array>;
};

type Underway = {
  readonly facts: RoundFacts;
  /** This keeper's number in network.yaml, from 0. */
  readonly index: number;
  /** X25519, made for this round; erased when it ends. */
  readonly keys: RoundKeys;
  readonly roundKey: Uint8Array;
  /** By collector, then by generation. */
  readonly held: ReadonlyMap<string, ReadonlyMap<number, HeldDeposit>>;
  /** When the keeper forgets the round, whatever the tally says. */
  readonly expiresAtMs: number;
};

export type KeeperRound =
  | (Underway & { readonly phase: 'keyed' })
  | (Underway & {
      readonly phase: 'voted';
      readonly proposal: Statement<'proposal'>;
      readonly proposalDigest: string;
      readonly vote: Uint8Array;
      /** The certified answer, once it has been asked for: making it may take minutes, and it is asked for again. */
      readonly answer: KeeperAnswer | undefined;
      /** The sets whose whole sums were asked for last, while the sums are being made. */
      readonly asked: readonly number[] | undefined;
    })
  | { readonly phase: 'ended'; readonly outcome: 'released' | 'aborted' | 'declined' };

export type LiveKeeperRound = Exclude<KeeperRound, { phase: 'ended' }>;

export type VotedKeeperRound = Extract<KeeperRound, { phase: 'voted' }>;

export type KeeperInput =
  | { readonly kind: 'message'; readonly message: RoundMessage }
  /** The answer to `sum`: the sums of masks by holder set. */
  | { readonly kind: 'summed'; readonly sums: ReadonlyMap<number, Uint8Array> }
  | { readonly kind: 'wake' };

export type KeeperEffect =
  | LogEffect
  | SendEffect
  | WipeEffect
  /** Run sumsOfMasks (keeper-answer.ts) of this state to its end, a little at a time. */
  | { readonly kind: 'sum'; readonly state: VotedKeeperRound }
  /** On disk before what follows: from now on this keeper can only vote for this set in this round. */
  | {
      readonly kind: 'persist-vote';
      readonly roundId: string;
      readonly proposalDigest: string;
      readonly vote: Uint8Array;
    };

export type KeeperStep = { readonly state: KeeperRound; readonly effects: readonly KeeperEffect[] };

/** When the machine wants a `wake`, if nothing else comes; undefined if never. */
export function keeperWakeMs(state: KeeperRound): number | undefined {
  return state.phase === 'ended' ? undefined : state.expiresAtMs;
}
