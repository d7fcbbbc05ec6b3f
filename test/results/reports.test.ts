/** What is written for people and for programs: text beyond what PrivCount has, CSV, and the page. */
import { expect } from 'chai';
import { toChart } from '../../src/results/chart.js';
import { toCsv } from '../../src/results/csv-report.js';
import { SIGMAS_OF_95_PERCENT } from '../../src/results/confidence.js';
import { compareExperiments, type Experiment } from '../../src/results/experiments.js';
import { toHtmlPage } from '../../src/results/html-page.js';
import { COLUMNS, toResultRows } from '../../src/results/result-rows.js';
import { shownCounters, toTextReport } from '../../src/results/text-report.js';
import { experimentOf } from './results-of.js';

const PLAIN = { sigmas: 2, isZeroBound: false, ignores: { noisy: false, zero: false } };
const rowsOf = (experiments: readonly Experiment[], sigmas = 2) =>
  toResultRows(compareExperiments(experiments), experiments, {
    sigmas,
    labels: 'range',
    wordsOf: () => undefined,
  });

/** RFC 4180, as a reader has it. */
function parseCsv(text: string): string[][] {
  return [...text.matchAll(/((?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,(?:"(?:[^"]|"")*"|[^",\r\n]*))*)\r\n/g)].map(
    ([, line]) =>
      [...`,${line!}`.matchAll(/,("(?:[^"]|"")*"|[^",]*)/g)].map(([, field]) =>
        field!.startsWith('"') ? field!.slice(1, -1).replaceAll('""', '"') : field!,
      ),
  );
}

