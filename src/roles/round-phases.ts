/** Which rounds a node takes part in, in which phases, since when, and how the last one ended: for `privcount status`. */
import { type Clock } from './ports.js';
import { type EndedRounds, type LastRound, type RoundNow, type StatusOfSelf } from './status-board.js';

export class RoundPhases {
  readonly #rounds = new Map<string, RoundNow>();
  readonly #ended = { released: 0, aborted: 0, unknown: 0 };
  #last: LastRound | undefined;

  get rounds(): readonly RoundNow[] {
    return [...this.#rounds.values()];
  }

  get last(): LastRound | undefined {
    return this.#last;
  }

  get ended(): EndedRounds {
    return this.#ended;
  }

  /** The round is in this phase; since when does not change if it was already. */
  note(
    roundId: string,
    { phase, endsAtMs }: { readonly phase: string; readonly endsAtMs?: number | undefined },
    nowMs: number,
  ): void {
    const before = this.#rounds.get(roundId);
    const sinceMs = before?.phase === phase ? before.sinceMs : nowMs;
    const ends = endsAtMs === undefined ? {} : { endsAtMs };
    this.#rounds.set(roundId, { roundId, phase, sinceMs, ...ends, waitingFor: [], parties: 0 });
  }

  /** With what the round under way waits for, which changes with each message and is made only when somebody is shown it. */
  withProgress(
    round: { readonly roundId: string; progress(): Partial<RoundNow> } | undefined,
  ): Pick<RoundPhases, 'rounds' | 'last' | 'ended'> {
    const rounds = this.rounds.map((now) =>
      now.roundId === round?.roundId ? { ...now, ...round.progress() } : now,
    );
    return { rounds, last: this.#last, ended: this.#ended };
  }

  end(roundId: string, outcome: LastRound['outcome'], nowMs: number): void {
    this.#rounds.delete(roundId);
    this.#ended[outcome] += 1;
    this.#last = { roundId, outcome, endedAtMs: nowMs };
  }
}

/** What the node tells of itself now. */
export function statusOfSelf(
  about: Pick<StatusOfSelf, 'name' | 'network' | 'software' | 'startedAtMs'>,
  { rounds, last, ended }: Pick<RoundPhases, 'rounds' | 'last' | 'ended'>,
  { clock, wallOffsetMs }: { readonly clock: Clock; wallOffsetMs: () => number },
): StatusOfSelf {
  const nowMs = clock.nowMs();
  return { ...about, nowMs, rounds, lastRound: last, endedRounds: ended, wallOffsetMs: wallOffsetMs() };
}
