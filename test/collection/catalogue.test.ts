/** The catalogue: the original's names, and what it says of each. */
import { expect } from 'chai';

import { CATALOGUE, CHECK_ENTRIES } from '../../src/collection/catalogue/catalogue.js';
import { ZERO_COUNT } from '../../src/core/counters.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';

describe('catalogue', () => {
  it('has 303 counters of exit streams, each name once', () => {
    const ofFamily = (family: string): number =>
      [...CATALOGUE.values()].filter((entry) => entry.family === family).length;
    expect(ofFamily('exit streams')).to.equal(261);
    expect(ofFamily('exit domain histograms')).to.equal(20);
    expect(ofFamily('exit domain lists')).to.equal(8);
    expect(ofFamily('streams per exit circuit')).to.equal(14);
  });

  it('says in one sentence what each counter means', () => {
    for (const { name, meaning, unit } of CATALOGUE.values()) {
      expect(meaning, name).to.match(/^[A-Z][^\n]{20,220}\.$/);
      expect(unit, name).to.match(/^[a-z]/);
    }
    expect(CATALOGUE.get('ExitHostnameWebInitialStreamByteHistogram')!.meaning).to.equal(
      'Bytes both ways per stream, over exit streams: host given as a name, to ports 80 and 443, ' +
        'first exit stream of its circuit.',
    );
  });
});

describeWithSharedData('catalogue against the original', () => {
  it('has the same names with the same events', () => {
    const names = JSON.parse(readShared('original/counter-names.json.gz').toString()) as Record<
      string,
      string[]
    >;
    const expected = Object.entries(names);
    const ours = ['metrics page', 'rejected events', 'standard events', 'check counters'];
    const sorted = (entries: (readonly [string, readonly string[]])[]): string[] =>
      entries.map(([name, events]) => `${name} ${[...events].sort().join(' ')}`).sort();
    expect(
      sorted(
        [...CATALOGUE.values(), ...CHECK_ENTRIES]
          .filter(({ name, family }) => name === ZERO_COUNT || !ours.includes(family))
          .map(({ name, events }) => [name, events]),
      ),
    ).to.deep.equal(sorted(expected));
    expect(expected).to.have.lengthOf(5326);
  });
});
