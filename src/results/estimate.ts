/** A total with the interval that its noise leaves, as PrivCount's plot has it (spec/rounds.md, section 16). */

export type Estimate = {
  readonly value: number;
  /** Half of the interval's width: so many standard deviations, rounded to a whole number; 0 if there is no noise. */
  readonly error: number;
  readonly low: number;
  readonly high: number;
  /** The noise is as large as the value: the value says next to nothing. */
  readonly isNoisy: boolean;
  /** 0 is in the interval, or above it. */
  readonly isPossiblyZero: boolean;
};

/** Larger totals are no counts: an overflow would make all others invisible. */
const VALUE_MAX = 1e18;

/** `sigmas`: the half-width in standard deviations, 0 for none. `sigma` undefined counts as none. */
export function toEstimate(
  { total, sigma }: { readonly total: string; readonly sigma: number | undefined },
  sigmas: number,
): Estimate {
  const value = Math.max(-VALUE_MAX, Math.min(VALUE_MAX, Number(total)));
  const error = Math.min(VALUE_MAX, Math.round(sigmas * (sigma ?? 0)));
  return {
    value,
    error,
    low: value - error,
    high: value + error,
    isNoisy: error > 0 && error >= Math.abs(value),
    isPossiblyZero: value - error <= 0,
  };
}

/** For counts, which are not below 0: what lies below is cut off. */
export function boundedByZero({ value, low, high, ...estimate }: Estimate): Estimate {
  const bounded = (number: number): number => Math.max(0, number);
  return { ...estimate, value: bounded(value), low: bounded(low), high: bounded(high) };
}
