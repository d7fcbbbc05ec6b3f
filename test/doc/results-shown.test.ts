import { expect } from 'chai';
import { toResultTable } from '../../src/cli/result-table.js';
import { parseResultFile } from '../../src/results/result-file.js';
import { blocksTagged, readProjectFile, tableBelow } from './documents.js';

const TAG = 'show: ';
const READING = 'doc/reading-results.md';

describe('results that the documents show', () => {
  const shown = blocksTagged(TAG);

  it('are as privcount show prints them', () => {
    expect(shown.map(({ path }) => path)).to.include.members(['doc/commands/show.md', READING]);
    for (const { path, tag, text } of shown) {
      const table = toResultTable(readProjectFile(tag!.slice(TAG.length)));
      expect(text, path).to.equal(`${table.join('\n')}\n`);
    }
  });

  it('are compared with true sums by the intervals that are shown', () => {
    const { text } = shown.find(({ path }) => path === READING)!;
    for (const [name, truth, total, interval, where] of tableBelow(READING, 'One line')) {
      const [counter, bin] = name!.replaceAll('`', '').split(', ');
      const rows = text.slice(text.indexOf(`\n${counter!} `)).split('\n');
      const row = rows.find((line) => line.includes(bin ?? counter!))!;
      expect(row, name).to.match(new RegExp(` ${total!} +${interval!}$`));
      const [low, high] = interval!.split(' to ').map(Number) as [number, number];
      const isInside = low <= Number(truth) && Number(truth) <= high;
      expect(where, name).to.equal(isInside ? 'inside' : 'outside');
    }
  });

  it('have the totals on the chart that the README shows', () => {
    const command = readProjectFile('README.md').match(/privcount plot (\S+) --counter (\S+) --formats svg/)!;
    const { counters } = parseResultFile(readProjectFile(command[1]!));
    const { bins } = counters.find(({ name }) => name === command[2])!;
    const chart = readProjectFile('doc/pictures/demo-chart.svg');
    for (const { total } of bins) expect(chart).to.include(`: ${Number(total).toLocaleString('en')}, from `);
  });
});
