/** What the rounds have cost, over time: the ledger of the tally as a reader sees it (`privcount ledger`). */
import { type PrivacyBudget } from '../core/network.js';
import { composedMu, epsilonOf } from '../privacy/gaussian-dp.js';
import { entriesInWindow, type LedgerEntry } from '../privacy/ledger.js';
import { type RoomBudget } from './room-state.js';

/** Each takes a search for its epsilon; older ones are in `privcount ledger`. */
const ENTRIES_MAX = 250;

export function toRoomBudget(
  ledger: readonly LedgerEntry[],
  { epsilon, delta, windowDays }: PrivacyBudget,
  nowMs: number,
): RoomBudget {
  const epsilonOfAll = (entries: readonly LedgerEntry[]): number =>
    epsilonOf(composedMu(entries.map(({ mu }) => mu)), delta);
  const window = entriesInWindow(ledger, { nowMs, windowDays });
  const entries = window.slice(-ENTRIES_MAX).map(({ roundId, atMs, mu }) => ({
    roundId,
    atMs,
    epsilon: epsilonOf(mu, delta),
    togetherEpsilon: epsilonOfAll(
      entriesInWindow(ledger, { nowMs: atMs, windowDays }).filter((entry) => entry.atMs <= atMs),
    ),
  }));
  return { epsilon, delta, windowDays, spentEpsilon: epsilonOfAll(window), entries };
}
