/** A total with the interval that its noise leaves. */

export type Estimate = {
  readonly value: number;
  /** Half of the interval's width; 0 if there is no noise, or if none is known. */
  readonly error: number;
  readonly low: number;
  readonly high: number;
  /** The noise is as large as the value: the value says next to nothing. */
  readonly isNoisy: boolean;
  /** 0 is in the interval, or above it. */
  readonly isPossiblyZero: boolean;
};

export type Measured = {
  /** A decimal. */
  readonly total: string;
  /** The standard deviation of its noise; undefined if the file does not say. */
  readonly sigma: number | undefined;
};

/** `sigmas`: half of the interval's width in standard deviations, 0 for none. */
export function toEstimate({ total, sigma }: Measured, sigmas: number): Estimate {
  // + 0: a file may say -0.
  return estimateOf(Number(total) + 0, sigmas * (sigma ?? 0));
}

export function estimateOf(value: number, error: number): Estimate {
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
