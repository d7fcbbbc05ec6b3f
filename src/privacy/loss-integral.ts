/**
 * Epsilon by another route than the allocators': the definition itself, integrated numerically. It shares neither the
 * normal distribution function nor the search with them, so that a slip in either shows.
 */

/** Beyond 14 standard deviations the rest is below 1e-43. */
const REACH = 14;
const INTERVALS = 4000;
const HALVINGS = 60;
const DOUBLINGS_MAX = 60;

/**
 * delta of (epsilon, delta)-differential privacy for N(mu, 1) against N(0, 1): the mean of max(0, 1 - e^(epsilon - loss)),
 * where the loss is mu t + mu^2 / 2 for a standard normal t. By Simpson's rule from where the loss is epsilon.
 */
function integratedDelta(mu: number, epsilon: number): number {
  const from = Math.max(epsilon / mu - mu / 2, -REACH);
  const width = (Math.max(REACH, from + REACH) - from) / INTERVALS;
  let sum = 0;
  for (let at = 0; at <= INTERVALS; at += 1) {
    const t = from + at * width;
    const weight = at === 0 || at === INTERVALS ? 1 : at % 2 === 1 ? 4 : 2;
    sum -= weight * Math.exp((-t * t) / 2) * Math.expm1(epsilon - mu * t - (mu * mu) / 2);
  }
  return (sum * width) / (3 * Math.sqrt(2 * Math.PI));
}

/** The least epsilon for which mu gives (epsilon, delta)-differential privacy, for mu > 0, to about nine digits. */
export function integratedEpsilon(mu: number, delta: number): number {
  if (integratedDelta(mu, 0) <= delta) return 0;
  let high = mu;
  for (let doubling = 0; integratedDelta(mu, high) > delta; doubling += 1) {
    if (doubling === DOUBLINGS_MAX) return Infinity;
    high *= 2;
  }
  let low = 0;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2;
    if (integratedDelta(mu, middle) <= delta) high = middle;
    else low = middle;
  }
  return high;
}
