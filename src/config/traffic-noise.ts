/** The noise file of a traffic model (spec/counters.md, 6.4): labels, each for all counters of its kind, and their noise. */
import { z } from 'zod';
import { section } from './fields.js';
import { countersOf } from './named-counters.js';
import { type CounterNoise, noiseEntry, toCounterNoise } from './noise-file.js';
import { type ConfigSource, parseYaml } from './yaml-file.js';

/** By label, as the file writes it. Throws ConfigError, as `parseNoise` does, on numbers that are not above 0. */
export function parseTrafficNoise(
  source: ConfigSource,
  { allowZero = false } = {},
): ReadonlyMap<string, CounterNoise> {
  const { counters: labels } = parseYaml(
    source,
    section({ privacy: z.unknown().optional(), counters: countersOf(noiseEntry(allowZero)) }),
  );
  return new Map(Object.entries(labels).map(([label, entry]) => [label, toCounterNoise(entry)]));
}
