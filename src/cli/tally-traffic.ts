/** The traffic model that the tally's config.yaml names, and the counters that it adds to a round (spec/counters.md, 6.4). */
import { expandLabels, modelCounters } from '../collection/traffic/model-counters.js';
import { readTrafficModel, toModelText } from '../collection/traffic/model-file.js';
import { type TrafficModel } from '../collection/traffic/traffic-model.js';
import { checkNoFaults } from '../config/config-error.js';
import { type CounterNoise } from '../config/noise-file.js';
import { type TallyConfig } from '../config/tally-config.js';
import { parseTrafficNoise } from '../config/traffic-noise.js';
import { type Bin } from '../core/bins.js';
import { readSource } from './read-config.js';

/** All of them are plain counts. */
export const TRAFFIC_BINS: readonly Bin[] = [[0, Infinity]];

export type RoundTraffic = {
  readonly model: TrafficModel;
  /** The form in which it travels. */
  readonly bytes: Uint8Array;
  /** All counters that the model has. */
  readonly names: ReadonlySet<string>;
  /** Those that the round has, by their noise; undefined if there is no file of it, as where sigmas are given. */
  readonly noise: ReadonlyMap<string, CounterNoise> | undefined;
};

/** Undefined if none is configured. Throws ConfigError on what is wrong with the model or its noise. */
export function readRoundTraffic(
  {
    trafficModelFile: path,
    trafficNoiseFile,
    noiseOff,
  }: Pick<TallyConfig, 'trafficModelFile' | 'trafficNoiseFile' | 'noiseOff'>,
  warn: (message: string) => void,
): RoundTraffic | undefined {
  if (path === undefined) return undefined;
  const { bytes } = readSource(path, 'a traffic model');
  const { model, faults, warnings } = readTrafficModel(new TextDecoder().decode(bytes));
  const wanted = 'a model as spec and doc/counters.md describe it';
  checkNoFaults(faults.map((problem) => ({ file: path, key: '', problem, wanted })));
  for (const warning of warnings) warn(`${path}: ${warning}`);
  return {
    model: model!,
    bytes: new TextEncoder().encode(toModelText(model!)),
    names: new Set(modelCounters(model!).map(({ name }) => name)),
    noise:
      trafficNoiseFile === undefined ? undefined : readNoise(trafficNoiseFile, model!, { noiseOff, warn }),
  };
}

function readNoise(
  file: string,
  model: TrafficModel,
  { noiseOff, warn }: { noiseOff: boolean; warn: (message: string) => void },
): ReadonlyMap<string, CounterNoise> {
  const labels = parseTrafficNoise(readSource(file, 'the noise file of a traffic model'), {
    allowZero: noiseOff,
  });
  const { counters, faults, warnings } = expandLabels(model, labels);
  checkNoFaults(
    faults.map((problem) => ({ file, key: 'counters', problem, wanted: 'labels of this model' })),
  );
  for (const warning of warnings) warn(`${file}: ${warning}`);
  return counters;
}
