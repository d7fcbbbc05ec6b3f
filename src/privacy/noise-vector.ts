/** The noise of one collector: a discrete Gaussian value for each cell of its report, as a vector in Z/2^128. */
import { fromSigned, type RingVector } from '../core/ring.js';
import { type GaussianSampler, sampleGaussian, toGaussianSampler } from './discrete-gaussian.js';
import { type RandomBytes, RandomWords } from './random-words.js';

/** One value of the discrete Gaussian. Throws RangeError unless 0 < sigma <= SIGMA_MAX. */
export function sampleDiscreteGaussian(sigma: number, words: RandomWords): bigint {
  return sampleGaussian(toGaussianSampler(sigma), words);
}

/**
 * Guarantee: independent discrete Gaussian values of standard deviation `sigmas[i]` in cell i, exactly, given uniform and
 * independent bytes; 0 where `sigmas[i]` is 0. Throws RangeError on a sigma that is negative, not a number or above SIGMA_MAX.
 */
export function drawNoise(sigmas: Float64Array, random: RandomBytes): RingVector {
  const words = new RandomWords(random);
  const values: bigint[] = [];
  let sampler: { readonly sigma: number; readonly of: GaussianSampler } | undefined;
  for (const sigma of sigmas) {
    if (sigma === 0) {
      values.push(0n);
      continue;
    }
    // The bins of a counter share one sigma and follow each other.
    if (sampler?.sigma !== sigma) sampler = { sigma, of: toGaussianSampler(sigma) };
    values.push(sampleGaussian(sampler.of, words));
  }
  words.wipe();
  return fromSigned(values);
}
