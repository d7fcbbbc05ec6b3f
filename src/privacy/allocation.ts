/** The sigmas of a set of counters, and what they give (spec/noise.md). */
import { SIGMA_MAX } from './discrete-gaussian.js';
import { type PrivacyCondition, type PrivacyLevel } from './gaussian-dp.js';
import { allocateJointly, type HistogramSensitivity, l2Sensitivity } from './joint-allocator.js';
import { integratedEpsilon } from './loss-integral.js';
import { type CounterRequest, type NoiseRequest, requestFaults } from './noise-request.js';
import { muOfPlan } from './plan-privacy.js';
import { allocateAsPrivCount } from './privcount-allocator.js';

export const ALLOCATORS = ['joint', 'privcount'] as const;
export const CONDITIONS = ['differential', 'probabilistic'] as const satisfies readonly PrivacyCondition[];
export const HISTOGRAM_SENSITIVITIES = ['file', 'l2'] as const satisfies readonly HistogramSensitivity[];

export type AllocationOptions = {
  readonly allocator: (typeof ALLOCATORS)[number];
  /** For `joint`; `privcount` always has the probabilistic one, counter by counter. */
  readonly condition?: PrivacyCondition;
  /** For `joint`; `privcount` always takes the file's. */
  readonly histogramSensitivity?: HistogramSensitivity;
};

export type AllocatedCounter = CounterRequest & {
  /** The standard deviation of the noise in each bin of the total. */
  readonly sigma: number;
  /** sqrt(E) * sigma / v, with the unscaled v. */
  readonly expectedNoiseRatio: number;
  /** The counter's part of epsilon, where the allocator splits it. */
  readonly epsilon?: number;
};

export type Allocation = PrivacyLevel & {
  readonly allocator: (typeof ALLOCATORS)[number];
  /** The definition that the sigmas keep, at (epsilon, delta). */
  readonly condition: PrivacyCondition;
  readonly histogramSensitivity: HistogramSensitivity;
  readonly excessNoiseRatio: number;
  readonly counters: readonly AllocatedCounter[];
  /** mu of all counters together. */
  readonly mu: number;
  /** The least epsilon of plain differential privacy at delta, by numerical integration of its definition. */
  readonly integratedEpsilon: number;
};

/** A counter would need more noise than a total has room for. */
export class SigmaTooLargeError extends RangeError {
  readonly counter: string;
  readonly sigma: number;

  constructor(counter: string, sigma: number) {
    super(`counter ${counter} would need a sigma of ${sigma}, which does not fit into a total`);
    this.name = 'SigmaTooLargeError';
    this.counter = counter;
    this.sigma = sigma;
  }
}

/** Throws RangeError if the request has faults, and SigmaTooLargeError if a sigma passes SIGMA_MAX. */
export function allocateNoise(request: NoiseRequest, options: AllocationOptions): Allocation {
  checkRequest(request);
  const isJoint = options.allocator === 'joint';
  const condition = isJoint ? (options.condition ?? 'differential') : 'probabilistic';
  const histogramSensitivity = isJoint ? (options.histogramSensitivity ?? 'file') : 'file';
  const { sigmas, epsilons } = isJoint
    ? { sigmas: allocateJointly(request, { condition, histogramSensitivity }), epsilons: undefined }
    : allocateAsPrivCount(request);
  const root = Math.sqrt(request.excessNoiseRatio);
  const mu = muOfPlan(
    request.counters.map((counter, at) => ({
      sensitivity: l2Sensitivity(counter, histogramSensitivity),
      sigma: sigmas[at]!,
      block: counter.block,
    })),
  );
  return {
    epsilon: request.epsilon,
    delta: request.delta,
    allocator: options.allocator,
    condition,
    histogramSensitivity,
    excessNoiseRatio: request.excessNoiseRatio,
    counters: request.counters.map((counter, at) => ({
      ...counter,
      sigma: checkedSigma(counter, sigmas[at]!),
      expectedNoiseRatio: (root * sigmas[at]!) / counter.estimatedValue,
      ...(epsilons === undefined ? {} : { epsilon: epsilons[at]! }),
    })),
    mu,
    integratedEpsilon: integratedEpsilon(mu, request.delta),
  };
}

function checkRequest(request: NoiseRequest): void {
  if (request.counters.length === 0) throw new RangeError('there are no counters to allocate noise to');
  const [fault] = requestFaults(request);
  if (fault === undefined) return;
  const of = fault.counter === undefined ? '' : ` of counter ${fault.counter}`;
  throw new RangeError(`${fault.key}${of} can't be ${fault.value}`);
}

function checkedSigma({ name }: CounterRequest, sigma: number): number {
  if (sigma > 0 && sigma <= SIGMA_MAX) return sigma;
  throw new SigmaTooLargeError(name, sigma);
}
