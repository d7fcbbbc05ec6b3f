import { expect } from 'chai';
import { changeBetween } from '../../src/results/comparison.js';
import { SIGMAS_OF_95_PERCENT } from '../../src/results/confidence.js';
import { compareExperiments, ComparisonError, totalOf } from '../../src/results/experiments.js';
import { normalDraws, shareOf } from './normal-draws.js';
import { experimentOf } from './results-of.js';

describe('what changed between two totals', () => {
  it('is their exact difference, with the noise of both', () => {
    const change = changeBetween({ total: '1.5', sigma: 3 }, { total: String(2n ** 90n), sigma: 4 }, 2);
    expect(change).to.deep.equal({ total: `${2n ** 90n - 2n}.5`, sigma: 5, verdict: 'higher' });
  });

  it('is told only beyond the noise', () => {
    const verdict = (total: string) =>
      changeBetween({ total: '100', sigma: 3 }, { total, sigma: 4 }, 2).verdict;
    expect(['111', '110', '90', '89'].map(verdict)).to.deep.equal(['higher', 'same', 'same', 'lower']);
  });

  it('is not known where the noise of one is not', () => {
    const change = changeBetween({ total: '1', sigma: undefined }, { total: '100', sigma: 0 }, 2);
    expect(change).to.deep.equal({ total: '99', sigma: undefined, verdict: 'unknown' });
  });

  it('is a false alarm 5 times in 100', () => {
    const draw = normalDraws(4);
    const measured = () => ({ total: String(Math.round(1e6 + 1000 * draw())), sigma: 1000 });
    const alarms = shareOf(
      20_000,
      () => changeBetween(measured(), measured(), SIGMAS_OF_95_PERCENT).verdict !== 'same',
    );
    expect(alarms).to.be.closeTo(0.05, 0.0062);
  });
});

describe('experiments side by side', () => {
  it('have each counter once, by name, with the totals of those that have it', () => {
    const compared = compareExperiments([
      experimentOf('one', { B: [['1'], 1], A: [['2'], 2] }),
      experimentOf('two', { B: [['3'], 3] }),
    ]);
    expect(compared.map(({ name, bins }) => [name, bins[0]!.entries])).to.deep.equal([
      ['A', [{ label: 'one', total: '2', sigma: 2 }]],
      [
        'B',
        [
          { label: 'one', total: '1', sigma: 1 },
          { label: 'two', total: '3', sigma: 3 },
        ],
      ],
    ]);
  });

  it('are refused with other bins, of which the first are shown', () => {
    const [few, many] = [3, 9].map((bins) =>
      experimentOf(`with ${bins}`, { A: [Array.from({ length: bins }, () => '1'), 1] }),
    );
    expect(() => compareExperiments([few!, many!])).to.throw(
      ComparisonError,
      'A has other bins in with 9 than in with 3: [0, 1) [1, 2) [2, 3) [3, 4) [4, 5) ... (9 bins), not [0, 1) [1, 2) [2, Infinity)',
    );
  });

  it('have a total with the noise of all, of unequal sigmas too', () => {
    const total = totalOf(
      [
        experimentOf('one', { A: [['1', '2.5'], 3], B: [['1'], 1] }),
        experimentOf('two', { A: [['10', '-20'], 4] }),
      ],
      'total',
    );
    expect(total.result.counters).to.deep.equal([
      {
        name: 'A',
        bins: [
          { low: 0, high: 1, total: '11' },
          { low: 1, high: Infinity, total: '-17.5' },
        ],
        sigma: 5,
      },
      { name: 'B', bins: [{ low: 0, high: Infinity, total: '1' }], sigma: 1 },
    ]);
  });

  it('have a total whose noise is not known if that of one is not', () => {
    const experiments = [
      experimentOf('one', { A: [['1'], undefined] }),
      experimentOf('two', { A: [['1'], 4] }),
    ];
    expect(totalOf(experiments, 'total').result.counters[0]!.sigma).to.equal(undefined);
  });
});
