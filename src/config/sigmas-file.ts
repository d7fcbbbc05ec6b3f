/**
 * PrivCount's sigmas file: `counters: {Name: {sigma}}`. An allocation file of a noise file is one too: its `privacy` and
 * what else it says of a counter are ignored.
 */
import { z } from 'zod';
import { SIGMA_MAX } from '../privacy/discrete-gaussian.js';
import { numberFrom, positiveNumber, section } from './fields.js';
import { countersOf } from './named-counters.js';
import { type ConfigSource, parseYaml } from './yaml-file.js';

/**
 * The standard deviation of the noise in each bin's total, by counter. `allowZero` is for rounds without noise, which only
 * test keys can run. Throws ConfigError with every fault of the file.
 */
export function parseSigmas(source: ConfigSource, { allowZero = false } = {}): ReadonlyMap<string, number> {
  const sigma = allowZero ? numberFrom(0, SIGMA_MAX) : positiveNumber(SIGMA_MAX);
  const schema = section({ privacy: z.unknown().optional(), counters: countersOf(z.object({ sigma })) });
  const { counters } = parseYaml(source, schema);
  return new Map(Object.entries(counters).map(([name, entry]) => [name, entry.sigma]));
}
