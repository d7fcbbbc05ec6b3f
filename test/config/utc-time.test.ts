import { expect } from 'chai';
import fc from 'fast-check';
import { parseUtcSeconds } from '../../src/config/utc-time.js';

describe('parseUtcSeconds', () => {
  it('agrees with the platform on every second from 1970 to 9999', () => {
    const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lastSecond }), (second) => {
        const stamp = new Date(second * 1000).toISOString().replace('.000', '');
        expect(parseUtcSeconds(stamp)).to.equal(second * 1000);
      }),
    );
  });

  it('knows which years are leap years', () => {
    expect(['2000', '2016', '2400'].map((year) => parseUtcSeconds(`${year}-02-29T00:00:00Z`))).not.to.include(
      undefined,
    );
    expect(['2100', '2018', '2019'].map((year) => parseUtcSeconds(`${year}-02-29T00:00:00Z`))).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('refuses everything else', () => {
    for (const stamp of [
      '',
      '2018-01-01',
      '2018-01-01T00:00:00',
      '2018-01-01T00:00:00+00:00',
      '2018-01-01 00:00:00Z',
      '2018-00-01T00:00:00Z',
      '2018-13-01T00:00:00Z',
      '2018-01-00T00:00:00Z',
      '2018-04-31T00:00:00Z',
      '2018-01-01T24:00:00Z',
      '2018-01-01T00:60:00Z',
      '2018-01-01T00:00:60Z',
      '1969-12-31T23:59:59Z',
    ]) {
      expect(parseUtcSeconds(stamp), stamp).to.equal(undefined);
    }
  });
});
