import { expect } from 'chai';
import { toChart, type ChartOptions } from '../../src/results/chart.js';
import { BARS_MAX } from '../../src/results/chart-limits.js';
import { toChartSpec } from '../../src/results/chart-spec.js';
import { shortLabels, wrapName, wrapWords } from '../../src/results/chart-text.js';
import { COLOURS, THEMES } from '../../src/results/chart-theme.js';
import { compareExperiments, type Experiment } from '../../src/results/experiments.js';
import { experimentOf } from './results-of.js';

function chartOf(experiments: readonly Experiment[], changes: Partial<ChartOptions> = {}) {
  const [counter] = compareExperiments(experiments);
  return toChart(counter!, {
    sigmas: 2,
    isZeroBound: false,
    words: undefined,
    binLabels: counter!.bins.map(({ at }) => `bin ${at}`),
    experiments: experiments.map(({ label }) => label),
    ...changes,
  });
}

const two = [
  experimentOf('one', { A: [['1000', '-5'], 10] }),
  experimentOf('two', { A: [['2000', '7'], 0] }),
];

describe('a chart', () => {
  it("has each total's own number and interval", () => {
    expect(chartOf(two).rows).to.deep.equal([
      {
        experiment: 'one',
        bin: 'bin 0',
        order: 0,
        value: 1000,
        low: 980,
        high: 1020,
        isNoisy: false,
        total: '1,000',
        interval: '980 to 1,020',
      },
      {
        experiment: 'two',
        bin: 'bin 0',
        order: 0,
        value: 2000,
        low: 2000,
        high: 2000,
        isNoisy: false,
        total: '2,000',
        interval: '',
      },
      {
        experiment: 'one',
        bin: 'bin 1',
        order: 1,
        value: -5,
        low: -25,
        high: 15,
        isNoisy: true,
        total: '-5',
        interval: '-25 to 15',
      },
      {
        experiment: 'two',
        bin: 'bin 1',
        order: 1,
        value: 7,
        low: 7,
        high: 7,
        isNoisy: false,
        total: '7',
        interval: '',
      },
    ]);
  });

  it('says what is counted, what its lines are and what is pale', () => {
    const words = { meaning: 'Number of things.', counted: 'things', binned: 'bytes', listKind: undefined };
    const chart = chartOf(two, { words });
    expect(chart).to.include({ counted: 'things', binned: 'bytes' });
    expect(chart.caption).to.equal(
      'Number of things. Lines: 95.4\u00a0% intervals of the noise. Pale, dashed bars may be noise alone.',
    );
  });

  it('says so if there is no noise, if none is known, and if intervals are not wanted', () => {
    const captionOf = (sigma: number | undefined, sigmas: number) =>
      chartOf([experimentOf('x', { A: [['5'], sigma] })], { sigmas }).caption;
    expect(captionOf(0, 2)).to.equal('No noise: exact totals.');
    expect(captionOf(undefined, 2)).to.equal('How much noise is in totals without a line is not known.');
    expect(captionOf(3, 0)).to.equal('Intervals are not shown.');
  });

  it('cut off at 0 keeps the true total beside it', () => {
    const { rows, caption } = chartOf(two, { isZeroBound: true });
    expect(rows[2]).to.include({ value: 0, low: 0, high: 15, total: '0 (-5)', interval: '0 to 15' });
    expect(caption).to.include('What is below 0 is cut off.');
  });

  it('of a histogram stays one where all bins but one are left out', () => {
    const [counter] = compareExperiments(two);
    const chart = toChart(
      { ...counter!, bins: counter!.bins.slice(1) },
      { sigmas: 2, isZeroBound: false, words: undefined, binLabels: ['high'], experiments: ['one', 'two'] },
    );
    expect(chart.binned).to.equal('bin');
    expect(chart.rows.map(({ bin }) => bin)).to.deep.equal(['high', 'high']);
  });

  it('of huge totals and huge noise has numbers, and all digits', () => {
    const big = String(10n ** 38n);
    const { rows } = chartOf([experimentOf('x', { A: [[big], 1e60] })]);
    expect(rows[0]!.total).to.equal(`100,${Array.from({ length: 12 }, () => '000').join(',')}`);
    expect(Number.isFinite(rows[0]!.low) && Number.isFinite(rows[0]!.high)).to.equal(true);
  });
});

