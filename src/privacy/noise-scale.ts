/**
 * Counters scaled by a power of two, so that each collector's share of the noise is wide enough (spec/noise.md, "Drawing
 * it"): the sum of discrete Gaussians is one to within 1e-37 if each has a standard deviation of at least 3 (arXiv
 * 2102.06387). Collectors count in steps of 2^k then, and the total is divided back exactly.
 */
import { SIGMA_MAX } from './discrete-gaussian.js';

/** The least standard deviation of one collector's noise, in the units that it is drawn in. */
export const SHARE_MIN = 3;
/**
 * A share of less than 3 / 2^20 is a slip of the pen. With it a cell can't wrap at 2^127: counts below 2^100 take up 2^120,
 * and noise of a sigma of up to 2^119, scaled, reaches 2^126 only 2^7 standard deviations out.
 */
export const SCALE_BITS_MAX = 20;
export const COUNT_MAX = 1n << 100n;
const SCALED_SIGMA_MAX = 2 ** 119;

export type ScaleInput = {
  /** The plan's sigmas, without those of check counters, which have no noise. */
  readonly sigmas: readonly number[];
  /** The noise weights of the invited collectors. */
  readonly weights: readonly number[];
};

/** The least k >= 0 with 2^k * w * sigma >= 3 for every counter and every collector that adds noise; undefined if it passes 20. */
export function scaleBitsFor({ sigmas, weights }: ScaleInput): number | undefined {
  const adding = weights.filter((weight) => weight > 0);
  if (sigmas.length === 0 || adding.length === 0) return 0;
  const least = leastOf(sigmas) * leastOf(adding);
  for (let bits = 0; bits <= SCALE_BITS_MAX; bits += 1) if (least * 2 ** bits >= SHARE_MIN) return bits;
  return undefined;
}

/** True if totals of counts below COUNT_MAX can't wrap, but for noise 2^7 standard deviations out. */
export function isWithinRing({ sigmas, weights }: ScaleInput, scaleBits: number): boolean {
  const spread = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  const widest = sigmas.reduce((most, sigma) => Math.max(most, sigma), 0);
  const heaviest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  return (
    scaleBits <= SCALE_BITS_MAX &&
    widest * spread * 2 ** scaleBits <= SCALED_SIGMA_MAX &&
    widest * heaviest * 2 ** scaleBits <= SIGMA_MAX
  );
}

/** total / 2^k as an exact decimal: a power of two never leaves a periodic one. */
export function scaledBack(total: bigint, scaleBits: number): string {
  const sign = total < 0n ? '-' : '';
  const magnitude = total < 0n ? -total : total;
  const whole = magnitude >> BigInt(scaleBits);
  const rest = magnitude - (whole << BigInt(scaleBits));
  if (rest === 0n) return `${sign}${whole}`;
  const digits = ((rest * 10n ** BigInt(scaleBits)) >> BigInt(scaleBits)).toString().padStart(scaleBits, '0');
  return `${sign}${whole}.${digits.replace(/0+$/, '')}`;
}

function leastOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value));
}
