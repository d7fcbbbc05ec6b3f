/**
 * What a round would cost, and whether a node that remembers its earlier rounds takes part (design, section 6): the level of
 * network.yaml for this round, its budget over a window, and PrivCount's delay between rounds that differ.
 */
import { isCheckCounter } from '../core/counters.js';
import { earliestStartMs, type DelayRule, type DelayState } from '../privacy/delay-rule.js';
import { continuousSigma } from '../privacy/discrete-margin.js';
import { muOf } from '../privacy/gaussian-dp.js';
import { checkBudget, type LedgerEntry } from '../privacy/ledger.js';
import { muOfPlan, plannedNoiseFaults } from '../privacy/plan-privacy.js';
import { type KnownNetwork } from './check-plan.js';
import { type Plan } from './plan.js';
import { scaleObjections } from './plan-scale.js';

/** How far one person moves each counter, in L2 over its bins; undefined if network.yaml names no such table. */
export type SensitivityTable = ReadonlyMap<string, number> | undefined;

/** What a node does not forget, whatever network.yaml says. */
export type RoundHistory = {
  readonly ledger: readonly LedgerEntry[];
  readonly delay: DelayState | undefined;
};

export type PrivacyContext = {
  readonly known: KnownNetwork;
  readonly sensitivities: SensitivityTable;
  readonly history: RoundHistory;
  readonly rule: DelayRule;
  readonly nowMs: number;
};

/**
 * mu of the plan's noise. Where network.yaml pins sigmas instead of sensitivities, its operators have stated that they give
 * its (epsilon, delta): the round costs just that. 0 for a round without noise, which only test networks have.
 *
 * Guarantee: a round whose privacyObjections are empty is (epsilon, delta)-DP at network.yaml's level if each person moves
 * each counter by at most its sensitivity and the noise of the released collectors adds up to variance sigma^2 or more.
 */
export function planMu(
  plan: Plan,
  { known, sensitivities }: Pick<PrivacyContext, 'known' | 'sensitivities'>,
): number {
  if (plan.noise === 'off') return 0;
  if (sensitivities === undefined) return muOf(known.network.privacy, 'differential');
  return muOfPlan(noisyCounters(plan, sensitivities));
}

function noisyCounters({ counters }: Plan, sensitivities: ReadonlyMap<string, number>) {
  return counters
    .filter(({ name }) => !isCheckCounter(name))
    .map(({ name, sigma }) => ({
      name,
      sensitivity: sensitivities.get(name) ?? Infinity,
      sigma: sigma > 0 ? continuousSigma(sigma) : sigma,
    }));
}

/** Why a node can't take part, one sentence a reason; empty if it can. */
export function privacyObjections(plan: Plan, context: PrivacyContext): string[] {
  if (plan.noise === 'off') return scaleObjections(plan);
  const level = levelObjections(plan, context);
  // A plan that breaks the level has no cost that could be compared with a budget.
  return level.length > 0 ? level : [...budgetObjections(plan, context), ...delayObjections(plan, context)];
}

function levelObjections(plan: Plan, { known, sensitivities }: PrivacyContext): string[] {
  const { privacy } = known.network;
  if (sensitivities === undefined) {
    const isMissing = privacy.sensitivitiesDigest !== undefined;
    const missing = 'the table of sensitivities that network.yaml names (sensitivities_digest) is not here';
    return isMissing ? [missing] : scaleObjections(plan);
  }
  const unknown = plan.counters.filter(({ name }) => !isCheckCounter(name) && !sensitivities.has(name));
  if (unknown.length > 0) {
    return unknown.map(
      ({ name }) => `counter ${name} is not in the table of sensitivities that network.yaml names`,
    );
  }
  return [...plannedNoiseFaults(noisyCounters(plan, sensitivities), privacy), ...scaleObjections(plan)];
}

function budgetObjections(plan: Plan, context: PrivacyContext): string[] {
  const { budget } = context.known.network.privacy;
  const entry = { atMs: context.nowMs, mu: planMu(plan, context) };
  const { isWithin, epsilonAfter } = checkBudget(context.history.ledger, entry, budget);
  if (isWithin) return [];
  return [
    `with this round, the rounds of ${budget.windowDays} days would cost epsilon ${epsilonAfter.toPrecision(4)} ` +
      `at delta ${budget.delta}, above the budget of ${budget.epsilon} in network.yaml`,
  ];
}

function delayObjections(plan: Plan, { history, rule, nowMs }: PrivacyContext): string[] {
  const startMs = earliestStartMs(history.delay, sigmasOf(plan), rule);
  if (nowMs >= startMs) return [];
  return [
    "its counters or sigmas differ from the last round's, or every round waits (delay_period): not before " +
      `${Math.ceil(startMs / 1000)} s since 1970`,
  ];
}

/** The sigmas of a plan as the delay rule compares them; check counters have none. */
export function sigmasOf({ counters }: Plan): ReadonlyMap<string, number> {
  return new Map(
    counters.filter(({ name }) => !isCheckCounter(name)).map(({ name, sigma }) => [name, sigma]),
  );
}
