/** Totals over real, synthetic and extreme events against those of the original, counter by counter. */
import { expect } from 'chai';

import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';
import {
  collect,
  differences,
  forEachLine,
  oracleCases,
  oracleLayout,
  ORACLE_CLOCK_MS,
  oracleLists,
  readOracleTally,
} from './oracle.js';

describeWithSharedData('collection against the original', () => {
  for (const { folder, events } of oracleCases()) {
    it(`counts ${events} as ${folder} does, before and after two rotations`, () => {
      const tally = readOracleTally(`${folder}/tally.0rotations.json.gz`);
      const layout = oracleLayout(tally, (name) => CATALOGUE.has(name));
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
