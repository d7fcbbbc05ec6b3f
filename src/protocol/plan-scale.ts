/**
 * The steps that a plan counts in (spec/noise.md, "Drawing it"). They follow from its sigmas and weights: the tally
 * states their number and does not choose it, and nodes refuse a plan that states another.
 */
import { isCheckCounter } from '../core/counters.js';
import { isWithinRing, scaleBitsFor, SCALE_BITS_MAX, SHARE_MIN } from '../privacy/noise-scale.js';
import { type Plan } from './plan.js';

type Noise = Pick<Plan, 'noise' | 'counters' | 'collectors'>;

/** The least k with which each collector's share of each sigma is wide enough in steps of 2^-k; undefined if there is none. */
export function scaleBitsOf(plan: Noise): number | undefined {
  return plan.noise === 'off' ? 0 : scaleBitsFor(sharesOf(plan));
}

/** Each collector's share of the noise must be wide enough to add up to a Gaussian, and the sum must fit into a cell. */
export function scaleObjections(plan: Plan): string[] {
  const wanted = scaleBitsOf(plan);
  const objections = wanted === undefined ? narrowObjections(plan) : stepObjections(plan, wanted);
  if (plan.noise === 'on' && !isWithinRing(sharesOf(plan), plan.scaleBits)) {
    objections.push('the noise would not fit into a cell');
  }
  return objections;
}

function stepObjections({ scaleBits }: Plan, wanted: number): string[] {
  if (scaleBits === wanted) return [];
  return [`the plan counts in steps of 2^-${scaleBits}, where its noise needs steps of 2^-${wanted}`];
}

function narrowObjections(plan: Plan): string[] {
  const { weights } = sharesOf(plan);
  const least = weights.filter((weight) => weight > 0).reduce((left, right) => Math.min(left, right));
  return noisyCounters(plan)
    .filter(({ sigma }) => !(sigma * least * 2 ** SCALE_BITS_MAX >= SHARE_MIN))
    .map(
      ({ name, sigma }) =>
        `counter ${name} has sigma ${sigma}, of which the lightest collector's share of ${least} is below ` +
        `${SHARE_MIN} steps of 2^-${SCALE_BITS_MAX}`,
    );
}

function sharesOf(plan: Noise) {
  return {
    sigmas: noisyCounters(plan).map(({ sigma }) => sigma),
    weights: plan.collectors.map(({ weight }) => weight),
  };
}

function noisyCounters({ counters }: Noise): Plan['counters'] {
  return counters.filter(({ name }) => !isCheckCounter(name));
}
