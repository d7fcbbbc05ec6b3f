import { expect } from 'chai';
import { parseResultFile, ResultFileError } from '../../src/results/result-file.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';
import { readProjectFile } from '../doc/documents.js';

type Bin = readonly [unknown, unknown, unknown];

const tallies = (bins: readonly Bin[], sigma: unknown = 1, name = 'A') =>
  JSON.stringify({ [name]: { bins, effective_sigma: sigma } });
const parse = (...given: Parameters<typeof tallies>) => parseResultFile(tallies(...given)).counters[0]!;

const ORIGINAL = 'original/privcount.outcome.1795190804-1795190825.json';

describe('a result file', () => {
  it('has its totals as exact decimals, whatever their size', () => {
    const big = String(-(10n ** 38n));
    expect(parse([[0, 1, big]]).bins[0]!.total).to.equal(big);
    expect(parseResultFile(`{"A": {"bins": [[0, 1, ${big}]]}}`).counters[0]!.bins[0]!.total).to.equal(big);
    expect(parse([[0, 1, '0.25']]).bins[0]!.total).to.equal('0.25');
    expect(parseResultFile('{"A": {"bins": [[0, 1, -0]]}}').counters[0]!.bins[0]!.total).to.equal('0');
  });

  it('has ends of bins and sigmas of all sizes, as JSON writes them', () => {
    const { bins, sigma } = parse([[1e16, 1.5e20, '1']], 1e19);
    expect(bins[0]).to.deep.equal({ low: 1e16, high: 1.5e20, total: '1' });
    expect(sigma).to.equal(1e19);
    expect(parse([['-Infinity', 'Infinity', '1']]).bins[0]).to.include({ low: -Infinity, high: Infinity });
  });

  it('reads the infinities of PrivCount 2.0, but not in texts', () => {
    const text =
      '{"A": {"bins": [[-Infinity, Infinity, 5]]}, "Infinity, \\"-Infinity": {"bins": [[0, 1, 2]]}}';
    const { counters } = parseResultFile(text);
    expect(counters.map(({ name }) => name)).to.deep.equal(['A', 'Infinity, "-Infinity']);
    expect(counters[0]!.bins[0]).to.include({ low: -Infinity, high: Infinity });
  });

  it('says whether its noise is known', () => {
    expect(parse([[0, 1, '1']], 0).sigma).to.equal(0);
    expect(parseResultFile('{"A": {"bins": [[0, 1, 1]]}}').counters[0]!.sigma).to.equal(undefined);
  });

  it('of an aborted round says why there are no totals', () => {
    const text = JSON.stringify({
      Result: { outcome: 'aborted', reason: 'too few collectors' },
      Context: {},
    });
    expect(() => parseResultFile(text)).to.throw(
      ResultFileError,
      'aborted and has no totals: too few collectors',
    );
    expect(() => parseResultFile('{"Context": {}}')).to.throw(ResultFileError, 'no totals');
  });

  it('is refused at each limit, with its number', () => {
    const bins = (count: number): Bin[] => Array.from({ length: count }, (_, at) => [at, at + 1, '1']);
    expect(parse(bins(10_000)).bins).to.have.length(10_000);
    expect(() => parse(bins(10_001))).to.throw(ResultFileError, 'A.bins');
    const many = (counters: number, each: number): string =>
      JSON.stringify(
        Object.fromEntries(Array.from({ length: counters }, (_, at) => [`C${at}`, { bins: bins(each) }])),
      );
    expect(parseResultFile(many(20_000, 1)).counters).to.have.length(20_000);
    expect(() => parseResultFile(many(20_001, 1))).to.throw(ResultFileError, '20001 counters');
    expect(() => parseResultFile(many(27, 9_999))).to.throw(ResultFileError, '269973 bins');
    expect(parse(bins(1), 1, 'n'.repeat(256)).name).to.have.length(256);
    expect(() => parse(bins(1), 1, 'n'.repeat(257))).to.throw(ResultFileError, '256');
    expect(parse([[0, 1, '9'.repeat(110)]]).bins[0]!.total).to.have.length(110);
    expect(() => parse([[0, 1, '9'.repeat(111)]])).to.throw(ResultFileError);
    expect(parse(bins(1), 1e60).sigma).to.equal(1e60);
    expect(() => parse(bins(1), 1e61)).to.throw(ResultFileError, 'effective_sigma');
  });

  it('is refused for what is no total, no bin, no noise and no name', () => {
    for (const total of ['', '.5', '1.', '1e3', 'x', 1.5, null, true, '٣']) {
      expect(() => parse([[0, 1, total]]), String(total)).to.throw(ResultFileError);
    }
    expect(() => parse([])).to.throw(ResultFileError);
    expect(() => parse([[1, 1, '1']])).to.throw(ResultFileError, 'ends where it begins');
    expect(() => parse([[2, 1, '1']])).to.throw(ResultFileError, 'ends where it begins');
    for (const sigma of [-1, 'Infinity', null, '1.5']) {
      expect(() => parse([[0, 1, '1']], sigma), String(sigma)).to.throw(ResultFileError);
    }
    for (const name of ['', '\u001b[2J', 'a\nb', 'a\u202eb', '\u2028']) {
      expect(() => parse([[0, 1, '1']], 1, name), JSON.stringify(name)).to.throw(ResultFileError);
    }
    for (const text of ['', 'null', '[]', '7', '"x"', '{', '{"a": NaN}', '['.repeat(100_000), '{"A": 5}']) {
      expect(() => parseResultFile(text), text.slice(0, 9)).to.throw(ResultFileError);
    }
  });

  it('takes long texts in a moment', () => {
    const text = JSON.stringify({ x: 'a\\"'.repeat(3_000_000) });
    expect(() => parseResultFile(text)).to.throw(ResultFileError);
  });

  it('does not lose a counter with the name of a property of all objects', () => {
    const text = '{"toString": {"bins": [[0, 1, "5"]]}, "constructor": {"bins": [[0, 1, "6"]]}}';
    const names = parseResultFile(text).counters.map(({ name }) => name);
    expect(names).to.have.members(['toString', 'constructor']);
  });

  it('of this program has its round, its privacy and its times', () => {
    const file = 'doc/examples/privcount.outcome.1795296528-1795296536.json';
    const { roundId, privacy, collected, counters } = parseResultFile(readProjectFile(file));
    expect(roundId).to.match(/^[0-9a-f]{32}$/);
    expect(privacy).to.include({ noise: 'on', delta: 0.001 });
    expect(collected!.to - collected!.from).to.equal(8);
    expect(counters.every(({ sigma, name }) => name === 'ZeroCount' || sigma! > 0)).to.equal(true);
  });
});

