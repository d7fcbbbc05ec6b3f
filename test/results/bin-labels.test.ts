import { expect } from 'chai';
import { BinLabelError, listNames, shownLabels, toBinLabels } from '../../src/results/bin-labels.js';
import { experimentOf } from './results-of.js';

const ends = (...edges: readonly number[]) =>
  edges.slice(1).map((high, at) => ({ low: edges[at]!, high, at }));

describe('the labels of bins', () => {
  it('are their ranges, in words', () => {
    expect(toBinLabels('A', ends(-Infinity, 0, 1, 1024, 1_048_576, Infinity), undefined)).to.deep.equal([
      'below 0',
      '0',
      '1 to <1,024',
      '1,024 to <1,048,576',
      '1,048,576 or more',
    ]);
    expect(toBinLabels('A', ends(-Infinity, Infinity), undefined)).to.deep.equal(['all']);
    expect(toBinLabels('A', ends(0.5, 1.5, 1e21), undefined)).to.deep.equal(['0.5 to <1.5', '1.5 to <1e+21']);
  });

  it('are names where they are given, the last bin without one for what is in no list', () => {
    expect(toBinLabels('A', ends(0, 1, 2), ['x', 'y'])).to.deep.equal(['x', 'y']);
    expect(toBinLabels('A', ends(0, 1, 2, Infinity), ['x', 'y'])).to.deep.equal(['x', 'y', '(unmatched)']);
  });

  it('are numbered where two would be the same, and would be drawn as one', () => {
    expect(toBinLabels('A', ends(0, 1, 2, 3), ['x', 'y', 'x'])).to.deep.equal(['0: x', 'y', '2: x']);
    expect(toBinLabels('A', ends(0, 1, 2), ['(unmatched)'])).to.deep.equal(['0: (unmatched)', '(unmatched)']);
    const twice = [...ends(0, 1), ...ends(0, 1)];
    expect(toBinLabels('A', twice, undefined)).to.deep.equal(['0: 0', '1: 0']);
  });

  it('are refused if there are too many or too few', () => {
    for (const names of [[], ['x'], ['a', 'b', 'c', 'd']]) {
      expect(() => toBinLabels('A', ends(0, 1, 2, 3), names)).to.throw(
        BinLabelError,
        `${names.length} labels`,
      );
    }
  });

  it('stay at their bins when others are left out', () => {
    const [, second, third] = ends(0, 1, 2, 3);
    const shown = { name: 'A', binsInAll: 3, bins: [second!, third!] };
    expect(shownLabels(shown, ['x', 'y'])).to.deep.equal(['y', '(unmatched)']);
    expect(shownLabels(shown, undefined)).to.deep.equal(['1', '2']);
  });
});

describe('the names of lists', () => {
  const lists = new Map([['domains', { file: ['top.txt'], content: undefined }]]);
  const plain = experimentOf('plain', {});
  const named = { ...plain, result: { ...plain.result, lists } };

  it('are those of the first result that has some, of the kind that the counter counts over', () => {
    expect(listNames([plain, named], 'file', { listKind: 'domains', bins: 2 })).to.deep.equal(['top.txt']);
    expect(listNames([plain, named], 'file', { listKind: 'domains', bins: 1 })).to.deep.equal(['top.txt']);
    expect(listNames([plain, named], 'file', { listKind: 'countries', bins: 2 })).to.equal(undefined);
    expect(listNames([plain, named], 'content', { listKind: 'domains', bins: 2 })).to.equal(undefined);
    expect(listNames([plain, named], 'range', { listKind: 'domains', bins: 2 })).to.equal(undefined);
  });

  it('are not taken if they do not fit the bins, but the next that do are', () => {
    const longer = new Map([['domains', { file: ['a', 'b', 'c'], content: undefined }]]);
    const other = { ...plain, result: { ...plain.result, lists: longer } };
    const of = (bins: number) => listNames([named, other], 'file', { listKind: 'domains', bins });
    expect([of(2), of(3), of(4), of(5)]).to.deep.equal([
      ['top.txt'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      undefined,
    ]);
  });

  it("are the operator's own for counters over lists alone", () => {
    const source = { given: ['mine'] };
    expect(listNames([named], source, { listKind: 'domains', bins: 2 })).to.deep.equal(['mine']);
    expect(listNames([named], source, { listKind: undefined, bins: 2 })).to.equal(undefined);
  });
});
