/** The noise of the tally's counters: sigmas as a file gives them, or allocated from sensitivities and estimates. */
import {
  combineCounters,
  filterCounters,
  type CombinedCounter,
  type NameFilters,
} from '../config/combine-counters.js';
import { checkNoFaults, type ConfigFault } from '../config/config-error.js';
import { parseNoise, type CounterNoise, type NoiseFile } from '../config/noise-file.js';
import { toNoiseRequest } from '../config/noise-request.js';
import { parseSigmas } from '../config/sigmas-file.js';
import { type TallyConfig } from '../config/tally-config.js';
import { type Bin, isSingleBinName } from '../core/bins.js';
import { type Counter, isCheckCounter } from '../core/counters.js';
import { noiseVariance, type Network } from '../core/network.js';
import { type Allocation } from '../privacy/allocation.js';
import { discreteSigma } from '../privacy/discrete-margin.js';
import { l2Sensitivity } from '../privacy/joint-allocator.js';
import { isExcessRight } from '../privacy/released-privacy.js';
import { artifactDigest } from '../roles/artifacts.js';
import { encodeNumberTable } from '../roles/number-table.js';
import { checkedAllocation } from './checked-allocation.js';
import { readSource } from './read-config.js';
import { TRAFFIC_BINS, type RoundTraffic } from './tally-traffic.js';
import { isSampled } from './sampled-counters.js';

type Bins = { readonly file: string; readonly counters: ReadonlyMap<string, readonly Bin[]> };

export type NoisyCounters = {
  readonly counters: readonly Counter[];
  /** The table that network.yaml pins, if noise is on. */
  readonly table:
    { readonly kind: 'sigmas' | 'sensitivities'; readonly numbers: ReadonlyMap<string, number> } | undefined;
  readonly allocation: Allocation | undefined;
};

type NoiseInputs = {
  readonly bins: Bins;
  readonly filters: NameFilters;
  readonly config: TallyConfig;
  readonly network: Network;
  /** Its counters come after the name filters, which do not touch them, and instead of ordinary ones of the same name. */
  readonly traffic: RoundTraffic | undefined;
};

/** Throws ConfigError on what is wrong with the noise, naming file and counter. */
export function addNoise(inputs: NoiseInputs): NoisyCounters {
  if (inputs.config.noiseOff) return withoutNoise(inputs);
  return inputs.config.noise!.kind === 'sigmas' ? withSigmas(inputs) : withAllocation(inputs);
}

/** The noise file, if there is one, is still read: PrivCount's own of zeros is one that says so. */
function withoutNoise({ bins, filters, config: { noise }, traffic }: NoiseInputs): NoisyCounters {
  if (noise?.kind === 'sigmas') parseSigmas(readSource(noise.file, 'a sigmas file'), { allowZero: true });
  if (noise?.kind === 'noise') parseNoise(readSource(noise.file, 'a noise file'), { allowZero: true });
  const names = new Set(traffic?.noise?.keys() ?? traffic?.names ?? []);
  const ordinary = filterCounters(bins, filters)
    .filter(({ name }) => !names.has(name))
    .map(({ name, bins: its }) => ({ name, bins: its, sigma: 0 }));
  const ofModel = Array.from(names, (name) => ({ name, bins: TRAFFIC_BINS, sigma: 0 }));
  return { counters: [...ordinary, ...ofModel], table: undefined, allocation: undefined };
}

function withSigmas({ bins, filters, config, network, traffic }: NoiseInputs): NoisyCounters {
  const { file } = config.noise!;
  const sigmas = withoutCheckCounters(parseSigmas(readSource(file, 'a sigmas file')));
  const isOfModel = (name: string): boolean => traffic?.names.has(name) === true && !bins.counters.has(name);
  const ordinary = new Map([...sigmas].filter(([name]) => !isOfModel(name)));
  const counters = [
    ...combineCounters(bins, { file, counters: ordinary }, filters),
    ...[...sigmas]
      .filter(([name]) => isOfModel(name))
      .map(([name, noise]) => ({ name, bins: TRAFFIC_BINS, noise })),
  ].map(({ name, bins: its, noise }) => ({ name, bins: its, sigma: noise }));
  checkNoFaults(
    digestFaults(file, 'sigmas_digest', { wanted: network.privacy.sigmasDigest, numbers: sigmas }),
  );
  return { counters, table: { kind: 'sigmas', numbers: sigmas }, allocation: undefined };
}

