import { expect } from 'chai';
import fc from 'fast-check';
import { holderSets, setsOfKeeper } from '../../src/core/holder-sets.js';
import { compareAnswers, type Claims } from '../../src/protocol/compare-answers.js';

const TRUTH = 'true';

type Shape = { readonly keepers: number; readonly threshold: number };
/** What a liar says of one set; the truth elsewhere. */
type Lies = ReadonlyMap<number, (members: readonly number[]) => string>;

function compare(shape: Shape, lies: Lies, silent: readonly number[] = []) {
  const holders = holderSets(shape);
  const keepers = Array.from({ length: shape.keepers }, (_, keeper) => keeper).filter(
    (keeper) => !silent.includes(keeper),
  );
  const claims: Claims = new Map(
    keepers.map((keeper) => {
      const said = (set: number) => lies.get(keeper)?.(holders.sets[set]!) ?? TRUTH;
      return [keeper, new Map(setsOfKeeper(holders, keeper).map((set) => [set, said(set)]))];
    }),
  );
  return compareAnswers(holders, claims);
}

function suspects(shape: Shape, lies: Lies, silent: readonly number[] = []): readonly number[] {
  const comparison = compare(shape, lies, silent);
  if (comparison.kind !== 'differing') throw new Error('nobody was found out');
  return comparison.suspects;
}

const lie = (text: string) => () => text;
/** Lies of the sets with all these members only. */
const lieIn =
  (...members: number[]) =>
  (set: readonly number[]) =>
    members.every((member) => set.includes(member)) ? 'false' : TRUTH;

describe('answers that agree', () => {
  it('are all confirmed if every set has two members that answered', () => {
    expect(compare({ keepers: 3, threshold: 2 }, new Map())).to.deep.equal({
      kind: 'agreed',
      unconfirmed: [],
    });
    expect(compare({ keepers: 5, threshold: 3 }, new Map(), [4])).to.deep.equal({
      kind: 'agreed',
      unconfirmed: [],
    });
  });

  it('rest on one keeper where all others of a set are silent', () => {
    expect(compare({ keepers: 3, threshold: 2 }, new Map(), [1])).to.deep.equal({
      kind: 'agreed',
      unconfirmed: [0, 2],
    });
    expect(compare({ keepers: 5, threshold: 3 }, new Map(), [1, 3])).to.deep.equal({
      kind: 'agreed',
      unconfirmed: [0, 2, 4],
    });
  });

  it('rest on one keeper each when t = n, so that a lie goes unseen', () => {
    const all = { kind: 'agreed', unconfirmed: [0, 1, 2] };
    expect(compare({ keepers: 3, threshold: 3 }, new Map())).to.deep.equal(all);
    expect(compare({ keepers: 3, threshold: 3 }, new Map([[1, lie('false')]]))).to.deep.equal(all);
    expect(compare({ keepers: 1, threshold: 1 }, new Map())).to.deep.equal({
      kind: 'agreed',
      unconfirmed: [0],
    });
  });
});

describe('answers that differ', () => {
  it('of 2-of-3: name the liar that differs everywhere, since the others agree in their own set', () => {
    for (const liar of [0, 1, 2]) {
      expect(suspects({ keepers: 3, threshold: 2 }, new Map([[liar, lie('false')]]))).to.deep.equal([liar]);
    }
  });

  it('of 2-of-3: suspect both members of the one set that differs', () => {
    expect(suspects({ keepers: 3, threshold: 2 }, new Map([[1, lieIn(1, 2)]]))).to.deep.equal([1, 2]);
  });

  it('of 2-of-3: suspect both if the third is silent', () => {
    expect(suspects({ keepers: 3, threshold: 2 }, new Map([[0, lie('false')]]), [2])).to.deep.equal([0, 1]);
  });

  it('of 2-of-3: suspect everybody if two lie', () => {
    const lies = new Map([
      [0, lie('one')],
      [1, lie('two')],
    ]);
    expect(suspects({ keepers: 3, threshold: 2 }, lies)).to.deep.equal([0, 1, 2]);
  });

  it('of 3-of-5: name one liar by the majority, even if it lies once', () => {
    const shape = { keepers: 5, threshold: 3 };
    for (const liar of [0, 1, 2, 3, 4]) {
      expect(suspects(shape, new Map([[liar, lie('false')]]))).to.deep.equal([liar]);
      const others = [(liar + 1) % 5, (liar + 2) % 5];
      expect(suspects(shape, new Map([[liar, lieIn(liar, ...others)]]))).to.deep.equal([liar]);
    }
  });

  it('of 3-of-5: name two liars that lie each for itself', () => {
    const lies = new Map([
      [1, lie('one')],
      [3, lie('two')],
    ]);
    expect(suspects({ keepers: 5, threshold: 3 }, lies)).to.deep.equal([1, 3]);
  });

  it('of 3-of-5: name two liars that agree with each other, too', () => {
    const lies = new Map([
      [1, lie('false')],
      [3, lie('false')],
    ]);
    expect(suspects({ keepers: 5, threshold: 3 }, lies)).to.deep.equal([1, 3]);
    // Even if they lie only where they are the majority: three honest ones would have to lie to look like that.
    const careful = new Map([
      [1, lieIn(1, 3)],
      [3, lieIn(1, 3)],
    ]);
    expect(suspects({ keepers: 5, threshold: 3 }, careful)).to.deep.equal([1, 3]);
  });

  it('of 3-of-4: name one liar; suspect the set of two where it lies only there', () => {
    const shape = { keepers: 4, threshold: 3 };
    expect(suspects(shape, new Map([[2, lie('false')]]))).to.deep.equal([2]);
    expect(suspects(shape, new Map([[2, lieIn(2, 3)]]))).to.deep.equal([2, 3]);
  });

  it('never leave out the liar while liars are the only ones who lie alone', () => {
    const shapes = [
      { keepers: 3, threshold: 2 },
      { keepers: 4, threshold: 3 },
      { keepers: 5, threshold: 3 },
      { keepers: 5, threshold: 4 },
      { keepers: 10, threshold: 6 },
    ];
    const run = fc.record({
      shape: fc.constantFrom(...shapes),
      liar: fc.nat({ max: 9 }),
      lied: fc.infiniteStream(fc.boolean()),
    });
    fc.assert(
      fc.property(run, ({ shape, liar, lied }) => {
        const culprit = liar % shape.keepers;
        const lies = new Map([[culprit, () => (lied.next().value === true ? 'false' : TRUTH)]]);
        const comparison = compare(shape, lies);
        if (comparison.kind === 'differing') expect(comparison.suspects).to.include(culprit);
      }),
    );
  });

  it('are told apart in time for ten keepers that all say something else', () => {
    const lies = new Map(Array.from({ length: 10 }, (_, keeper) => [keeper, lie(`${keeper}`)]));
    expect(suspects({ keepers: 10, threshold: 6 }, lies)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
