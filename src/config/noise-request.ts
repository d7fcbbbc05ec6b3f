/** From a noise file to what an allocator is asked. */
import { isSingleBinName } from '../core/bins.js';
import { type NoiseRequest } from '../privacy/noise-request.js';
import { type CounterNoise, type NoiseFile } from './noise-file.js';

type Sampling = {
  /** `circuit_sample_rate` of the round. */
  readonly rate: number;
  /** True for counters that need events of circuits, which relays report only of sampled ones. */
  readonly isSampled: (name: string) => boolean;
};

/** `counters` are those of the file that the round has, and any that a traffic model adds. */
export function toNoiseRequest(
  { epsilon, delta, excessNoiseRatio }: Pick<NoiseFile, 'epsilon' | 'delta' | 'excessNoiseRatio'>,
  counters: Iterable<readonly [name: string, noise: CounterNoise]>,
  { rate, isSampled }: Sampling,
): NoiseRequest {
  return {
    epsilon,
    delta,
    excessNoiseRatio,
    counters: Array.from(counters, ([name, { sensitivity, estimatedValue }]) => ({
      name,
      sensitivity,
      estimatedValue,
      isHistogram: !isSingleBinName(name),
      sampleRate: isSampled(name) ? rate : 1,
    })),
  };
}
