/** PrivCount's own files load unchanged. */
import { expect } from 'chai';
import { combineCounters } from '../../src/config/combine-counters.js';
import { parseCounters } from '../../src/config/counters-file.js';
import { listKindOf } from '../../src/config/list-bins.js';
import { parseNoise } from '../../src/config/noise-file.js';
import { parseSigmas } from '../../src/config/sigmas-file.js';
import { type ConfigSource } from '../../src/config/yaml-file.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';
import { configErrorOf } from './faults.js';

const original = (name: string): ConfigSource => ({ file: name, bytes: readShared(`original/${name}.gz`) });

/** PrivCount's 5,314 counters, without ZeroCount, which each round adds by itself. */
const COUNTERS = 5313;

describeWithSharedData('PrivCount’s own files', () => {
  it('give bins, 11,455 of them without ZeroCount’s', () => {
    const counters = parseCounters(original('counters.bins.yaml'));
    expect(counters.size).to.equal(COUNTERS);
    expect([...counters.values()].reduce((sum, bins) => sum + bins.length, 0)).to.equal(11_455);
  });

  it('give zeros for noise, which only rounds without noise take', () => {
    const file = original('counters.noise.yaml');
    expect(parseNoise(file, { allowZero: true }).counters.size).to.equal(COUNTERS);
    expect(configErrorOf(() => parseNoise(file)).faults).to.have.length(2 * COUNTERS + 3);
  });

  it('give sigmas for the same counters as the bins', () => {
    const bins = { file: 'b', counters: parseCounters(original('counters.bins.yaml')) };
    const sigmas = { file: 's', counters: parseSigmas(original('counters.sigmas_large.yaml')) };
    expect(combineCounters(bins, sigmas, { accept: /.+/u })).to.have.length(COUNTERS);
  });

  it('have 394 counters over match lists, in the numbers of the specification', () => {
    const numbers: Record<string, number> = {};
    for (const name of parseCounters(original('counters.bins.yaml')).keys()) {
      const kind = listKindOf(name);
      expect(kind !== undefined, name).to.equal(name.endsWith('CountList'));
      if (kind !== undefined) numbers[kind] = (numbers[kind] ?? 0) + 1;
    }
    expect(numbers).to.deep.equal({
      domains: 8,
      countries: 42,
      autonomousSystems: 42,
      hsdirStores: 45,
      hsdirFetches: 15,
      circuitFailures: 206,
      onionAddresses: 36,
    });
  });
});
