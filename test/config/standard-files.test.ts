/** The counters of standard events that come with the program, and their noise. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { parseCounters } from '../../src/config/counters-file.js';
import { parseNoise } from '../../src/config/noise-file.js';

const source = (file: string) => ({ file, bytes: readFileSync(file) });

describe('the files of counters of standard events', () => {
  const counters = parseCounters(source('config/counters/standard.bins.yaml'));
  const { counters: noise } = parseNoise(source('config/noise/standard.yaml'));

  it('have counters of the catalogue, all of standard events, and noise for each', () => {
    for (const name of counters.keys()) expect(CATALOGUE.get(name)?.family, name).to.equal('standard events');
    expect([...noise.keys()]).to.deep.equal([...counters.keys()]);
    expect(counters.size).to.equal(7);
  });
});