describe('the text of results', () => {
  it('has all digits, and no number that is not one', () => {
    const big = 10n ** 38n;
    const lines = toTextReport(
      [experimentOf('x', { A: [[String(big)], 1e60], Z: [['-0'], 1], F: [['-2.5'], 0.1] })],
      PLAIN,
    );
    expect(lines[1]).to.include(`= ${big} +- ${BigInt(2e60)} `);
    expect(lines.join('\n')).to.match(/Z .* = +0 \+- 2 \( +inf%\)/);
    expect(lines.join('\n')).to.match(/F .* = +-3 \(/);
  });

  it('says so where noise is not known', () => {
    const lines = toTextReport([experimentOf('x', { A: [['5'], undefined] })], PLAIN);
    expect(lines[0]).to.equal('Experiment Label: x (how much noise is not known)');
  });

  it('names the interval of 95 % as what it is', () => {
    const [heading] = toTextReport([experimentOf('x', { A: [['5'], 1] })], {
      ...PLAIN,
      sigmas: SIGMAS_OF_95_PERCENT,
    });
    expect(heading).to.equal('Experiment Label: x (1.96 sigma = 95.0% CI)');
  });

  it('leaves out a bin only if it is to be left out in all', () => {
    const both = [experimentOf('one', { A: [['1', '1'], 5] }), experimentOf('two', { A: [['100', '2'], 5] })];
    const shown = shownCounters(compareExperiments(both), {
      ...PLAIN,
      ignores: { noisy: true, zero: false },
    });
    expect(shown.map(({ bins, binsInAll }) => [bins.map(({ at }) => at), binsInAll])).to.deep.equal([
      [[0], 2],
    ]);
    const none = shownCounters(compareExperiments([both[0]!]), {
      ...PLAIN,
      ignores: { noisy: false, zero: true },
    });
    expect(none).to.deep.equal([]);
  });
});

describe('the table of results', () => {
  it('has a row for each bin of each experiment, with the interval of its noise', () => {
    const rows = rowsOf([
      experimentOf('one', { A: [['10', '-20'], 3] }),
      experimentOf('two', { A: [['1', '2'], undefined] }),
    ]);
    expect(rows).to.have.length(4);
    expect(rows[2]).to.deep.equal({
      experiment: 'one',
      round_id: null,
      begin: null,
      end: null,
      counter: 'A',
      bin: 1,
      bin_low: 1,
      bin_high: Infinity,
      bin_label: '1 or more',
      total: '-20',
      value: -20,
      sigma: 3,
      interval_low: -26,
      interval_high: -14,
      confidence: 95.4,
      noisy: false,
    });
    expect(rows[3]).to.include({ sigma: null, interval_low: null, confidence: null, noisy: null });
  });

  it('has no intervals if none are wanted', () => {
    const [row] = rowsOf([experimentOf('one', { A: [['10'], 3] })], 0);
    expect(row).to.include({ sigma: 3, interval_low: null, confidence: null, noisy: null });
  });

  it('as CSV is read back as it was', () => {
    const name = 'a "quoted", name';
    const rows = rowsOf([experimentOf(name, { [name]: [[String(2n ** 100n), '-0.5'], 1 / 3] })]);
    const [heads, ...lines] = parseCsv(toCsv(rows));
    expect(heads).to.deep.equal([...COLUMNS]);
    lines.forEach((line, at) => {
      const row = rows[at]!;
      COLUMNS.forEach((column, place) => {
        const value = row[column];
        const expected =
          value === null ? '' : typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
        expect(line[place], column).to.equal(expected);
      });
      expect(Number(line[COLUMNS.indexOf('sigma')])).to.equal(1 / 3);
    });
    expect(lines).to.have.length(2);
  });

  it('as CSV has no text that a spreadsheet would run', () => {
    for (const name of ['=1+1', '+cmd', '-cmd', '@x', '\tx']) {
      const [, line] = parseCsv(toCsv(rowsOf([experimentOf(name, { A: [['-5'], 1] })])));
      expect(line![0]).to.equal(`'${name}`);
      expect(line![COLUMNS.indexOf('total')]).to.equal('-5');
    }
  });
});

describe('the page of results', () => {
  const chartOf = (experiments: readonly Experiment[]) =>
    compareExperiments(experiments).map((counter) => ({
      chart: toChart(counter, {
        ...PLAIN,
        words: undefined,
        binLabels: counter.bins.map(() => '<i>bin</i>'),
        experiments: experiments.map(({ label }) => label),
      }),
      svg: '<svg role="img" aria-label="a chart"></svg>',
    }));
  const hostile = `"><script>alert('1')</script>&`;
  const page = toHtmlPage(
    hostile,
    chartOf([experimentOf(hostile, { [hostile]: [['1', '-2'], 1], B: [['3'], 0] })]),
  );

  it('has no markup that comes from names, labels and titles', () => {
    expect(page).not.to.include('<script');
    expect(page).not.to.include('<i>');
    expect(page.match(/&lt;script&gt;/g)!.length).to.be.greaterThan(5);
  });

  it('needs nothing but itself', () => {
    expect(page).not.to.match(/(src|href)=["']?(?!#)/);
    expect(page).not.to.match(/url\(|@import|<link|<iframe|<script/);
    expect(page).to.include(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('has for each chart a heading, a described picture and a table with heads', () => {
    expect(page).to.match(/^<!doctype html>\n<html lang="en">/);
    expect(page.match(/<section /g)).to.have.length(2);
    expect(page.match(/<svg role="img" aria-label=/g)).to.have.length(2);
    expect(page.match(/<caption>/g)).to.have.length(2);
    expect(page.match(/<th scope="col"/g)).to.have.length(10);
    expect(page.match(/<th scope="row"/g)).to.have.length(3);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('closes what it opens', () => {
    for (const tag of [
      'html',
      'head',
      'body',
      'main',
      'section',
      'figure',
      'details',
      'table',
      'tbody',
      'tr',
      'td',
      'th',
    ]) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length;
      expect(page.match(new RegExp(`</${tag}>`, 'g'))?.length, tag).to.equal(opened);
    }
  });

  it('has contents where there is much, and a word where there is nothing', () => {
    const many = Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`C${at}`, [['1'], 1]] as const));
    expect(toHtmlPage('t', chartOf([experimentOf('x', many)]))).to.include('<nav aria-label="Counters">');
    expect(page).not.to.include('<nav');
    expect(toHtmlPage('t', [])).to.include('No counter is shown.');
  });
});