function withAllocation({ bins, filters, config, network, traffic }: NoiseInputs): NoisyCounters {
  const { file } = config.noise!;
  const ordinary = parseNoise(readSource(file, 'a noise file'));
  const ofModel = traffic?.noise ?? new Map<string, CounterNoise>();
  const combined = [
    ...combineCounters(bins, { file, counters: withoutCheckCounters(ordinary.counters) }, filters).filter(
      ({ name }) => !ofModel.has(name),
    ),
    ...[...ofModel].map(([name, its]) => ({ name, bins: TRAFFIC_BINS, noise: its })),
  ];
  const noise = { ...ordinary, counters: new Map([...ordinary.counters, ...ofModel]) };
  const allocation = allocate(noise, combined, file, config);
  checkNoFaults(levelFaults(noise, network, file));
  const sensitivities = sensitivitiesOf(noise);
  const wanted = network.privacy.sensitivitiesDigest;
  checkNoFaults(digestFaults(file, 'sensitivities_digest', { wanted, numbers: sensitivities }));
  const counters = combined.map(({ name, bins: its }, at) => ({
    name,
    bins: its,
    sigma: discreteSigma(allocation.counters[at]!.sigma),
  }));
  return { counters, table: { kind: 'sensitivities', numbers: sensitivities }, allocation };
}

/** PrivCount's files list the check counter, which every round has anyway, and without noise. */
export function withoutCheckCounters<Value>(
  counters: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  return new Map([...counters].filter(([name]) => !isCheckCounter(name)));
}

function allocate(
  noise: NoiseFile,
  counters: readonly CombinedCounter<CounterNoise>[],
  file: string,
  { circuitSampleRate }: TallyConfig,
): Allocation {
  const named = counters.map(({ name, noise: its }) => [name, its] as const);
  const request = toNoiseRequest(noise, named, { rate: circuitSampleRate, isSampled });
  return checkedAllocation(request, noise.options, file);
}

/** The file's promise must be network.yaml's or a stricter one, and E what the weights add up to. */
function levelFaults(noise: NoiseFile, { privacy, collectors }: Network, file: string): ConfigFault[] {
  const faults: ConfigFault[] = [];
  for (const key of ['epsilon', 'delta'] as const) {
    if (noise[key] > privacy[key]) {
      const problem = `is above network.yaml's privacy.${key} of ${privacy[key]}`;
      faults.push({
        file,
        key: `privacy.${key}`,
        value: String(noise[key]),
        problem,
        wanted: `at most ${privacy[key]}`,
      });
    }
  }
  const weights = collectors.map(({ noiseWeight }) => noiseWeight);
  if (!isExcessRight(noise.excessNoiseRatio, weights)) {
    const wanted = noiseVariance(weights);
    faults.push({
      file,
      key: 'privacy.excess_noise_ratio',
      value: String(noise.excessNoiseRatio),
      problem: 'is not the sum of the squared noise weights in network.yaml',
      wanted: `${Number(wanted.toPrecision(6))}, within 1 %`,
    });
  }
  return faults;
}

/** How far one person moves each counter in L2, as the file's options take it: what network.yaml pins. */
export function sensitivitiesOf({ counters, options }: NoiseFile): ReadonlyMap<string, number> {
  const histogramSensitivity =
    options.allocator === 'joint' ? (options.histogramSensitivity ?? 'file') : 'file';
  return new Map(
    [...withoutCheckCounters(counters)].map(([name, { sensitivity, estimatedValue }]) => {
      const counter = { name, sensitivity, estimatedValue, isHistogram: !isSingleBinName(name) };
      return [name, l2Sensitivity(counter, histogramSensitivity)];
    }),
  );
}

/** The digest of a table, as network.yaml names it. */
export function tableDigest(numbers: ReadonlyMap<string, number>): string {
  return artifactDigest(encodeNumberTable(numbers));
}

type Pinned = { readonly wanted: string | undefined; readonly numbers: ReadonlyMap<string, number> };

function digestFaults(file: string, key: string, { wanted, numbers }: Pinned): ConfigFault[] {
  const found = tableDigest(numbers);
  if (wanted === found || wanted === undefined) return [];
  return [
    {
      file,
      key: 'counters',
      problem: `gives a table whose digest is ${found}, but network.yaml's privacy.${key} is ${wanted}`,
      wanted: 'the file that all operators agreed on, or a network.yaml with this digest at every node',
    },
  ];
}
