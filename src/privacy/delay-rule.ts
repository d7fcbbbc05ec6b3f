/**
 * PrivCount's delay between rounds (spec/rounds.md, 4.7): a round whose counters changed, or whose sigmas fell, waits
 * `delay_period` after the last one that succeeded, so that two sets of totals about the same activity are not published
 * with noise that was chosen for one. Each node keeps the state for itself, over restarts.
 */

export type DelayRule = {
  readonly delayPeriodMs: number;
  readonly alwaysDelay: boolean;
  /** A sigma may fall by this much, in absolute terms, and still be the same. */
  readonly sigmaDecreaseTolerance: number;
};

export type DelayState = {
  /** The sigmas of the first round of the series, so that they can't creep down a tolerance at a time. */
  readonly sigmas: ReadonlyMap<string, number>;
  readonly lastEndMs: number;
};

/** The earliest start of a round with these sigmas; 0 if none has succeeded yet. */
export function earliestStartMs(
  state: DelayState | undefined,
  sigmas: ReadonlyMap<string, number>,
  rule: DelayRule,
): number {
  if (state === undefined) return 0;
  return needsDelay(state, sigmas, rule) ? state.lastEndMs + rule.delayPeriodMs : state.lastEndMs;
}

/** The state after a round with these sigmas that succeeded. */
export function stateAfterRound(
  state: DelayState | undefined,
  round: { readonly sigmas: ReadonlyMap<string, number>; readonly endMs: number },
  rule: DelayRule,
): DelayState {
  const startsSeries = state === undefined || needsDelay(state, round.sigmas, rule);
  return { sigmas: startsSeries ? round.sigmas : state.sigmas, lastEndMs: round.endMs };
}

function needsDelay(
  { sigmas: first }: DelayState,
  sigmas: ReadonlyMap<string, number>,
  { alwaysDelay, sigmaDecreaseTolerance }: DelayRule,
): boolean {
  if (alwaysDelay || first.size !== sigmas.size) return true;
  return [...first].some(([name, sigma]) => {
    const now = sigmas.get(name);
    return now === undefined || sigma - now > sigmaDecreaseTolerance;
  });
}
