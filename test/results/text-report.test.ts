/** The text of results: number by number what PrivCount's plot writes. */
import { expect } from 'chai';
import { parseResultFile } from '../../src/results/result-file.js';
import { totalOf, type Experiment } from '../../src/results/experiments.js';
import { toTextReport, type ReportOptions } from '../../src/results/text-report.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';

const ORIGINAL = 'original/privcount.outcome.1795190804-1795190825.json';
const OPTIONS: ReportOptions = { sigmas: 2, isZeroBound: false, ignores: { noisy: false, zero: false } };

function experiment(label: string, file: string): Experiment {
  return { label, result: parseResultFile(readShared(file).toString()) };
}

/** Spaces stand for columns only. */
function tokens(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/([[(,]) /g, '$1')
      .trim(),
  );
}

function oracle(name: string): string[] {
  const text = readShared(`oracle/plot/${name}.privcount.results.txt`).toString();
  return tokens(text.split('\n').filter((line) => line !== ''));
}

describeWithSharedData('text of results against the original', () => {
  const two = (second: string) => [
    experiment('one', ORIGINAL),
    experiment('two', `oracle/plot/${second}.outcome.json`),
  ];

  it('is the same for two outcomes', () => {
    expect(tokens(toTextReport(two('second'), OPTIONS))).to.deep.equal(oracle('two'));
  });

  it('is the same with nothing below 0', () => {
    const options = { ...OPTIONS, isZeroBound: true };
    expect(tokens(toTextReport(two('second'), options))).to.deep.equal(oracle('two_zero'));
  });

  it('is the same without bins that may be 0 in both', () => {
    const options = { ...OPTIONS, ignores: { noisy: false, zero: true } };
    expect(tokens(toTextReport(two('second'), options))).to.deep.equal(oracle('two_ignorezero'));
  });

  it('is the same with their total', () => {
    const both = two('same_sigma');
    const lines = toTextReport([...both, totalOf(both, 'total')], OPTIONS);
    expect(tokens(lines)).to.deep.equal(oracle('same_totals'));
  });

  it('has a total of experiments with unequal noise, where the original stops', () => {
    const both = two('second');
    const lines = tokens(toTextReport([...both, totalOf(both, 'total')], OPTIONS));
    const line = lines.filter((text) => text.startsWith('ExitStreamCount')).at(-1);
    // sqrt(3566383^2 + 5349574^2), from the sigmas before they are rounded.
    expect(line).to.match(/^ExitStreamCount .* = 99511620 \+- 642938\d /);
  });
});
