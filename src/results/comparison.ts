/** What changed from one result to another, as far as the noise of both lets one say. */
import { addDecimals, negated } from './decimal.js';
import { toEstimate, type Estimate, type Measured } from './estimate.js';

export type Change = Measured & {
  /** `same`: the interval of the difference holds 0; `unknown`: the noise of one is not known. */
  readonly verdict: 'higher' | 'lower' | 'same' | 'unknown';
};

/** The second less the first. The noises are independent: their variances add up. */
export function changeBetween(first: Measured, second: Measured, sigmas: number): Change {
  const total = addDecimals([second.total, negated(first.total)]);
  if (first.sigma === undefined || second.sigma === undefined)
    return { total, sigma: undefined, verdict: 'unknown' };
  const sigma = Math.hypot(first.sigma, second.sigma);
  return { total, sigma, verdict: verdictOf(toEstimate({ total, sigma }, sigmas)) };
}

function verdictOf({ low, high }: Estimate): Change['verdict'] {
  if (low > 0) return 'higher';
  return high < 0 ? 'lower' : 'same';
}
