/**
 * The standard normal distribution, to nearly all digits of a double, far into its tails: what allocation and accounting
 * rest on (spec/noise.md, "Allocator joint"). Verified against vectors of 40 digits in test/privacy/normal.test.ts; why
 * this is not a library's erfc stands in doc/decisions.
 */

/** Below this the series is exact to the last digits and short; from it on the fraction is. */
const FRACTION_FROM = 2.5;
/** Terms of the continued fraction that give 1e-16 at x = 2.5, found by comparing with more; fewer are needed beyond. */
const FRACTION_TERMS = 110;
const ROOT_OF_TWO_PI = Math.sqrt(2 * Math.PI);

/** The density at x. */
export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / ROOT_OF_TWO_PI;
}

/** P[Z > x]. */
export function normalTail(x: number): number {
  if (x < 0) return 1 - normalTail(-x);
  return normalDensity(x) * millsRatio(x);
}

/** P[Z > x] / density(x), which neither under- nor overflows for x >= 0 (Mills' ratio). */
export function millsRatio(x: number): number {
  return x < FRACTION_FROM ? ratioBySeries(x) : ratioByFraction(x);
}

/** (1/2) / density(x) - (x + x^3/3 + x^5/(3*5) + ...); for negative x the terms add up instead. */
function ratioBySeries(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * Number.EPSILON; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 / normalDensity(x) - sum;
}

/** 1 / (x + 1 / (x + 2 / (x + 3 / ...))), from its end. */
function ratioByFraction(x: number): number {
  let below = x;
  for (let term = FRACTION_TERMS; term > 0; term -= 1) below = x + term / below;
  return 1 / below;
}
