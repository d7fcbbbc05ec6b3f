/** The counters of metrics pages that come with the program, and their noise. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { parseCounters } from '../../src/config/counters-file.js';
import { parseNoise } from '../../src/config/noise-file.js';

const source = (file: string) => ({ file, bytes: readFileSync(file) });

describe('the files of counters of metrics pages', () => {
  const counters = parseCounters(source('config/counters/metrics.bins.yaml'));
  const { counters: noise } = parseNoise(source('config/noise/metrics.yaml'));

  it('have counters of the catalogue, all of metrics pages', () => {
    for (const name of counters.keys()) expect(CATALOGUE.get(name)?.family, name).to.equal('metrics page');
    expect(counters.size).to.equal(17);
  });

  it('have noise for each, with the sensitivity that is advised', () => {
    expect([...noise.keys()]).to.deep.equal([...counters.keys()]);
    for (const [name, { sensitivity }] of noise)
      expect(sensitivity, name).to.equal(CATALOGUE.get(name)!.advice!.sensitivity);
  });
});
