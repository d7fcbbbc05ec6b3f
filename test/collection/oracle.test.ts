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
  oracleLists,
  readOracleTally,
} from './oracle.js';

describeWithSharedData('collection against the original', () => {
  for (const { folder, events } of oracleCases()) {
    it(`counts ${events} as ${folder} does`, () => {
      const tally = readOracleTally(`${folder}/tally.0rotations.json.gz`);
      const layout = oracleLayout(tally, (name) => CATALOGUE.has(name));
      const counted = collect(layout, oracleLists());
      forEachLine(readShared(events), (bytes, start, end) => counted.collection.count(bytes, start, end));
      expect(differences(counted.totals(), tally)).to.deep.equal([]);
      expect(layout.places.length).to.be.greaterThan(300);
      if (events.startsWith('captures/')) expect(counted.rejections).to.deep.equal([]);
    });
  }
});
