/** What a node checks of the noise in a plan, whoever made it (design, "Plan": noise is not the tally's to choose). */
import { movedTogether } from './blocks.js';
import { deltaOf, type PrivacyLevel } from './gaussian-dp.js';

export type PlannedNoise = {
  readonly name: string;
  /** Delta: how far one person moves the counter, in L2 over its bins. */
  readonly sensitivity: number;
  readonly sigma: number;
  readonly block?: string | undefined;
};

/** Sigmas from an allocator meet delta to within rounding; 1e-9 of delta is worth nothing to anybody. */
const DELTA_ROUNDING = 1e-9;
/** What sensitivities are about unless stated otherwise: one day of a person's activity. */
const PROTECTED_MS = 86_400_000;

/** What is wrong with the noise of these counters, one sentence a fault; empty if it keeps the level. */
export function plannedNoiseFaults(counters: readonly PlannedNoise[], level: PrivacyLevel): string[] {
  const faults = counters.flatMap(({ name, sensitivity, sigma }) => [
    ...(isPositive(sensitivity) ? [] : [`counter ${name} has a sensitivity of ${sensitivity}, not above 0`]),
    ...(isPositive(sigma) ? [] : [`counter ${name} has a sigma of ${sigma}, not above 0`]),
  ]);
  if (faults.length > 0) return faults;
  const mu = muOfPlan(counters);
  const delta = mu === 0 ? 0 : deltaOf(mu, level.epsilon);
  if (delta <= level.delta * (1 + DELTA_ROUNDING)) return [];
  return [`the sigmas give delta ${delta} at epsilon ${level.epsilon}, above ${level.delta}`];
}

/** mu of all counters of a plan together (spec/noise.md, "Allocator joint"). */
export function muOfPlan(counters: readonly Omit<PlannedNoise, 'name'>[]): number {
  return movedTogether(
    counters.map(({ sensitivity, sigma, block }) => ({ move: sensitivity / sigma, block })),
  );
}

/** What to tell an operator whose rounds are longer than what the sensitivities are about; undefined if they are not. */
export function longRoundWarning(collectMs: number, protectedMs = PROTECTED_MS): string | undefined {
  if (collectMs <= protectedMs) return undefined;
  const hours = (ms: number): string => `${Number((ms / 3_600_000).toPrecision(4))} h`;
  return (
    `a round of ${hours(collectMs)} is longer than the ${hours(protectedMs)} that the sensitivities are about: ` +
    `what a person does within ${hours(protectedMs)} is protected, not all that they do in the round`
  );
}

function isPositive(value: number): boolean {
  return value > 0 && value < Infinity;
}
