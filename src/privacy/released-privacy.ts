/** What a released total gives, for the collectors that are really in it (spec/noise.md, "Who is missing"). */
import { noiseVariance, worstNoiseVariance } from '../core/network.js';
import { epsilonOf } from './gaussian-dp.js';

type EffectivePrivacy = {
  /** The sum of squared weights whose noise counts. */
  readonly variance: number;
  /** The least epsilon at delta; infinity if no noise counts. */
  readonly epsilon: number;
};

export type ReleasedPrivacy = {
  readonly delta: number;
  readonly allHonest: EffectivePrivacy;
  /** If the heaviest collectors that may be dishonest added no noise, and those that may be curious know their own. */
  readonly worstTolerated: EffectivePrivacy;
};

/** `mu` is that of the plan's sigmas, `weights` those of the released set, `coalition` how many of it are tolerated. */
export function releasedPrivacy(
  weights: readonly number[],
  { mu, delta, coalition }: { mu: number; delta: number; coalition: number },
): ReleasedPrivacy {
  const at = (variance: number): EffectivePrivacy => ({
    variance,
    epsilon: variance > 0 ? epsilonOf(mu / Math.sqrt(variance), delta) : Infinity,
  });
  return {
    delta,
    allHonest: at(noiseVariance(weights)),
    worstTolerated: at(worstNoiseVariance(weights, coalition)),
  };
}

/** E may be stated with few digits. */
const EXCESS_TOLERANCE = 0.01;

/** True if the noise file's E is the sum of squared weights over all invited collectors, within 1 %. */
export function isExcessRight(stated: number, weights: readonly number[]): boolean {
  const variance = noiseVariance(weights);
  return Math.abs(stated - variance) <= EXCESS_TOLERANCE * variance;
}
