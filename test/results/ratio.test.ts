import { expect } from 'chai';
import { compareExperiments, ComparisonError, type Experiment } from '../../src/results/experiments.js';
import { SIGMAS_OF_95_PERCENT } from '../../src/results/confidence.js';
import { fieller, ratioText, toRatio } from '../../src/results/ratio.js';
import { toRatioChart, toRatioLines } from '../../src/results/ratio-chart.js';
import { toRatioRows } from '../../src/results/result-rows.js';
import { normalDraws, shareOf } from './normal-draws.js';
import { experimentOf } from './results-of.js';

describe("Fieller's interval", () => {
  it('is the one that can be reckoned by hand', () => {
    // (b^2 - B) r^2 - 2 a b r + a^2 - A = 0 with a = 50, b = 100, A = 100, B = 400: 9600 r^2 - 10000 r + 2400 = 0.
    const result = fieller({
      numerator: 50,
      denominator: 100,
      numeratorError: 10,
      denominatorError: 20,
      covariance: 0,
    });
    expect(result).to.include({ kind: 'interval', ratio: 0.5 });
    if (result.kind !== 'interval') throw new Error('unbounded');
    const root = Math.sqrt(10_000 ** 2 - 4 * 9600 * 2400);
    expect(result.low).to.be.closeTo((10_000 - root) / 19_200, 1e-12);
    expect(result.high).to.be.closeTo((10_000 + root) / 19_200, 1e-12);
  });

  it('is that of the numerator where the denominator is exact', () => {
    const fraction = { numerator: 5, denominator: 10, numeratorError: 1, denominatorError: 0, covariance: 0 };
    expect(fieller(fraction)).to.deep.equal({ kind: 'interval', ratio: 0.5, low: 0.4, high: 0.6 });
  });

  it('turns with the sign of either', () => {
    const base = { numerator: 50, denominator: 100, numeratorError: 10, denominatorError: 20, covariance: 0 };
    const [plus, minus] = [fieller(base), fieller({ ...base, denominator: -100 })];
    if (plus.kind !== 'interval' || minus.kind !== 'interval') throw new Error('unbounded');
    expect(minus.low).to.be.closeTo(-plus.high, 1e-12);
    expect(minus.high).to.be.closeTo(-plus.low, 1e-12);
  });

  it('has no end where the denominator can not be told from 0', () => {
    const of = (denominator: number, denominatorError: number) =>
      fieller({ numerator: 1, denominator, numeratorError: 1, denominatorError, covariance: 0 }).kind;
    expect([of(10, 9.99), of(10, 10), of(-10, 11), of(0, 0)]).to.deep.equal([
      'interval',
      'unbounded',
      'unbounded',
      'unbounded',
    ]);
  });

  it('does not overflow', () => {
    const fraction = {
      numerator: 1e300,
      denominator: 2e300,
      numeratorError: 0,
      denominatorError: 0,
      covariance: 0,
    };
    expect(fieller(fraction)).to.include({ ratio: 0.5, low: 0.5, high: 0.5 });
  });

  it('holds the true ratio 95 times in 100, of independent noises and of a part of a whole', () => {
    const draw = normalDraws(2);
    const independent = shareOf(20_000, () => {
      const result = fieller({
        numerator: 300 + 50 * draw(),
        denominator: 1000 + 100 * draw(),
        numeratorError: 50 * SIGMAS_OF_95_PERCENT,
        denominatorError: 100 * SIGMAS_OF_95_PERCENT,
        covariance: 0,
      });
      return result.kind === 'interval' && result.low <= 0.3 && 0.3 <= result.high;
    });
    expect(independent).to.be.closeTo(0.95, 0.0062);
    const part = shareOf(20_000, () => {
      const [one, other] = [300 + 50 * draw(), 700 + 50 * draw()];
      const error = 50 * SIGMAS_OF_95_PERCENT;
      const result = fieller({
        numerator: one,
        denominator: one + other,
        numeratorError: error,
        denominatorError: Math.SQRT2 * error,
        covariance: error * error,
      });
      return result.kind === 'interval' && result.low <= 0.3 && 0.3 <= result.high;
    });
    expect(part).to.be.closeTo(0.95, 0.0062);
  });
});

