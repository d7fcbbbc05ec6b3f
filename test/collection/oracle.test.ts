/** Totals over real, synthetic and extreme events against those of the original, counter by counter. */
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';

import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { describeWithSharedData, readShared, sharedPath } from '../support/shared-data.js';
import {
  captureNames,
  collect,
  differences,
  forEachLine,
  oracleCases,
  oracleLayout,
  ORACLE_CLOCK_MS,
  oracleLists,
  readOracleTally,
} from './oracle.js';

/** The capture without the many lines that no counter needs. */
function neededLines(name: string): Buffer {
  const text = readShared(`captures/${name}.events.txt.gz`).toString('latin1');
  const lines = text.split('\n').filter((line) => NEEDED.test(line));
  return Buffer.from(lines.join('\n'), 'latin1');
}

const NEEDED = /^PRIVCOUNT_(STREAM_ENDED|CIRCUIT_CLOSE|CONNECTION_CLOSE|HSDIR_CACHE_\w+) /;

describeWithSharedData('collection against the original', () => {
  it('is compared with every case that the original counted', () => {
    const folders = readdirSync(sharedPath('oracle'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('tally.0rotations.json.gz'))
      .map((path) => `oracle/${dirname(path)}`);
    // Viterbi events are counted with a model: traffic/oracle.test.ts.
    const compared = [...oracleCases().map(({ folder }) => folder), 'oracle/viterbi_both'];
    expect(folders.sort()).to.deep.equal(compared.sort());
  });

  it('gives each counter its total over real events whichever other counters are in the plan', function () {
    this.timeout(400_000);
    const folder = 'oracle/captures';
    const lists = oracleLists();
    const world = captureNames().map((name) => {
      const tally = readOracleTally(`${folder}/${name}/tally.2rotations.json.gz`);
      return {
        tally,
        layout: oracleLayout(tally, (counter) => CATALOGUE.has(counter)),
        lines: neededLines(name),
      };
    });
    const names = world[0]!.layout.places.map(({ name }) => name);
    const subset = fc.oneof(
      fc.subarray(names, { minLength: 1, maxLength: 30 }),
      fc.subarray(names, { minLength: 1 }),
    );
    fc.assert(
      fc.property(subset, fc.nat({ max: world.length - 1 }), (chosen, at) => {
        const { tally, lines } = world[at]!;
        const wanted = new Set(chosen);
        const counted = collect(
          oracleLayout(tally, (name) => wanted.has(name)),
          lists,
        );
        forEachLine(lines, (bytes, start, end) => counted.collection.count(bytes, start, end));
        for (let rotation = 0; rotation < 2; rotation += 1) counted.collection.rotate(ORACLE_CLOCK_MS);
        expect(differences(counted.totals(), tally)).to.deep.equal([]);
      }),
      { numRuns: 25 },
    );
  });

  for (const { folder, events } of oracleCases()) {
    it(`counts ${events} as ${folder} does, before and after two rotations`, () => {
      const tally = readOracleTally(`${folder}/tally.0rotations.json.gz`);
      const layout = oracleLayout(tally, (name) => CATALOGUE.has(name));
      // All but ZeroCount, which nothing adds to.
      expect(layout.places.length).to.equal(tally.size - 1);
      const counted = collect(layout, oracleLists());
      forEachLine(readShared(events), (bytes, start, end) => counted.collection.count(bytes, start, end));
      expect(differences(counted.totals(), tally)).to.deep.equal([]);
      for (const rotated of ['1rotation', '2rotations']) {
        counted.collection.rotate(ORACLE_CLOCK_MS);
        const expected = readOracleTally(`${folder}/tally.${rotated}.json.gz`);
        expect(differences(counted.totals(), expected), rotated).to.deep.equal([]);
      }
      if (events.startsWith('captures/')) expect(counted.rejections).to.deep.equal([]);
    });
  }
});
