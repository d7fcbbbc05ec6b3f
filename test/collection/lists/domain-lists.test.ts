/** Domain lists: reading, overlaps, exact and suffix matches (spec/counters.md, 7.1-7.3). */
import { expect } from 'chai';
import fc from 'fast-check';

import { readDomainFile } from '../../../src/collection/lists/domain-file.js';
import { buildDomainLists, suffixList } from '../../../src/collection/lists/domain-lists.js';
import { LISTS_MAX, listOfName, NO_LIST } from '../../../src/collection/lists/name-lists.js';
import { toListText } from '../../../src/collection/lists/names.js';
import { plainExactList, plainSuffixList } from '../plain-lists.js';
import { domainLists } from './support.js';

const read = (text: string): ReturnType<typeof readDomainFile> => readDomainFile(Buffer.from(text, 'latin1'));

function items(text: string): string[] {
  return Buffer.from(toListText(read(text).names))
    .toString()
    .split('\n')
    .slice(0, -1);
}

function build(
  lists: readonly (readonly string[])[],
  rejectOverlaps: boolean,
): { faults: string[]; warnings: string[] } {
  const { faults, warnings } = buildDomainLists(
    lists.map((list) => read(list.join('\n')).names),
    { rejectOverlaps },
  );
  return { faults, warnings };
}

function match(lists: readonly (readonly string[])[], host: string): [exact: number, suffix: number] {
  const domains = domainLists(lists);
  const bytes = Buffer.from(`a.${host}.b`, 'latin1');
  return [listOfName(domains, bytes, 2, bytes.length - 2), suffixList(domains, bytes, 2, bytes.length - 2)];
}

describe('the file of a domain list', () => {
  it('has one item a line, in lower case, without dots at its ends', () => {
    expect(items('a.com\n')).to.deep.equal(['a.com']);
    expect(items('  A.Com \r\n\t.b_c-1.net.\n\nd')).to.deep.equal(['a.com', 'b_c-1.net', 'd']);
  });

  it('may have comments of three kinds and empty lines', () => {
    expect(items('# a\n// b\n; c\n \n/\n#\na')).to.deep.equal(['a']);
    expect(read('#x\n//y\n;z\na b').faults).to.deep.equal([
      'line 4: a domain is made of letters, digits, dots, hyphens and underscores; ' +
        'a URL, wildcard or comment may not stand here',
    ]);
  });

  it('names the lines that are no domains, and never what stands there', () => {
    const wrong = ['http://a', '*.a', 'a.com # b', 'ä.de', 'a,b', 'a\0', '\xef\xbb\xbfa'];
    const { faults } = read(['ok', ...wrong].join('\n'));
    expect(faults.map((fault) => fault.split(':')[0])).to.deep.equal(wrong.map((_, at) => `line ${at + 2}`));
    expect(read('...\na..b\n.').faults)
      .to.have.lengthOf(3)
      .and.to.satisfy((all: string[]) => all[1]!.includes('label'));
  });

  it('with many faults names the first 20 and counts the rest', () => {
    const { faults } = read('*\n'.repeat(25));
    expect(faults).to.have.lengthOf(21);
    expect(faults.at(-1)).to.equal('and 5 more lines like these');
  });

  it('must have an item', () => {
    for (const text of ['', '\n', '# a']) expect(read(text).faults).to.deep.equal(['the list has no item']);
  });

  it('is its own reading when written out', () => {
    const label = fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/);
    fc.assert(
      fc.property(fc.array(fc.array(label, { minLength: 1, maxLength: 4 }), { minLength: 1 }), (names) => {
        const text = names.map((labels) => labels.join('.')).join('\n');
        expect(items(text)).to.deep.equal(text.toLowerCase().split('\n'));
        expect(items(items(text).join('\n'))).to.deep.equal(items(text));
      }),
    );
  });
});

describe('domain lists', () => {
  it('warn of names that stand twice in one list', () => {
    expect(build([['a.com', 'b.com', 'A.com', 'a.com.']], true)).to.deep.equal({
      faults: [],
      warnings: ['list 0: 2 items stand there twice'],
    });
  });

  it('that overlap are refused, or warned of', () => {
    const lists = [['a.com'], ['b.com'], ['b.com', 'x.a.com', 'c.com']];
    const overlaps = [
      'list 2: 1 items also stand in an earlier list',
      'list 2: 1 items have a suffix that is an item of another list',
    ];
    expect(build(lists, true)).to.deep.equal({ faults: overlaps, warnings: [] });
    expect(build(lists, false)).to.deep.equal({ faults: [], warnings: overlaps });
  });

  it('may have suffixes of their own names, with a warning', () => {
    expect(build([['x.a.com', 'a.com']], true)).to.deep.equal({
      faults: [],
      warnings: ['list 0: 1 items have a suffix that is an item of the same list'],
    });
  });

  it('let the first list have a name, and the shorter suffix win', () => {
    const lists = [['x.a.com'], ['a.com'], ['a.com', 'c.com']];
    expect(match(lists, 'x.a.com')).to.deep.equal([0, 1]);
    expect(match(lists, 'y.a.com')).to.deep.equal([NO_LIST, 1]);
    expect(match(lists, 'a.com')).to.deep.equal([1, 1]);
    expect(match(lists, 'c.com')).to.deep.equal([2, 2]);
  });

  it('match whole labels, whatever their case', () => {
    const lists = [['a.net', 'com']];
    expect(match(lists, 'A.nEt')).to.deep.equal([0, 0]);
    expect(match(lists, 'xa.net')).to.deep.equal([NO_LIST, NO_LIST]);
    expect(match(lists, 'google..com')).to.deep.equal([NO_LIST, 0]);
    expect(match(lists, 'net')).to.deep.equal([NO_LIST, NO_LIST]);
    expect(match(lists, 'b.a..net')).to.deep.equal([NO_LIST, NO_LIST]);
    expect(match(lists, '')).to.deep.equal([NO_LIST, NO_LIST]);
    expect(match(lists, '...')).to.deep.equal([NO_LIST, NO_LIST]);
  });

  it('strip dots from the ends of a host for suffixes only', () => {
    expect(match([['a.net']], '.a.net.')).to.deep.equal([NO_LIST, 0]);
  });

  it('match as plain sets and a tree of labels do', () => {
    const label = fc.constantFrom('a', 'b', 'com', 'net', 'xa');
    const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
    const host = fc.array(
      fc.oneof({ arbitrary: label, weight: 9 }, { arbitrary: fc.constantFrom('', 'COM', 'ä'), weight: 1 }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(name, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        fc.array(host),
        (lists, hosts) => {
          for (const labels of hosts) {
            const text = labels.join('.');
            expect(match(lists, text), text).to.deep.equal([
              plainExactList(lists, text),
              plainSuffixList(lists, text),
            ]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are at most a thousand', () => {
    const names = read('a').names;
    const lists = Array.from({ length: LISTS_MAX }, () => names);
    expect(buildDomainLists(lists, { rejectOverlaps: false }).domains.lists).to.equal(1000);
    expect(() => buildDomainLists([...lists, names], { rejectOverlaps: false })).to.throw(RangeError);
  });
});
