import { expect } from 'chai';
import { toResultTable } from '../../src/cli/result-table.js';

function intervalOf(total: string, sigma: number): string {
  const tallies = { A: { bins: [['-Infinity', 'Infinity', total]], effective_sigma: sigma } };
  return toResultTable(JSON.stringify(tallies))[2]!.replace(/^A +/, '');
}

describe('the table of a result', () => {
  it('has the whole numbers around each 95 % interval, below 0 and beyond 2^53 too', () => {
    expect(intervalOf('100', 10)).to.equal('100      80 to 120');
    expect(intervalOf('-3', 1)).to.equal('-3       -5 to -1');
    expect(intervalOf(String(2n ** 90n), 1)).to.equal(`${2n ** 90n}  ${2n ** 90n - 2n} to ${2n ** 90n + 2n}`);
    expect(intervalOf('7', 0)).to.equal('7          exact');
  });

  it('has them around totals with a fraction', () => {
    // 3.25 and -3.25, each 0.98 either way.
    expect(intervalOf('3.25', 0.5)).to.equal('3.25         2 to 5');
    expect(intervalOf('-3.25', 0.5)).to.equal('-3.25       -5 to -2');
    expect(intervalOf('0.5', 0.1)).to.equal('0.5         0 to 1');
  });

  it('is refused for what is no total', () => {
    for (const total of ['', '.5', '1.', '1e3', '1.5.5', 'x']) expect(() => intervalOf(total, 1)).to.throw();
  });
});
