/** Allocation for operators: what is wrong with the numbers is said of the counter and the file that they come from. */
import { ConfigError, checkNoFaults, type ConfigFault } from '../config/config-error.js';
import {
  type Allocation,
  type AllocationOptions,
  allocateNoise,
  SigmaTooLargeError,
} from '../privacy/allocation.js';
import { type NoiseRequest, requestFaults } from '../privacy/noise-request.js';

const WANTED: Readonly<Record<string, string>> = {
  delta: 'a number above 0 and below 1',
  circuit_sample_rate: 'a number above 0 and at most 1',
};

/** Throws ConfigError with every number that noise can't be made of; `file` is where they come from. */
export function checkedAllocation(
  request: NoiseRequest,
  options: AllocationOptions,
  file: string,
): Allocation {
  checkNoFaults(
    requestFaults(request).map(({ counter, key, value }) => ({
      file,
      key: counter === undefined ? `privacy.${key}` : `counters.${counter}.${key}`,
      value: String(value),
      problem: Number.isNaN(value) ? 'is no number' : 'is no number that noise can be made of',
      wanted: WANTED[key] ?? 'a number above 0',
    })),
  );
  try {
    return allocateNoise(request, options);
  } catch (error) {
    if (error instanceof SigmaTooLargeError) throw new ConfigError([tooLarge(error, file)], { cause: error });
    throw error;
  }
}

function tooLarge({ counter, sigma }: SigmaTooLargeError, file: string): ConfigFault {
  return {
    file,
    key: `counters.${counter}`,
    problem: `would need noise of a sigma of ${sigma.toPrecision(4)}, more than a total has room for`,
    wanted: 'smaller sensitivities or estimated values, or a larger epsilon or delta',
  };
}
