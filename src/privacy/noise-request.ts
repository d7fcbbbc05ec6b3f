/** What an allocator is asked: the promise, and of each counter how far one person moves it and how large it is. */
import { type PrivacyLevel } from './gaussian-dp.js';

export type CounterRequest = {
  readonly name: string;
  /** s: the most that one person's protected activity changes the counter, as PrivCount's files state it. */
  readonly sensitivity: number;
  /** v: what the counter is expected to come to; the noise is spread in proportion to it. */
  readonly estimatedValue: number;
  /** True for a histogram: PrivCount's sensitivity is twice the amount that moves from one bin to another. */
  readonly isHistogram?: boolean;
  /** The share of its events that relays report (`circuit_sample_rate`); 1 if absent. */
  readonly sampleRate?: number;
  /** One person's change hits only one of the counters of a block (spec/noise.md, "Blocks"); its own if absent. */
  readonly block?: string;
};

export type NoiseRequest = PrivacyLevel & {
  /** E: the sum of squared noise weights; it scales the expected ratios and nothing else. */
  readonly excessNoiseRatio: number;
  readonly counters: readonly CounterRequest[];
};

/** What is wrong with a request, by the key and, if it is about one, the counter; empty if it is fine. */
export type RequestFault = {
  readonly counter?: string;
  readonly key: string;
  readonly value: number;
};

/**
 * Every number that is not what an allocator can work with. In PrivCount one zero silences the noise of all counters, so
 * nothing that is not above 0 passes here (spec/noise.md, "Traps").
 */
export function requestFaults({ epsilon, delta, excessNoiseRatio, counters }: NoiseRequest): RequestFault[] {
  const faults: RequestFault[] = [];
  const check = (isRight: boolean, fault: RequestFault): void => {
    if (!isRight) faults.push(fault);
  };
  check(isPositive(epsilon), { key: 'epsilon', value: epsilon });
  check(delta > 0 && delta < 1, { key: 'delta', value: delta });
  check(isPositive(excessNoiseRatio), { key: 'excess_noise_ratio', value: excessNoiseRatio });
  for (const { name: counter, sensitivity, estimatedValue, sampleRate = 1 } of counters) {
    check(isPositive(sensitivity), { counter, key: 'sensitivity', value: sensitivity });
    check(isPositive(estimatedValue), { counter, key: 'estimated_value', value: estimatedValue });
    check(sampleRate > 0 && sampleRate <= 1, { counter, key: 'circuit_sample_rate', value: sampleRate });
  }
  return faults;
}

function isPositive(value: number): boolean {
  return value > 0 && value < Infinity;
}

/** v as the allocation uses it: what is expected of the events that are reported. */
export function sampledValue({ estimatedValue, sampleRate = 1 }: CounterRequest): number {
  return estimatedValue * sampleRate;
}
