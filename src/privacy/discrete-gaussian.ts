/**
 * The exact discrete Gaussian on the integers (Canonne, Kamath, Steinke, arXiv 2004.00010, algorithms 2 and 3;
 * spec/noise.md, "Drawing it"): P[X = x] is proportional to exp(-x^2 / (2 sigma^2)), for sigma the very number the
 * double stands for. Nothing is rounded: the proposal is a discrete Laplace, and both it and the acceptance are decided
 * by exact coins on integers.
 */
import { type Fraction, TOP_BITS, tossExpMinus, tossExpMinusOne } from './exact-coin.js';
import { type RandomWords, uniformBelow, uniformBigBelow } from './random-words.js';

/**
 * The largest standard deviation of one collector's noise. A cell wraps at 2^127: the noise of 4,096 collectors of this
 * sigma reaches 2^126 only if their sum is off by 2^20 standard deviations, which leaves 2^126 for the counts.
 */
export const SIGMA_MAX = 2 ** 100;

/** Extra bits that make denominators long enough to have leading bits. */
const GUARD_BITS = 16n;

/** What sampling needs of a sigma, computed once for all bins that share it. */
export type GaussianSampler = {
  /** t = floor(sigma) + 1, the scale of the discrete Laplace. */
  readonly scale: bigint;
  /** The same as a number if it is below 2^53. */
  readonly smallScale: number | undefined;
  readonly scaleTop: number;
  /** The power of two, 1/2^15 and up, that `scaleTop` is a number of. */
  readonly scaleTopUnit: number;
  /** sigma^2 = varianceNumerator / varianceDenominator. */
  readonly varianceNumerator: bigint;
  /** t * varianceDenominator. */
  readonly step: bigint;
  /** 2 * varianceNumerator * varianceDenominator * t^2. */
  readonly denominator: bigint;
  readonly denominatorTop: number;
  readonly denominatorTopShift: bigint;
};

/** Throws RangeError unless 0 < sigma <= SIGMA_MAX. */
export function toGaussianSampler(sigma: number): GaussianSampler {
  if (!(sigma > 0 && sigma <= SIGMA_MAX)) {
    throw new RangeError(`sigma must be above 0 and at most 2^100, not ${sigma}`);
  }
  const root = toRatio(sigma);
  const varianceNumerator = (root.numerator * root.numerator) << GUARD_BITS;
  const varianceDenominator = (root.denominator * root.denominator) << GUARD_BITS;
  const scale = root.numerator / root.denominator + 1n;
  const scaleTopUnit = 2 ** (bitLength(scale) - TOP_BITS);
  const denominator = 2n * varianceNumerator * varianceDenominator * scale * scale;
  const denominatorTopShift = BigInt(bitLength(denominator) - TOP_BITS);
  return {
    scale,
    smallScale: scale <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(scale) : undefined,
    scaleTop: topOf(scale, scaleTopUnit),
    scaleTopUnit,
    varianceNumerator,
    step: scale * varianceDenominator,
    denominator,
    denominatorTop: Number(denominator >> denominatorTopShift),
    denominatorTopShift,
  };
}

/**
 * Guarantee: a sample of the discrete Gaussian of the sampler's sigma, exactly, given uniform and independent words. The
 * time it takes depends on the sample: draw where nobody can time it (spec/noise.md).
 */
export function sampleGaussian(sampler: GaussianSampler, words: RandomWords): bigint {
  for (;;) {
    const { magnitude, isNegative } = sampleLaplace(sampler, words);
    if (isAccepted(magnitude, sampler, words)) return isNegative ? -magnitude : magnitude;
  }
}

/** Algorithm 2: the discrete Laplace of scale t. Zero would come twice as often if -0 were not drawn again. */
function sampleLaplace(
  sampler: GaussianSampler,
  words: RandomWords,
): { magnitude: bigint; isNegative: boolean } {
  for (;;) {
    const remainder = sampleRemainder(sampler, words);
    let quotient = 0;
    while (tossExpMinusOne(words)) quotient += 1;
    const magnitude =
      quotient === 0 ? BigInt(remainder) : BigInt(remainder) + sampler.scale * BigInt(quotient);
    const isNegative = words.next() % 2 === 1;
    if (!isNegative || magnitude !== 0n) return { magnitude, isNegative };
  }
}

/** A number below t with probability proportional to e^(-number / t). */
function sampleRemainder(sampler: GaussianSampler, words: RandomWords): number | bigint {
  const { scale, smallScale, scaleTop: denominatorTop, scaleTopUnit } = sampler;
  for (;;) {
    const numerator =
      smallScale === undefined ? uniformBigBelow(scale, words) : uniformBelow(smallScale, words);
    const numeratorTop = topOf(numerator, scaleTopUnit);
    const fraction: Fraction = { numerator, denominator: scale, numeratorTop, denominatorTop };
    if (tossExpMinus(fraction, words)) return numerator;
  }
}

/** value / unit, rounded down exactly: a double divided by a power of two loses nothing, a bigint that became one may. */
function topOf(value: number | bigint, unit: number): number {
  return typeof value === 'number' || unit < 1
    ? Math.floor(Number(value) / unit)
    : Number(value / BigInt(unit));
}

/** True with probability exp(-(|Y| - sigma^2 / t)^2 / (2 sigma^2)), which turns the Laplace into the Gaussian. */
function isAccepted(magnitude: bigint, sampler: GaussianSampler, words: RandomWords): boolean {
  const { denominator, denominatorTop, denominatorTopShift } = sampler;
  const distance = magnitude * sampler.step - sampler.varianceNumerator;
  let numerator = distance * distance;
  let numeratorTop = Number(numerator >> denominatorTopShift);
  if (numeratorTop >= denominatorTop) {
    for (; numerator >= denominator; numerator -= denominator) if (!tossExpMinusOne(words)) return false;
    numeratorTop = Number(numerator >> denominatorTopShift);
  }
  return tossExpMinus({ numerator, denominator, numeratorTop, denominatorTop }, words);
}

/** The exact value of a positive double. */
function toRatio(value: number): { numerator: bigint; denominator: bigint } {
  let scaled = value;
  let shift = 0n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift += 1n;
  }
  return { numerator: BigInt(scaled), denominator: 1n << shift };
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}
