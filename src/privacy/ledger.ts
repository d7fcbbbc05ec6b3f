/**
 * What rounds cost together (spec/noise.md, "Over rounds"): mu^2 adds up over the rounds of a sliding window, and a node
 * refuses the round that would pass the budget of network.yaml. The entries are kept by the node's identity and data
 * source; a new network.yaml does not clear them.
 */
import { type PrivacyBudget } from '../core/network.js';
import { composedMu, deltaOf, epsilonOf } from './gaussian-dp.js';

export type LedgerEntry = {
  readonly roundId: string;
  /** When the node took part: rounds count from their acceptance, whether or not they were released. */
  readonly atMs: number;
  readonly mu: number;
};

export type BudgetVerdict = {
  readonly isWithin: boolean;
  /** What the window's rounds cost at the budget's delta, without and with the new one. */
  readonly epsilonBefore: number;
  readonly epsilonAfter: number;
};

const MS_PER_DAY = 86_400_000;
/** The last round that exactly fits must not fail by rounding. */
const DELTA_ROUNDING = 1e-9;

/** The entries of the window that ends now. A round in the future, by a clock set back, counts. */
export function entriesInWindow(
  entries: readonly LedgerEntry[],
  { nowMs, windowDays }: { nowMs: number; windowDays: number },
): LedgerEntry[] {
  const fromMs = nowMs - windowDays * MS_PER_DAY;
  return entries.filter(({ atMs }) => atMs > fromMs);
}

/**
 * Whether a round of this mu may be taken part in now. A round id that is in the ledger already makes it no cheaper: the tally
 * chooses round ids, and whoever takes part in two plans of one id has given two vectors.
 */
export function checkBudget(
  entries: readonly LedgerEntry[],
  round: Omit<LedgerEntry, 'roundId'>,
  budget: PrivacyBudget,
): BudgetVerdict {
  const inWindow = entriesInWindow(entries, { nowMs: round.atMs, windowDays: budget.windowDays });
  const before = composedMu(inWindow.map(({ mu }) => mu));
  const after = composedMu([before, round.mu]);
  return {
    isWithin: after === 0 || deltaOf(after, budget.epsilon) <= budget.delta * (1 + DELTA_ROUNDING),
    epsilonBefore: epsilonOf(before, budget.delta),
    epsilonAfter: epsilonOf(after, budget.delta),
  };
}