describe('the specification of a chart', () => {
  const specOf = (experiments: readonly Experiment[]) => toChartSpec(chartOf(experiments), THEMES.light);
  const bins = (count: number) => [experimentOf('x', { A: [Array.from({ length: count }, () => '5'), 1] })];

  it('draws the rows of the chart, and no other numbers', () => {
    const rows = chartOf(two).rows.map((row, at) => ({ ...row, place: at % 2 }));
    expect(specOf(two).data.values).to.deep.equal(rows);
  });

  it('has as many bars as can be seen, and says how many bins are left', () => {
    const whole = specOf(bins(BARS_MAX));
    expect(whole.data.values).to.have.length(BARS_MAX);
    expect(whole.title.subtitle.join(' ')).not.to.include('first');
    const cut = specOf(bins(10_000));
    expect(cut.data.values).to.have.length(BARS_MAX);
    expect(cut.title.subtitle.join(' ')).to.include(
      `Only the first ${BARS_MAX} of 10000 bins are drawn; tables have all.`,
    );
    expect(cut['width']).to.equal(1600);
  });

  it('keeps the colour of an experiment where others lack the counter', () => {
    const alone = [experimentOf('one', {}), experimentOf('two', { A: [['1', '2'], 1] })];
    expect(JSON.stringify(specOf(alone))).to.include(
      JSON.stringify({ domain: ['two'], range: [COLOURS[1]] }),
    );
  });

  it('says so where colours have to repeat', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => experimentOf(`e${at}`, { A: [['1', '2'], 1] }));
    expect(specOf(many(8)).title.subtitle.join(' ')).not.to.include('Colours repeat');
    expect(specOf(many(9)).title.subtitle.join(' ')).to.include('Colours repeat');
  });

  it('writes heights in full as long as people can read them', () => {
    const formatOf = (total: string) =>
      /"format":"([^"]*)"/.exec(JSON.stringify(specOf([experimentOf('x', { A: [[total], 0] })])))?.[1];
    expect(['0', '5', '999999999999', '1000000000000', '0.0009', '0.001'].map(formatOf)).to.deep.equal([
      ',.6~f',
      ',.6~f',
      ',.6~f',
      '.3~e',
      '.3~e',
      ',.6~f',
    ]);
  });
});

describe('texts in a chart', () => {
  it('are wrapped at spaces, and names before a capital letter', () => {
    expect(wrapWords('one two three four', 9)).to.deep.equal(['one two', 'three', 'four']);
    expect(wrapName('ExitStreamByteHistogram', 12)).to.deep.equal(
      ['ExitStream', 'ByteHistogram'].flatMap((part) => wrapName(part, 12)),
    );
    expect(wrapName('x'.repeat(25), 10)).to.deep.equal(['x'.repeat(10), 'x'.repeat(10), 'x'.repeat(5)]);
  });

  it('lose no letter by that', () => {
    const name = 'ExitVeryLongNameOfACounter'.repeat(9);
    expect(wrapName(name, 40).join('')).to.equal(name);
    expect(wrapName(name, 40).every((line) => line.length <= 40)).to.equal(true);
  });

  it('are shortened in their middle where they are long, and stay different', () => {
    const short = shortLabels(
      ['short', `${'a'.repeat(30)}-1`, `${'a'.repeat(30)}-2`, `b${'a'.repeat(50)}c`],
      12,
    );
    expect([...short.values()]).to.deep.equal([
      'short',
      'aaaaaa\u2026aaa-1',
      'aaaaaa\u2026aaa-2',
      'baaaaa\u2026aaaac',
    ]);
    const alike = shortLabels(
      [`a${'x'.repeat(40)}1${'x'.repeat(40)}`, `a${'x'.repeat(40)}2${'x'.repeat(40)}`],
      12,
    );
    expect([...alike.values()]).to.deep.equal(['1: axxxx\u2026xxx', '2: axxxx\u2026xxx']);
  });
});

/** WCAG 2, "contrast ratio". */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright! + 0.05) / (dark! + 0.05);
}

describe('the colours of charts', () => {
  it("are Okabe's and Ito's, white for black on a dark ground", () => {
    const published = [
      '#000000',
      '#e69f00',
      '#56b4e9',
      '#009e73',
      '#f0e442',
      '#0072b2',
      '#d55e00',
      '#cc79a7',
    ];
    expect([...THEMES.light.colours]).to.have.members(published);
    expect([...THEMES.dark.colours]).to.have.members(['#ffffff', ...published.slice(1)]);
  });

  it('leave texts and lines readable on their ground, by the numbers of WCAG 2', () => {
    for (const { background, text, caption, line } of Object.values(THEMES)) {
      expect(contrast(text, background)).to.be.greaterThan(7);
      expect(contrast(caption, background)).to.be.greaterThan(7);
      // Each bar has an outline, and each interval a seam of the ground's colour: what they enclose may be pale.
      expect(contrast(line, background)).to.be.greaterThan(4.5);
    }
  });
});
