import { expect } from 'chai';
import { confidencePercent, confidenceWords, SIGMAS_OF_95_PERCENT } from '../../src/results/confidence.js';
import { boundedByZero, toEstimate } from '../../src/results/estimate.js';
import { normalDraws, shareOf } from './normal-draws.js';

describe('the interval of a total', () => {
  it('holds the true total 95 times in 100, or as often as its factor says', () => {
    const draw = normalDraws(1);
    for (const [sigmas, share] of [
      [SIGMAS_OF_95_PERCENT, 0.95],
      [1, 0.6827],
      [3, 0.9973],
    ] as const) {
      const found = shareOf(20_000, () => {
        const total = String(Math.round(1e6 + 500 * draw()));
        const { low, high } = toEstimate({ total, sigma: 500 }, sigmas);
        return low <= 1e6 && 1e6 <= high;
      });
      // Four standard deviations of a share of 20,000 tries.
      expect(found).to.be.closeTo(share, 4 * Math.sqrt((share * (1 - share)) / 20_000));
    }
  });

  it('is as wide above as below, and noisy as soon as it reaches 0', () => {
    expect(toEstimate({ total: '100', sigma: 10 }, 2)).to.deep.equal({
      value: 100,
      error: 20,
      low: 80,
      high: 120,
      isNoisy: false,
      isPossiblyZero: false,
    });
    expect(toEstimate({ total: '20', sigma: 10 }, 2)).to.include({ isNoisy: true, isPossiblyZero: true });
    expect(toEstimate({ total: '-100', sigma: 10 }, 2)).to.include({ isNoisy: false, isPossiblyZero: true });
  });

  it('has no width without noise, or if no noise is known', () => {
    for (const sigma of [0, undefined]) {
      expect(toEstimate({ total: '0', sigma }, 2)).to.include({ error: 0, isNoisy: false, low: 0, high: 0 });
    }
  });

  it('is not rounded away where noise is small', () => {
    expect(toEstimate({ total: '0.25', sigma: 0.2 }, 2)).to.include({ error: 0.4, isNoisy: true });
  });

  it('knows no -0', () => {
    expect(Object.is(toEstimate({ total: '-0', sigma: 0 }, 2).value, 0)).to.equal(true);
  });

  it('is cut off below 0 where counts are meant', () => {
    const cut = (total: string) => boundedByZero(toEstimate({ total, sigma: 10 }, 2));
    expect(cut('-5')).to.include({ value: 0, low: 0, high: 15 });
    expect(cut('-50')).to.include({ value: 0, low: 0, high: 0 });
    expect(cut('50')).to.include({ value: 50, low: 30, high: 70 });
  });
});

describe('the name of an interval', () => {
  it('has a digit more than its nines', () => {
    expect([1, 2, 3, SIGMAS_OF_95_PERCENT].map(confidencePercent)).to.deep.equal([
      '68',
      '95.4',
      '99.73',
      '95.0',
    ]);
    expect(confidenceWords(SIGMAS_OF_95_PERCENT)).to.equal('95\u00a0% intervals');
  });
});
