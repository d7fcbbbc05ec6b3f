/** What the tally room knows at any time: the last status, the rounds that were, and what they have cost. */
import { type PrivacyBudget } from '../core/network.js';
import { type LedgerEntry } from '../privacy/ledger.js';
import { type Clock } from './ports.js';
import { toRoomBudget } from './room-budget.js';
import { toRoomNodes, toRoomNow } from './room-now.js';
import { withRefusal } from './room-refusals.js';
import {
  type RoomAbout,
  type RoomBudget,
  type RoomNow,
  type RoomPast,
  type RoomRefusal,
  type RoomState,
} from './room-state.js';
import { type Status } from './status-board.js';

type BoardSources = {
  readonly clock: Clock;
  readonly budget: PrivacyBudget;
  readonly readLedger: () => readonly LedgerEntry[];
};

/** The window moves on without a round; to reckon it takes milliseconds. */
const BUDGET_MS = 60_000;

export class RoomBoard {
  readonly #about: RoomAbout;
  readonly #sources: BoardSources;
  #status: Status | undefined;
  #refusals: readonly RoomRefusal[] = [];
  #past: RoomPast = { rounds: [], faults: [], unread: 0 };
  #budget:
    { readonly value: RoomBudget; readonly of: readonly LedgerEntry[]; readonly atMs: number } | undefined;
  #isOver = false;

  constructor(about: RoomAbout, sources: BoardSources) {
    this.#about = about;
    this.#sources = sources;
  }

  /** True if a round has ended since the last one, so that there are new results. */
  show(status: Status): boolean {
    const before = this.#status;
    this.#status = status;
    this.#refusals = withRefusal(this.#refusals, status);
    return before?.lastRound?.roundId !== status.lastRound?.roundId;
  }

  showPast(past: RoomPast): void {
    this.#past = past;
  }

  /** All rounds are over. */
  end(): void {
    this.#isOver = true;
  }

  state(): RoomState {
    const nowMs = this.#sources.clock.nowMs();
    return {
      about: this.#about,
      now: this.#now(nowMs),
      nodes: this.#status === undefined || this.#isOver ? [] : toRoomNodes(this.#status),
      past: this.#past,
      budget: this.#budgetAt(nowMs),
    };
  }

  #now(nowMs: number): RoomNow {
    if (this.#status !== undefined)
      return toRoomNow(this.#status, { refusals: this.#refusals, isOver: this.#isOver, nowMs });
    return { atMs: nowMs, phase: 'starting', rounds: [], warnings: [], refusals: [], isOver: this.#isOver };
  }

  #budgetAt(nowMs: number): RoomBudget {
    const { budget, readLedger } = this.#sources;
    const ledger = readLedger();
    const last = this.#budget;
    if (last !== undefined && last.of === ledger && nowMs < last.atMs + BUDGET_MS) return last.value;
    const value = toRoomBudget(ledger, budget, nowMs);
    this.#budget = { value, of: ledger, atMs: nowMs };
    return value;
  }
}
