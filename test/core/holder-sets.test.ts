import { expect } from 'chai';
import {
  holderSets,
  KEEPERS_MAX,
  membersInTurn,
  setsOfKeeper,
  type HolderSets,
} from '../../src/core/holder-sets.js';

function choose(n: number, k: number): number {
  return k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k;
}

/** Every group of `size` keepers, as a bit each. */
function groups({ keepers, size }: { keepers: number; size: number }): number[] {
  return Array.from({ length: 2 ** keepers }, (_, group) => group).filter(
    (group) => bitCount(group) === size,
  );
}

function bitCount(bits: number): number {
  return bits === 0 ? 0 : (bits & 1) + bitCount(bits >>> 1);
}

function toBits(members: readonly number[]): number {
  return members.reduce((bits, member) => bits | (1 << member), 0);
}

/** Every (n, t) that is allowed: 1 <= n <= 10 and n < 2t <= 2n. */
const allowed: HolderSets[] = Array.from({ length: KEEPERS_MAX }, (_, at) => at + 1).flatMap((keepers) =>
  Array.from({ length: keepers }, (_, at) => at + 1)
    .filter((threshold) => 2 * threshold > keepers)
    .map((threshold) => holderSets({ keepers, threshold })),
);

describe('holder sets', () => {
  it('are tested for all 30 pairs of n and t', () => {
    expect(allowed).to.have.length(30);
  });

  it('are all the sets of n-t+1 keepers, each once, in lexicographic order', () => {
    for (const { keepers, threshold, sets } of allowed) {
      const size = keepers - threshold + 1;
      expect(sets).to.have.length(choose(keepers, size));
      expect(new Set(sets.map(toBits)).size).to.equal(sets.length);
      for (const members of sets) {
        expect(members).to.have.length(size);
        expect(members).to.deep.equal([...new Set(members)].sort((left, right) => left - right));
        expect(members.every((member) => member >= 0 && member < keepers)).to.be.true;
      }
      const texts = sets.map((members) => members.join(''));
      expect(texts).to.deep.equal([...texts].sort());
    }
  });

  it('are met, each of them, by any t keepers', () => {
    for (const { keepers, threshold, sets } of allowed) {
      for (const group of groups({ keepers, size: threshold })) {
        expect(sets.every((members) => (toBits(members) & group) !== 0)).to.be.true;
      }
    }
  });

  it('are missed, exactly one of them, by any t-1 keepers: the set of all the others', () => {
    for (const { keepers, threshold, sets } of allowed) {
      for (const group of groups({ keepers, size: threshold - 1 })) {
        const missed = sets.map(toBits).filter((members) => (members & group) === 0);
        expect(missed).to.deep.equal([2 ** keepers - 1 - group]);
      }
    }
  });

  it('give each keeper C(n-1, n-t) seeds, by the numbers of its sets in ascending order', () => {
    for (const holders of allowed) {
      for (let keeper = 0; keeper < holders.keepers; keeper += 1) {
        const held = setsOfKeeper(holders, keeper);
        expect(held).to.have.length(choose(holders.keepers - 1, holders.keepers - holders.threshold));
        expect(held).to.deep.equal(
          holders.sets.map((_, set) => set).filter((set) => holders.sets[set]!.includes(keeper)),
        );
      }
    }
    expect(setsOfKeeper(holderSets({ keepers: 3, threshold: 2 }), 3)).to.deep.equal([]);
  });

  it('of one keeper each, as PrivCount has them, come from t = n', () => {
    expect(holderSets({ keepers: 3, threshold: 3 }).sets).to.deep.equal([[0], [1], [2]]);
    expect(holderSets({ keepers: 1, threshold: 1 }).sets).to.deep.equal([[0]]);
  });

  it('are these for 2 of 3 and 3 of 4', () => {
    expect(holderSets({ keepers: 3, threshold: 2 }).sets).to.deep.equal([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(holderSets({ keepers: 4, threshold: 3 }).sets.map((members) => members.join(''))).to.deep.equal([
      '01',
      '02',
      '03',
      '12',
      '13',
      '23',
    ]);
  });

  for (const keepers of [0, -1, 11, 2.5, NaN, Infinity]) {
    it(`of ${keepers} keepers are refused`, () => {
      expect(() => holderSets({ keepers, threshold: 2 })).to.throw(RangeError, '1 to 10 keepers');
    });
  }

  const thresholds: [number, number][] = [
    [1, 0],
    [1, 2],
    [2, 1],
    [3, 1],
    [3, 4],
    [4, 2],
    [10, 5],
    [10, 11],
    [3, 2.5],
    [3, NaN],
    [3, -2],
  ];
  for (const [keepers, threshold] of thresholds) {
    it(`of ${threshold} of ${keepers} keepers are refused`, () => {
      expect(() => holderSets({ keepers, threshold })).to.throw(RangeError, 'more than half of them');
    });
  }
});

describe('the turn of the members of a holder set', () => {
  it('comes to each member once, in a circle', () => {
    for (const holders of allowed) {
      holders.sets.forEach((members, set) => {
        const turn = membersInTurn(holders, set);
        expect([...turn].sort((left, right) => left - right)).to.deep.equal(members);
        const start = members.indexOf(turn[0]!);
        expect(turn).to.deep.equal(members.map((_, at) => members[(start + at) % members.length]));
      });
    }
  });

  it('starts with each keeper as often as with any other, give or take two', () => {
    for (const holders of allowed) {
      const firsts = holders.sets.map((_, set) => membersInTurn(holders, set)[0]!);
      const times = Array.from(
        { length: holders.keepers },
        (_, keeper) => firsts.filter((first) => first === keeper).length,
      );
      expect(Math.max(...times) - Math.min(...times)).to.be.at.most(2);
    }
  });

  it('starts as these do for 2 of 3, and is the same each time', () => {
    const holders = holderSets({ keepers: 3, threshold: 2 });
    const turns = holders.sets.map((_, set) => membersInTurn(holders, set));
    expect(turns).to.deep.equal([
      [1, 0],
      [0, 2],
      [2, 1],
    ]);
    expect(holders.sets[1]).to.deep.equal([0, 2]);
  });
});
