/** The states, inputs and effects of the tally's round; the machine is tally-round.ts. */
import { type RingVector } from '../core/ring.js';
import { type RoundMessage } from './messages.js';
import { type Roster } from './roster.js';
import { type LogEffect, type RoundFacts } from './round.js';
import { type ReleasedSet } from './shapes.js';
import { type Statement } from './statements.js';

/** A node that takes no further part in the round, and why: for the outcome. */
export type LeftOut = { readonly name: string; readonly reason: string };

type Underway = {
  readonly facts: RoundFacts;
  readonly signedPlan: Uint8Array;
  /** Names of the nodes that are connected now. */
  readonly connected: ReadonlySet<string>;
  /** Nodes that declined or broke the protocol, by name. Who is only silent may come back until the phase's deadline. */
  readonly leftOut: ReadonlyMap<string, string>;
  readonly resendAtMs: number;
};

type Rostered = { readonly rosterKeys: readonly Uint8Array[]; readonly roster: Roster };

/** What a collector sent: the signed deposit and a box a keeper of the roster. */
export type ReceivedDeposit = {
  /** Empty once every keeper has answered it. */
  readonly parts: readonly Uint8Array[];
  readonly digest: string;
  readonly generation: number;
  /** Signed acknowledgements, by keeper; of no bytes where nobody will ask for them any more. */
  readonly acknowledgements: ReadonlyMap<string, Uint8Array>;
  /** Keepers that refused it, with their reason. */
  readonly refusals: ReadonlyMap<string, string>;
};

type ReceivedReport = {
  readonly statement: Statement<'report'>;
  readonly digest: string;
  readonly vector: RingVector;
};

type Dealt = Rostered & {
  /** By collector, then by generation, in the order in which they came: each has a greater one than those before. */
  readonly deposits: ReadonlyMap<string, ReadonlyMap<number, ReceivedDeposit>>;
};

type Counting = Dealt & {
  readonly signedStart: Uint8Array;
  /** The collectors that were told to start. */
  readonly starters: readonly string[];
  /** By collector: the last generation of which it knows that enough keepers hold it. */
  readonly started: ReadonlyMap<string, number>;
  readonly reports: ReadonlyMap<string, ReceivedReport>;
  readonly startedAtMs: number;
  readonly stopAtMs: number;
};

type Proposed = Counting & {
  readonly set: ReleasedSet;
  readonly signedProposal: Uint8Array;
  readonly proposalDigest: string;
  /** Keepers that hold the seeds of all of the set. */
  readonly electors: readonly string[];
  readonly votes: ReadonlyMap<string, Uint8Array>;
};

/** A keeper's answer: the digests of its sets' sums, and the sums that it was asked to send whole. */
type ReceivedAnswer = {
  readonly digests: ReadonlyMap<number, string>;
  readonly vectors: ReadonlyMap<number, RingVector>;
};

export type TallyRound =
  | (Underway & {
      readonly phase: 'keying';
      readonly deadlineMs: number;
      readonly roundKeys: ReadonlyMap<string, Uint8Array>;
    })
  | (Underway & Dealt & { readonly phase: 'depositing'; readonly deadlineMs: number })
  | (Underway & Counting & { readonly phase: 'collecting'; readonly deadlineMs: number })
  | (Underway & Proposed & { readonly phase: 'voting'; readonly deadlineMs: number })
  | (Underway &
      Proposed & {
        readonly phase: 'answering';
        readonly deadlineMs: number;
        readonly answers: ReadonlyMap<string, ReceivedAnswer>;
      })
  | (Underway & { readonly phase: 'over'; readonly outcome: RoundOutcome; readonly signedEnd: Uint8Array });

export type TallyPhase = TallyRound['phase'];
export type InPhase<P extends TallyPhase> = Extract<TallyRound, { phase: P }>;

/** A collector whose counts are in the total. */
type ReleasedCollector = {
  readonly name: string;
  /** How long it heard its source, of the time that was to be counted. */
  readonly countedMs: number;
  readonly isIncomplete: boolean;
};

export type RoundOutcome =
  | {
      readonly kind: 'released';
      /** Counts plus the noise of the released collectors, in the layout of the plan. */
      readonly totals: RingVector;
      readonly collectors: readonly ReleasedCollector[];
      readonly keepers: readonly string[];
      /** Keepers whose sum for some holder set nobody else could confirm. */
      readonly unconfirmedKeepers: readonly string[];
      readonly leftOut: readonly LeftOut[];
      readonly startedAtMs: number;
      readonly stoppedAtMs: number;
      readonly endedAtMs: number;
    }
  | {
      readonly kind: 'aborted';
      readonly reason: string;
      /** Who caused it; several if it can't be told which of them. */
      readonly culprits: readonly string[];
      readonly leftOut: readonly LeftOut[];
      readonly endedAtMs: number;
    };

export type TallyInput =
  | { readonly kind: 'message'; readonly from: string; readonly message: RoundMessage }
  | { readonly kind: 'connected'; readonly name: string }
  | { readonly kind: 'disconnected'; readonly name: string }
  /** The tally was away: nobody is connected, and nobody could answer. */
  | { readonly kind: 'resumed' }
  | { readonly kind: 'wake' };

export type TallyEffect =
  | LogEffect
  | { readonly kind: 'send'; readonly to: string; readonly message: RoundMessage }
  | { readonly kind: 'phase'; readonly phase: TallyPhase }
  | { readonly kind: 'finish'; readonly outcome: RoundOutcome };

export type TallyStep = { readonly state: TallyRound; readonly effects: readonly TallyEffect[] };

/** When the machine wants a `wake`, if nothing else comes; undefined if never. */
export function tallyWakeMs(state: TallyRound): number | undefined {
  return state.phase === 'over' ? undefined : Math.min(state.deadlineMs, state.resendAtMs);
}

/** True where it may depend on who is connected whether the round goes on (tally-advance.ts): whoever replays it must know. */
export function dependsOnConnected({ phase }: TallyRound): boolean {
  return phase === 'voting' || phase === 'answering';
}

/** A copy of the map with one entry more or another value. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

/** The collector's last deposit: the one whose seeds it waits to use. */
export function lastDeposit({ deposits }: Dealt, collector: string): ReceivedDeposit | undefined {
  return [...(deposits.get(collector)?.values() ?? [])].at(-1);
}
