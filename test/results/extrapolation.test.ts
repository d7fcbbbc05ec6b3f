import { expect } from 'chai';
import fc from 'fast-check';
import { SIGMAS_OF_95_PERCENT } from '../../src/results/confidence.js';
import { estimateOf, toEstimate } from '../../src/results/estimate.js';
import { extrapolate, positionOf } from '../../src/results/extrapolation.js';
import { ResultFileError } from '../../src/results/result-file.js';
import { parseWeights } from '../../src/results/weights-file.js';
import { normalDraws, shareOf } from './normal-draws.js';

const known = (mean: number) => ({ mean, least: mean, most: mean });

describe('what a total means for the whole network', () => {
  it('is the total divided by the weight, and so is its interval', () => {
    expect(extrapolate(estimateOf(24, 6), known(0.25))).to.include({
      value: 96,
      low: 72,
      high: 120,
      isNoisy: false,
    });
    expect(extrapolate(estimateOf(-3, 6), known(0.5))).to.include({
      value: -6,
      low: -18,
      high: 6,
      isNoisy: true,
    });
  });

  it('is the total itself if all of the network was seen', () => {
    expect(extrapolate(estimateOf(24, 6), known(1))).to.include({ value: 24, low: 18, high: 30 });
  });

  it('holds whatever the total and the weight may have been, below 0 too', () => {
    const part = fc.double({ min: 0.001, max: 1, noNaN: true });
    const total = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(part, part, part),
        total,
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (parts, value, error) => {
          const [least, mean, most] = [...parts].sort((a, b) => a - b) as [number, number, number];
          const { low, high } = extrapolate(estimateOf(value, error), { least, mean, most });
          for (const truth of [value - error, value, value + error]) {
            for (const weight of [least, mean, most]) {
              expect(truth / weight).to.be.within(low - Math.abs(low) * 1e-12, high + Math.abs(high) * 1e-12);
            }
          }
        },
      ),
    );
  });

  it('holds the truth 95 times in 100 where the weight is known', () => {
    const draw = normalDraws(3);
    const share = shareOf(20_000, () => {
      const total = String(Math.round(12_000 + 700 * draw()));
      const { low, high } = extrapolate(
        toEstimate({ total, sigma: 700 }, SIGMAS_OF_95_PERCENT),
        known(0.012),
      );
      return low <= 1e6 && 1e6 <= high;
    });
    expect(share).to.be.closeTo(0.95, 0.0062);
  });
});

describe('the position in which a counter counts', () => {
  it("follows from its name's beginning, where that says so", () => {
    const names = [
      'ExitStreamCount',
      'EntryConnectionCount',
      'HSDir3StoreCount',
      'Rend2ClientCircuitCount',
      'MidCircuitCount',
    ];
    expect(names.map(positionOf)).to.deep.equal(['exit', 'guard', 'hsdir3', 'rend2', 'middle']);
    expect(['ZeroCount', 'HSDirStoreCount', 'RendClientCircuitCount', 'exit'].map(positionOf)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a file of weights', () => {
  const shares = {
    guard: 0.1,
    middle: 0.2,
    exit: 0.3,
    hsdir2: 0,
    hsdir3: 0.1,
    intro: 0.1,
    rend2: 0.1,
    rend3: 1,
  };

  it('has the mean of each share, and its range where it says so', () => {
    expect(parseWeights(JSON.stringify({ shares, relays: [] })).exit).to.deep.equal(known(0.3));
    const [least, most] = [
      { ...shares, exit: 0.25 },
      { ...shares, exit: 0.5 },
    ];
    const { exit, guard } = parseWeights(JSON.stringify({ shares, least, most }));
    expect(exit).to.deep.equal({ mean: 0.3, least: 0.25, most: 0.5 });
    expect(guard).to.deep.equal(known(0.1));
  });

  it('is refused if a share is none, is missing, or is not in its range', () => {
    const { exit, ...others } = shares;
    expect(exit).to.equal(0.3);
    for (const wrong of [
      others,
      { ...shares, exit: 1.1 },
      { ...shares, exit: -0.1 },
      { ...shares, exit: '0.1' },
    ]) {
      expect(() => parseWeights(JSON.stringify({ shares: wrong }))).to.throw(
        ResultFileError,
        'privcount weights',
      );
    }
    const least = { ...shares, exit: 0.31 };
    expect(() => parseWeights(JSON.stringify({ shares, least }))).to.throw(ResultFileError, 'share of exit');
    expect(() => parseWeights('0.5 : exit use mean')).to.throw(ResultFileError, 'not JSON');
  });
});