describe('the ratio of two counters', () => {
  const compared = (...experiments: Experiment[]) => compareExperiments(experiments);
  const one = experimentOf('one', { A: [['10', '20'], 1], B: [['100'], 2], C: [['50', '40'], 1] });

  it('is that of each bin to the whole of another with other bins', () => {
    const { bins } = toRatio(compared(one), { numerator: 'A', denominator: 'B' }, 0);
    expect(bins.map(({ entries }) => entries[0]!.estimate)).to.deep.equal([
      { kind: 'interval', ratio: 0.1, low: 0.1, high: 0.1 },
      { kind: 'interval', ratio: 0.2, low: 0.2, high: 0.2 },
    ]);
  });

  it('is that of bin to bin where both have the same', () => {
    const { bins } = toRatio(compared(one), { numerator: 'A', denominator: 'C' }, 0);
    expect(bins.map(({ entries: [entry] }) => entry!.estimate)).to.have.deep.nested.property(
      '[1].ratio',
      0.5,
    );
  });

  it('is a share of the whole where both are one, and its noise is in both', () => {
    const { bins } = toRatio(compared(one), { numerator: 'C', denominator: 'C' }, 2);
    const [first, second] = bins.map(({ entries: [entry] }) => entry!.estimate);
    if (first?.kind !== 'interval' || second?.kind !== 'interval') throw new Error('unbounded');
    expect(first.ratio + second.ratio).to.be.closeTo(1, 1e-12);
    const chart = toRatioChart(toRatio(compared(one), { numerator: 'C', denominator: 'C' }, 2), {
      sigmas: 2,
      isZeroBound: false,
      binLabels: ['low', 'high'],
      experiments: ['one'],
      words: undefined,
    });
    expect(chart.caption).to.match(/^Each bar is a bin's share of C\. Lines: 95\.4\u00a0% intervals/);
    // What one bin has more, the other has less.
    expect(first.high - first.ratio).to.be.closeTo(second.ratio - second.low, 1e-12);
  });

  it('is refused if no file has both counters, and leaves out those that have not', () => {
    const other = experimentOf('other', { B: [['1'], 0] });
    const ratio = toRatio(compared(one, other), { numerator: 'A', denominator: 'B' }, 2);
    expect(ratio.bins.map(({ entries }) => entries.map(({ label }) => label))).to.deep.equal([
      ['one'],
      ['one'],
    ]);
    const names = { numerator: 'A', denominator: 'D' };
    expect(() => toRatio(compared(one), names, 2)).to.throw(ComparisonError, 'no file has the counter D');
    const apart = compared(experimentOf('x', { A: [['1'], 0] }), experimentOf('y', { B: [['1'], 0] }));
    expect(() => toRatio(apart, { numerator: 'A', denominator: 'B' }, 2)).to.throw(ComparisonError, 'A/B');
  });

  it('is not drawn where it has no end, and says so in the caption and in the text', () => {
    const noisy = experimentOf('noisy', { A: [['10', '20'], 1], B: [['3'], 2] });
    const ratio = toRatio(compared(one, noisy), { numerator: 'A', denominator: 'B' }, 2);
    const binLabels = ['low', 'high'];
    const experiments = ['one', 'noisy'];
    const words = undefined;
    const chart = toRatioChart(ratio, { sigmas: 2, isZeroBound: false, binLabels, experiments, words });
    expect(chart.rows.map(({ experiment, bin, total }) => [experiment, bin, total])).to.deep.equal([
      ['one', 'low', '0.1'],
      ['one', 'high', '0.2'],
    ]);
    expect(chart.caption).to.include("Not drawn, since B can't be told from 0: noisy.");
    expect(toRatioLines(ratio, binLabels, 2)).to.deep.equal([
      'A/B low, one: 0.1 [0.07975, 0.1206] (95.4% CI)',
      "A/B low, noisy: no ratio, since B can't be told from 0 (95.4% CI)",
      'A/B high, one: 0.2 [0.1788, 0.2219] (95.4% CI)',
      "A/B high, noisy: no ratio, since B can't be told from 0 (95.4% CI)",
    ]);
  });

  it('has no interval, and is not called exact, where the noise of one of the two is not known', () => {
    const both = { A: [['300'], undefined], B: [['1000'], 10] } as const;
    for (const names of [
      { numerator: 'A', denominator: 'B' },
      { numerator: 'B', denominator: 'A' },
    ]) {
      const compared = compareExperiments([experimentOf('x', both)]);
      const ratio = toRatio(compared, names, SIGMAS_OF_95_PERCENT);
      expect(ratio.bins[0]!.entries[0]!.estimate.kind).to.equal('unknown');
      const [line] = toRatioLines(ratio, ['all'], SIGMAS_OF_95_PERCENT);
      expect(line).to.match(/^\w\/\w, x: [\d.]+ \(how much noise is not known\)$/);
      const options = { sigmas: SIGMAS_OF_95_PERCENT, isZeroBound: false, words: undefined };
      const chart = toRatioChart(ratio, { ...options, binLabels: ['all'], experiments: ['x'] });
      expect(chart.caption).to.include('How much noise is in ratios without a line is not known.');
      expect(chart.rows[0]).to.include({ interval: '', isNoisy: false });
      expect(chart.rows[0]!.low).to.equal(chart.rows[0]!.high);
      const experiments = [experimentOf('x', both)];
      const [row] = toRatioRows(ratio, experiments, { sigmas: SIGMAS_OF_95_PERCENT, binLabels: ['all'] });
      expect(row).to.include({ interval_low: null, interval_high: null, confidence: null, noisy: null });
      expect(row!.value).to.equal(chart.rows[0]!.value);
    }
  });

  it('is called exact only if there is no noise', () => {
    const lineOf = (sigma: number, sigmas: number): string => {
      const compared = compareExperiments([experimentOf('x', { A: [['300'], sigma], B: [['1000'], sigma] })]);
      const names = { numerator: 'A', denominator: 'B' };
      return toRatioLines(toRatio(compared, names, sigmas), ['all'], sigmas)[0]!;
    };
    expect(lineOf(0, SIGMAS_OF_95_PERCENT)).to.equal('A/B, x: 0.3 (exact)');
    expect(lineOf(10, 0)).to.equal('A/B, x: 0.3');
  });

  it('has four digits', () => {
    expect([1 / 3, 12_345.678, 0, 1e-9].map(ratioText)).to.deep.equal(['0.3333', '12350', '0', '1e-9']);
  });
});
