import { expect } from 'chai';
import {
  formatDecimal,
  formatDuration,
  formatEnd,
  formatEpsilon,
  formatNames,
  formatSkew,
  intervalWords,
  plural,
} from '../../src/page/format.js';

describe('numbers on the page', () => {
  it('show exact decimals with separators, beyond what a double holds', () => {
    expect(formatDecimal('0')).to.equal('0');
    expect(formatDecimal('999')).to.equal('999');
    expect(formatDecimal('-1234567.25')).to.equal('−1,234,567.25');
    expect(formatDecimal('340282366920938463463374607431768211455')).to.equal(
      '340,282,366,920,938,463,463,374,607,431,768,211,455',
    );
    expect(formatDecimal('nonsense')).to.equal('nonsense');
  });

  it('give the ends of an interval as many digits as its width is worth', () => {
    expect(formatEnd(227.4168, 49)).to.equal('227');
    expect(formatEnd(1.2345, 0.5)).to.equal('1.234');
    expect(formatEnd(-0.2, 40)).to.equal('0');
    expect(formatEnd(12, 0)).to.equal('12');
    expect(formatEnd(-2e17, 10)).to.equal('−2.000e+17');
  });

  it('say of a total whose noise is not known that its interval is not known either', () => {
    expect(intervalWords({ low: 1, high: 1, isKnown: false })).to.equal('not known');
    expect(intervalWords({ low: 5, high: 5, isKnown: true })).to.equal('exact');
    expect(intervalWords({ low: -95.4, high: 61.4, isKnown: true })).to.equal('−95 to 61');
  });

  it('round privacy levels to three digits', () => {
    expect([0, 0.29999924, 12.345, 4321.6].map(formatEpsilon)).to.deep.equal(['0', '0.3', '12.3', '4,322']);
    expect(formatEpsilon('Infinity')).to.equal('∞');
  });
});

describe('words on the page', () => {
  it('tell times in their two largest units', () => {
    expect(formatDuration(0)).to.equal('0 s');
    expect(formatDuration(-5)).to.equal('0 s');
    expect(formatDuration(59_499)).to.equal('59 s');
    expect(formatDuration(60_000)).to.equal('1 min');
    expect(formatDuration(3_600_000 * 25 + 60_000)).to.equal('1 d 1 h');
    expect(formatDuration(3_600_000 + 125_000)).to.equal('1 h 2 min');
  });

  it('tell which way a clock is off', () => {
    expect([0, 2_000, -90_000, 200_000].map(formatSkew)).to.deep.equal([
      '0 s',
      '2 s ahead',
      '1 min 30 s behind',
      '3 min 20 s ahead',
    ]);
  });

  it('count in the singular and the plural, and cut long lists of names', () => {
    expect(plural(1, 'round')).to.equal('1 round');
    expect(plural(1200, 'round')).to.equal('1,200 rounds');
    expect(formatNames(['a', 'b'], 2)).to.equal('a, b');
    expect(formatNames(['a', 'b', 'c', 'd'], 2)).to.equal('a, b and 2 more');
  });
});
