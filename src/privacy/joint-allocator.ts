/**
 * Allocator `joint` (spec/noise.md): n counters with independent Gaussian noise are one Gaussian mechanism, so neither
 * epsilon nor delta is split between them.
 */
import { movedTogether } from './blocks.js';
import { muOf, type PrivacyCondition } from './gaussian-dp.js';
import { type CounterRequest, type NoiseRequest, sampledValue } from './noise-request.js';

/** How the file's sensitivity of a histogram, 2 s, is taken: as it is, or as its L2 value sqrt(2) s. */
export type HistogramSensitivity = 'file' | 'l2';

export type JointOptions = {
  readonly condition: PrivacyCondition;
  readonly histogramSensitivity: HistogramSensitivity;
};

/**
 * sigma_j = v_j * L / mu*, with L the length of the vector of Delta_j / v_j and mu* the largest that keeps the condition.
 *
 * Guarantee: if one person changes counter j by at most Delta_j (in L2 over its bins), and the noise in each bin of the
 * total is Gaussian of standard deviation sigma_j, all counters together are (epsilon, delta)-private in the sense of the
 * condition.
 */
export function allocateJointly(request: NoiseRequest, options: JointOptions): number[] {
  const mu = muOf(request, options.condition);
  const length = movedTogether(
    request.counters.map((counter) => ({
      block: counter.block,
      move: l2Sensitivity(counter, options.histogramSensitivity) / sampledValue(counter),
    })),
  );
  return request.counters.map((counter) => (sampledValue(counter) * length) / mu);
}

/** Delta: how far one person moves the counter, over all its bins. */
export function l2Sensitivity(
  { sensitivity, isHistogram = false }: CounterRequest,
  histogramSensitivity: HistogramSensitivity,
): number {
  return isHistogram && histogramSensitivity === 'l2' ? sensitivity / Math.SQRT2 : sensitivity;
}
