/**
 * PrivCount's file of bins: `counters: {Name: {bins: [[low, high], ...]}}`, `.inf` and `-.inf` allowed
 * (spec/rounds.md, section 3). Other keys of a counter are left alone, as in the original.
 */
import { z } from 'zod';
import { type Bin, counterBinFaults } from '../core/bins.js';
import { checkNoFaults, type ConfigFault, showValue } from './config-error.js';
import { section } from './fields.js';
import { countersOf } from './named-counters.js';
import { type ConfigSource, parseYaml } from './yaml-file.js';

/** PrivCount's largest histograms have some 60 bins; lists of domains may have more. */
const BINS_MAX = 10_000;
const binsWanted = `a list of 1 to ${BINS_MAX} bins [low, high], numbers or .inf`;

const bin = z.custom<Bin>(isBin, {
  error: 'a bin [low, high] of two numbers, each a number or .inf or -.inf',
});
const schema = section({
  counters: countersOf(
    z.object({ bins: z.array(bin, { error: binsWanted }).max(BINS_MAX, { error: binsWanted }).optional() }),
  ),
});

/**
 * The counters in the order of the file. A list counter may have no bins here: match lists give it some
 * (spec/counters.md, 5.1). Throws ConfigError with every fault of the file.
 */
export function parseCounters(source: ConfigSource): ReadonlyMap<string, readonly Bin[]> {
  const { counters } = parseYaml(source, schema);
  const given = Object.entries(counters);
  checkNoFaults(
    given.flatMap(([name, { bins }]) =>
      bins === undefined && isListCounter(name) ? [] : binsFaults(name, bins, source),
    ),
  );
  return new Map(given.map(([name, { bins }]) => [name, bins ?? []]));
}

function isListCounter(name: string): boolean {
  return name.endsWith('CountList');
}

function binsFaults(name: string, bins: readonly Bin[] | undefined, { file }: ConfigSource): ConfigFault[] {
  const at = {
    file,
    key: `counters.${name}.bins`,
    wanted: 'bins [low, high) that do not overlap; .inf for no end',
  };
  if (bins === undefined) return [{ ...at, problem: 'is missing' }];
  return counterBinFaults(name, bins).map((problem) => ({ ...at, value: showValue(bins)!, problem }));
}

function isBin(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((end) => typeof end === 'number' && !Number.isNaN(end))
  );
}
