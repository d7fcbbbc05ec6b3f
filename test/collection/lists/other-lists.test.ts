/** Lists of countries, reasons, onion addresses and autonomous systems (spec/counters.md, 7.1, 7.2, 7.4 and 7.5). */
import { expect } from 'chai';
import fc from 'fast-check';

import { readAsFile, readAsPrefixFile } from '../../../src/collection/lists/as-file.js';
import { asList, buildAsLists } from '../../../src/collection/lists/as-lists.js';
import { toCanonicalList } from '../../../src/collection/lists/list-texts.js';
import { NO_LIST } from '../../../src/collection/lists/name-lists.js';
import { onionList } from '../../../src/collection/lists/onion-lists.js';
import { buildMatchLists, type ListTexts } from '../../../src/collection/match-lists.js';
import { readAddress } from '../../../src/tor/events/address.js';
import { md5Hex } from '../oracle.js';
import { plainAsList } from '../plain-lists.js';

const text = (lines: readonly string[]): Buffer => Buffer.from(lines.join('\n'), 'latin1');
const canonical = (kind: Parameters<typeof toCanonicalList>[0], ...lines: string[]): string[] =>
  Buffer.from(toCanonicalList(kind, text(lines)).text)
    .toString()
    .split('\n')
    .slice(0, -1);
const faultsOf = (kind: Parameters<typeof toCanonicalList>[0], ...lines: string[]): string[] =>
  toCanonicalList(kind, text(lines)).faults;

const build = (texts: ListTexts, rejectOverlaps = true): ReturnType<typeof buildMatchLists> =>
  buildMatchLists(texts, { rejectOverlaps, md5Hex });

describe('lists of countries and reasons', () => {
  it('are read in lower case', () => {
    expect(canonical('countries', 'US', ' de ', '# x', '??', '!!', 'a1')).to.deep.equal([
      'us',
      'de',
      '??',
      '!!',
      'a1',
    ]);
    expect(canonical('circuitFailures', 'DESTROY', 'reason2')).to.deep.equal(['destroy', 'reason2']);
  });

  it('refuse what is none, by line', () => {
    for (const wrong of ['usa', 'u', '?!', '!?', 'ü1', 'u-', '?']) {
      expect(faultsOf('countries', 'de', wrong), wrong).to.deep.equal([
        'line 2: a country is two letters or digits, ?? or !!',
      ]);
    }
    for (const wrong of ['a b', 'a-b', 'a=b', 'é']) {
      expect(faultsOf('hsdirStores', 'new', wrong), wrong).to.deep.equal([
        'line 2: a reason is made of letters and digits',
      ]);
    }
    for (const kind of ['countries', 'hsdirFetches', 'onionAddresses', 'autonomousSystems'] as const) {
      expect(faultsOf(kind, '', '# a')).to.deep.equal(['the list has no item']);
    }
  });

  it('that overlap are refused or warned of, by kind', () => {
    const texts = { countries: [text(['us', 'US']), text(['de', 'us'])], hsdirStores: [text(['new'])] };
    const repeat = { kind: 'countries', list: undefined, problem: 'list 0: 1 items stand there twice' };
    const overlap = {
      kind: 'countries',
      list: undefined,
      problem: 'list 1: 1 items also stand in an earlier list',
    };
    expect(build(texts)).to.deep.include({ faults: [overlap], warnings: [repeat] });
    expect(build(texts, false)).to.deep.include({ faults: [], warnings: [overlap, repeat] });
  });

  it('that are not configured are absent, and faults name the list', () => {
    const { lists, faults } = build({ hsdirFetches: [text(['cached']), text(['x y'])] });
    expect(lists.domains).to.equal(undefined);
    expect(lists.hsdirFetches).not.to.equal(undefined);
    expect(faults).to.deep.equal([
      { kind: 'hsdirFetches', list: 1, problem: 'line 1: a reason is made of letters and digits' },
    ]);
  });
});

describe('lists of onion addresses', () => {
  const ADDRESS = 'facebookcorewwwi';
  const MD5 = Buffer.from(md5Hex(Buffer.from(`${ADDRESS}.onion`))).toString();

  it('are addresses alone, in URLs, or their MD5', () => {
    const ways = [
      ...[
        ADDRESS,
        ADDRESS.toUpperCase(),
        `${ADDRESS}.onion`,
        `${ADDRESS}.onion.`,
        `http://${ADDRESS}.onion/`,
      ],
      ...[`www.${ADDRESS}.onion`, `https://a.b.${ADDRESS}.onion/x.html?y#z`, `x:${ADDRESS}.onion`],
      // These the original refuses (quirk Q30).
      ...[
        `${ADDRESS}.ONION`,
        `${ADDRESS}.onion:8080`,
        `http://${ADDRESS}.onion:80/a:b`,
        `ftp://me:pw@${ADDRESS}.onion/`,
      ],
    ];
    for (const way of ways) expect(canonical('onionAddresses', way), way).to.deep.equal([ADDRESS]);
    expect(canonical('onionAddresses', MD5.toUpperCase())).to.deep.equal([MD5]);
  });

  it('refuse what is none', () => {
    const wrong = [
      'short',
      `${ADDRESS}a`,
      'facebookcorewww1',
      '.onion',
      'onion',
      '/',
      ':',
      '::',
      'a'.repeat(56),
      MD5.slice(1),
    ];
    for (const line of wrong) expect(faultsOf('onionAddresses', line), line).to.have.lengthOf(1);
  });

  it('match in both forms, whatever the case, the first list winning', () => {
    const other = 'bbbbbbbbbbbbbbbb';
    const { lists, warnings } = build({ onionAddresses: [text([other]), text([MD5]), text([ADDRESS])] });
    const match = (address: string): number => {
      const bytes = Buffer.from(` ${address} `);
      return onionList(lists.onionAddresses!, bytes, 1, bytes.length - 1);
    };
    expect([other, ADDRESS, ADDRESS.toUpperCase(), 'cccccccccccccccc'].map(match)).to.deep.equal([
      0,
      1,
      1,
      NO_LIST,
    ]);
    expect(warnings.map(({ problem }) => problem)).to.deep.equal([
      'list 2: 1 items also stand in their MD5 form; the earlier list gets the events',
    ]);
  });

  it('take no MD5 when no list has one', () => {
    const { lists } = build({ onionAddresses: [text([ADDRESS])] });
    expect(lists.onionAddresses!.md5Hex).to.equal(undefined);
    expect(onionList(lists.onionAddresses!, Buffer.from(ADDRESS), 0, 16)).to.equal(0);
  });
});

