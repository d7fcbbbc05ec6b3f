/** The noise of a network on one machine: its level, what network.yaml pins of it, and the collectors' weights. */
import { parseNoise } from '../config/noise-file.js';
import { parseSigmas } from '../config/sigmas-file.js';
import { noiseVariance } from '../core/network.js';
import { type LocalNetworkOptions } from './local-network-options.js';
import { readSource } from './read-config.js';
import { sensitivitiesOf, tableDigest, withoutCheckCounters } from './tally-noise.js';
import { readRoundTraffic } from './tally-traffic.js';

export type NoiseOfNetwork = {
  readonly level: { readonly epsilon: number; readonly delta: number };
  readonly pinned: { readonly sigmasDigest?: string; readonly sensitivitiesDigest?: string };
  /** The tally's copy of the file. */
  readonly text: string;
};

/** What a file of sigmas keeps is not known from it: this is what PrivCount's operators aimed at. */
const PRIVCOUNT_LEVEL = { epsilon: 0.3, delta: 0.001 };

export function readNoiseInput(options: LocalNetworkOptions): NoiseOfNetwork {
  const { kind, file } = options.noise;
  const source = readSource(file, kind === 'noise' ? 'a noise file' : 'a sigmas file');
  const text = new TextDecoder().decode(source.bytes);
  if (options.isNoiseOff) return { level: PRIVCOUNT_LEVEL, pinned: {}, text };
  if (kind === 'sigmas') {
    const sigmas = withoutCheckCounters(parseSigmas(source));
    return { level: PRIVCOUNT_LEVEL, pinned: { sigmasDigest: tableDigest(sigmas) }, text };
  }
  const noise = parseNoise(source);
  const { epsilon, delta } = noise;
  const level = { epsilon, delta };
  const counters = new Map([...noise.counters, ...trafficNoiseOf(options)]);
  return {
    level,
    pinned: { sensitivitiesDigest: tableDigest(sensitivitiesOf({ ...noise, counters })) },
    text: withExcess(text, options),
  };
}

/** The counters that the traffic model adds to a round with noise. */
function trafficNoiseOf({ trafficModel, trafficNoise, isNoiseOff }: LocalNetworkOptions) {
  const files = { trafficModelFile: trafficModel, trafficNoiseFile: trafficNoise, noiseOff: isNoiseOff };
  return readRoundTraffic(files, () => undefined)?.noise ?? new Map<string, never>();
}

/** The noise file with E as this network's weights add up to; everything else stays as it was written. */
function withExcess(text: string, options: LocalNetworkOptions): string {
  const weight = weightOf(options);
  const variance = noiseVariance(Array.from({ length: options.collectors }, () => weight));
  return text.replace(/^(\s*excess_noise_ratio:).*$/m, `$1 ${variance}`);
}

export function noiseFileName({ noise }: LocalNetworkOptions): string {
  return `counters.${noise.kind}.yaml`;
}

/** The weight at which the collectors that must remain add the whole noise; rounded up at the sixth decimal. */
export function weightOf({ collectors, toleratedLost }: LocalNetworkOptions): number {
  return Math.ceil(1e6 / Math.sqrt(Math.max(1, collectors - toleratedLost))) / 1e6;
}
