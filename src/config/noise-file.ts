/**
 * PrivCount's noise file: `privacy` and, of each counter, `sensitivity` and `estimated_value` (spec/noise.md). Sigmas and
 * other keys that the original leaves in it are ignored: they are computed anew.
 */
import { z } from 'zod';
import {
  type AllocationOptions,
  ALLOCATORS,
  CONDITIONS,
  HISTOGRAM_SENSITIVITIES,
} from '../privacy/allocation.js';
import { choice, numberFrom, positiveNumber, section } from './fields.js';
import { countersOf } from './named-counters.js';
import { type ConfigSource, parseYaml } from './yaml-file.js';

/** Sensitivities and estimates are counts of things: all bytes ever sent stay far below. */
const AMOUNT_MAX = 1e30;
const EPSILON_MAX = 64;
const DELTA_MAX = 0.5;
/** The sum of squares of some thousand weights. */
const EXCESS_MAX = 1e15;

export type CounterNoise = {
  readonly sensitivity: number;
  readonly estimatedValue: number;
};

export type NoiseFile = {
  readonly epsilon: number;
  readonly delta: number;
  /** E: the sum of squared weights of all collectors, as the operator states it. */
  readonly excessNoiseRatio: number;
  /** Ours: which allocator, with what; PrivCount's files say nothing of it. */
  readonly options: AllocationOptions;
  readonly counters: ReadonlyMap<string, CounterNoise>;
};

/**
 * `allowZero` is for rounds without noise, which only test keys can run: without it every number must be above 0. Throws
 * ConfigError with every fault of the file.
 */
export function parseNoise(source: ConfigSource, { allowZero = false } = {}): NoiseFile {
  const { privacy, counters } = parseYaml(source, schemaFor(allowZero));
  return {
    epsilon: privacy.epsilon,
    delta: privacy.delta,
    excessNoiseRatio: privacy.excess_noise_ratio,
    options: {
      allocator: privacy.allocator,
      condition: privacy.condition,
      histogramSensitivity: privacy.histogram_sensitivity,
    },
    counters: new Map(Object.entries(counters).map(([name, entry]) => [name, toCounterNoise(entry)])),
  };
}

type NoiseEntry = { sensitivity: number; estimated_value: number };

/** What the file says of one counter, or of one label of a traffic model. */
export function noiseEntry(allowZero: boolean): z.ZodType<NoiseEntry> {
  return z.object({
    sensitivity: amount(AMOUNT_MAX, allowZero),
    estimated_value: amount(AMOUNT_MAX, allowZero),
  });
}

export function toCounterNoise({ sensitivity, estimated_value: estimatedValue }: NoiseEntry): CounterNoise {
  return { sensitivity, estimatedValue };
}

function amount(max: number, allowZero: boolean): z.ZodNumber {
  return allowZero ? numberFrom(0, max) : positiveNumber(max);
}

function schemaFor(allowZero: boolean) {
  const ignored = z.unknown().optional();
  return section({
    privacy: section({
      epsilon: amount(EPSILON_MAX, allowZero),
      delta: amount(DELTA_MAX, allowZero),
      excess_noise_ratio: amount(EXCESS_MAX, allowZero),
      allocator: choice(ALLOCATORS).default('joint'),
      condition: choice(CONDITIONS).default('differential'),
      histogram_sensitivity: choice(HISTOGRAM_SENSITIVITIES).default('file'),
      epsilon_tolerance: ignored,
      sigma_tolerance: ignored,
      sigma_ratio_tolerance: ignored,
      sigma_ratio: ignored,
    }),
    counters: countersOf(noiseEntry(allowZero)),
  });
}