describe('lists of autonomous systems', () => {
  it('are whole numbers of 32 bits, from 1', () => {
    expect([...readAsFile(text(['1', '+7', '007', '4294967295'])).numbers]).to.deep.equal([
      1, 7, 7, 4_294_967_295,
    ]);
    for (const wrong of ['0', '-1', '4294967296', 'AS1', '1.0', '1e3', '']) {
      const { faults } = readAsFile(text(['5', wrong === '' ? 'x' : wrong]));
      expect(faults, wrong).to.deep.equal([
        'line 2: an autonomous system is a whole number from 1 to 4294967295',
      ]);
    }
  });

  it('need both files of prefixes, and those need lists', () => {
    const prefixes4 = text(['10.0.0.0/8\t1']);
    const prefixes6 = text(['2001:db8::/32\t1']);
    const wrong: ListTexts[] = [
      { autonomousSystems: [text(['1'])] },
      { asPrefixes: [prefixes4, prefixes6] },
      { autonomousSystems: [text(['1'])], asPrefixes: [prefixes4] },
      { autonomousSystems: [text(['1'])], asPrefixes: [prefixes4, prefixes6, prefixes6] },
    ];
    for (const texts of wrong)
      expect(build(texts).faults[0]).to.deep.include({ kind: 'asPrefixes', list: undefined });
    expect(
      build({ autonomousSystems: [text(['1'])], asPrefixes: [prefixes4, prefixes6] }).faults,
    ).to.deep.equal([]);
    expect(
      build({ autonomousSystems: [text(['1'])], asPrefixes: [prefixes6, prefixes4] }).faults,
    ).to.have.lengthOf(2);
  });

  it('have prefixes of 1 bit to all, with the system behind a tab and anything behind the system', () => {
    const read = (...lines: string[]): { prefixes: number; faults: string[] } => {
      const { prefixes, faults } = readAsPrefixFile(text(lines), 4);
      return { prefixes: prefixes.systems.length, faults };
    };
    expect(
      read('1.0.0.0/1\t1', '1.2.3.4/32\t4294967295', '; c', '9.0.0.0/8\t1_2', '9.0.0.0/8\t1,2'),
    ).to.deep.equal({
      prefixes: 4,
      faults: [],
    });
    for (const wrong of [
      '1.0.0.0/0\t1',
      '1.0.0.0/33\t1',
      '1.0.0.0\t1',
      '::/8\t1',
      '1.0.0.0/8',
      '1.0.0.0/8\t0',
      '1.0.0.0/8\tx',
    ]) {
      expect(read('1.0.0.0/8\t1', wrong).faults, wrong).to.have.lengthOf(1);
    }
  });

  it('find the longest prefix as trying all of them does', () => {
    const bits = (version: 4 | 6): fc.Arbitrary<string> =>
      version === 4
        ? fc
            .tuple(
              fc.constantFrom(10, 11, 255, 0),
              fc.constantFrom(0, 128, 255),
              fc.nat({ max: 255 }),
              fc.nat({ max: 3 }),
            )
            .map((octets) => octets.join('.'))
        : fc
            .tuple(
              fc.constantFrom('2001', 'ffff', '0'),
              fc.constantFrom('db8', 'ffff', '8000'),
              fc.constantFrom('0', '1', 'ffff'),
              fc.constantFrom('0', 'ffff', '8000'),
            )
            .map((groups) => `${groups.join(':')}::`);
    const prefix = fc.constantFrom<4 | 6>(4, 6).chain((version) =>
      fc.record({
        network: bits(version),
        length: fc.oneof(
          fc.integer({ min: 1, max: version === 4 ? 32 : 64 }),
          fc.constant(version === 4 ? 32 : 128),
        ),
        system: fc.integer({ min: 1, max: 6 }),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(prefix, { maxLength: 30 }),
        fc.array(fc.oneof(bits(4), bits(6)), { minLength: 20 }),
        (prefixes, addresses) => {
          const lists = [[1, 2], [3], [4]];
          const lines = (isV6: boolean): Buffer =>
            text(
              prefixes
                .filter(({ network }) => network.includes(':') === isV6)
                .map(({ network, length, system }) => `${network}/${length}\t${system}`),
            );
          const { systems } = buildAsLists(
            lists.map((numbers) => Uint32Array.from(numbers)),
            {
              ipv4: readAsPrefixFile(lines(false), 4).prefixes,
              ipv6: readAsPrefixFile(lines(true), 6).prefixes,
            },
            { rejectOverlaps: true },
          );
          const words = new Uint32Array(4);
          for (const address of addresses) {
            const version = readAddress(Buffer.from(address), 0, address.length, words, 0);
            expect(asList(systems, version, words, 0), address).to.equal(
              plainAsList({ autonomousSystems: lists, prefixes }, address),
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
