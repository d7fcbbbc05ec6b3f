/**
 * Noise of a traffic model's counters (spec/counters.md, 6.4): a file of labels, each for all counters of its kind. Labels
 * left out leave their counters out.
 */
import { z } from 'zod';
import { type Bin } from '../core/bins.js';
import { TRAFFIC_BINS, trafficCounters, type TrafficModelShape } from '../core/traffic-counters.js';
import { type CombinedCounter } from './combine-counters.js';
import { checkNoFaults } from './config-error.js';
import { section } from './fields.js';
import { countersOf } from './named-counters.js';
import { type CounterNoise, noiseEntry, toCounterNoise } from './noise-file.js';
import { type ConfigSource, parseYaml } from './yaml-file.js';

/** A label of the original for which there is no counter; its own test file has it (spec/counters.md, Q35). */
const IGNORED_LABEL = 'ExitCircuitTrafficModelStreamCount';

/**
 * The model's counters with the noise of their labels. Throws ConfigError on a label that the model has no counters for,
 * and, as `parseNoise` does, on numbers that are not above 0.
 */
export function parseTrafficNoise(
  source: ConfigSource,
  model: TrafficModelShape,
  { allowZero = false } = {},
): CombinedCounter<CounterNoise>[] {
  const { counters: labels } = parseYaml(
    source,
    section({ privacy: z.unknown().optional(), counters: countersOf(noiseEntry(allowZero)) }),
  );
  const candidates = trafficCounters(model);
  const known = new Set(candidates.map(({ label }) => label));
  checkNoFaults(
    Object.keys(labels)
      .filter((label) => !known.has(label) && label !== IGNORED_LABEL)
      .map((label) => ({
        file: source.file,
        key: `counters.${label}`,
        problem: 'is no label of this traffic model',
        wanted: `one of: ${[...known].join(', ')}`,
      })),
  );
  const bins: readonly Bin[] = TRAFFIC_BINS;
  return candidates.flatMap(({ name, label }) =>
    Object.hasOwn(labels, label) ? [{ name, bins, noise: toCounterNoise(labels[label]!) }] : [],
  );
}