describe('the names of match lists in a result file', () => {
  const listsOf = (config: object) =>
    parseResultFile(
      JSON.stringify({ Tally: { A: { bins: [[0, 1, '1']] } }, Context: { TallyServer: { Config: config } } }),
    ).lists;

  it('are ours by kind, and those of PrivCount 2.0 by its keys, without folders', () => {
    const lists = listsOf({
      match_lists: [{ kind: 'countries', digests: ['x'], names: ['eu.txt'], contents: ['de, fr'] }],
      domain_files: ['/home/op/top.txt', 'mail.txt'],
      domain_lists: ["'a.com....z.com' (7)", "'b' (1)"],
    });
    expect([...lists]).to.have.deep.members([
      ['countries', { file: ['eu.txt'], content: ['de, fr'] }],
      ['domains', { file: ['top.txt', 'mail.txt'], content: ["'a.com....z.com' (7)", "'b' (1)"] }],
    ]);
  });

  it('have nothing in them that a terminal obeys or a picture can not hold, and are short', () => {
    const names = ['\u001b[2J', 'a\u0000b', 'n'.repeat(300)];
    const lists = listsOf({ match_lists: [{ kind: 'domains', digests: [], names }] });
    expect(lists.get('domains')!.file).to.deep.equal(['\u{fffd}[2J', 'a\u{fffd}b', 'n'.repeat(200)]);
    const many = Array.from({ length: 1001 }, () => 'x');
    expect(listsOf({ match_lists: [{ kind: 'domains', digests: [], names: many }] }).size).to.equal(0);
  });

  it('are none where the file has something else in their place', () => {
    expect(
      listsOf({ match_lists: 'none', domain_files: [1], country_lists: [], as_files: {} }).size,
    ).to.equal(0);
    expect(listsOf({ match_lists: [{ kind: 'countries', digests: [] }] }).size).to.equal(0);
  });
});

describeWithSharedData("a result file of PrivCount's own", () => {
  it('has the noise of its context, times the root of the excess ratio', () => {
    const { counters, roundId, privacy } = parseResultFile(readShared(ORIGINAL).toString());
    expect(counters.map(({ name }) => name)).to.deep.equal([
      'EntryConnectionCount',
      'ExitStreamByteHistogram',
      'ExitStreamCount',
      'ZeroCount',
    ]);
    expect(counters[0]!.bins).to.deep.equal([{ low: 0, high: Infinity, total: '-40266' }]);
    expect(counters.map(({ sigma }) => Math.round(2 * sigma!))).to.deep.equal([
      356_638, 3_566_383, 3_566_383, 0,
    ]);
    expect([roundId, privacy]).to.deep.equal([undefined, undefined]);
  });

  it('is read without its context too, and then says nothing of noise', () => {
    const text = readShared('original/privcount.tallies.1795190804-1795190825.json').toString();
    expect(parseResultFile(text).counters[0]).to.include({ name: 'EntryConnectionCount', sigma: undefined });
  });

  it('may have all counters', () => {
    const bins = JSON.parse(
      readShared('oracle/events/tally.0rotations.json.gz')
        .toString()
        .replaceAll(/-?Infinity/g, '"$&"'),
    ) as Record<string, unknown>;
    const text = JSON.stringify(
      Object.fromEntries(Object.entries(bins).map(([name, own]) => [name, { bins: own }])),
    );
    const { counters } = parseResultFile(text.replaceAll(/"(-?Infinity)"/g, '$1'));
    expect(counters.length).to.be.greaterThan(5000);
  });
});
