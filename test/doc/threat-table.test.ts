import { expect } from 'chai';
import { holderSets, KEEPERS_MAX } from '../../src/core/holder-sets.js';
import { tableBelow } from './documents.js';

/** Every (n, t) that a network may have. */
function shapes(): { keepers: number; threshold: number }[] {
  const all = Array.from({ length: KEEPERS_MAX }, (_, at) => at + 1).flatMap((keepers) =>
    Array.from({ length: keepers }, (_, at) => ({ keepers, threshold: at + 1 })),
  );
  return all.filter((shape) => isAllowed(shape));
}

function isAllowed(shape: { keepers: number; threshold: number }): boolean {
  try {
    holderSets(shape);
    return true;
  } catch {
    return false;
  }
}

describe('the threat table of doc/privacy.md', () => {
  const rows = tableBelow('doc/privacy.md', 'Threat table').map((row) => row.map(Number));

  it('has a row for every number of keepers and threshold that a network may have', () => {
    const expected = shapes().map(({ keepers, threshold }) => [keepers, threshold]);
    expect(rows.map((row) => row.slice(0, 2))).to.deep.equal(expected);
  });

  it('says how many keepers may be lost and how many may collude', () => {
    for (const [n, t, lost, curious, malicious] of rows as [number, number, number, number, number][]) {
      const label = `${t} of ${n}`;
      expect(lost, label).to.equal(n - t);
      expect(curious, label).to.equal(t - 1);
      expect(malicious, label).to.equal(Math.min(t - 1, 2 * t - n - 1));
    }
  });

  it('says how many holder sets there are and how many seeds a keeper holds of each collector', () => {
    for (const row of rows) {
      const [keepers, threshold] = row as [number, number];
      const { sets } = holderSets({ keepers, threshold });
      const held = sets.filter((members) => members.includes(0)).length;
      expect(row.slice(5), `${threshold} of ${keepers}`).to.deep.equal([sets.length, held]);
    }
  });
});
