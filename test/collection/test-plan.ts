/** A plan of tests that needs no shared data: all of PrivCount's counters, and lists of every kind that overlap. */
import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { buildMatchLists, type ListTexts } from '../../src/collection/match-lists.js';
import { type Bin, isSingleBinName } from '../../src/core/bins.js';
import { layOutCounters } from '../../src/core/counters.js';
import { md5Hex } from './oracle.js';
import { type PlainLists } from './plain-lists.js';

const MD5_FORM = Buffer.from(md5Hex(Buffer.from('facebookcorewwwi.onion'))).toString();

/** One list set in both forms: as texts, and as the plain model has it. */
export const PLAIN_LISTS: PlainLists = {
  domains: [['a.com', 'www.a.com', 'com.de'], ['b.com', 'x.y.b.com'], ['onion']],
  countries: [['us'], ['de', '??'], ['!!']],
  hsdirStores: [['new'], ['expired']],
  hsdirFetches: [['cached']],
  circuitFailures: [['destroy'], ['b']],
  // The second list has facebookcorewwwi in its MD5 form, and bbbbbbbbbbbbbbbb plain; the third has the latter too.
  onionAddresses: [['aaaaaaaaaaaaaaaa'], [MD5_FORM, 'bbbbbbbbbbbbbbbb'], ['facebookcorewwwi']],
  autonomousSystems: [[1, 2], [3], [70_000]],
  prefixes: [
    { network: '10.0.0.0', length: 8, system: 3 },
    { network: '10.1.0.0', length: 16, system: 1 },
    { network: '10.1.2.0', length: 24, system: 9 },
    { network: '10.1.2.3', length: 32, system: 70_000 },
    { network: '2001:db8::', length: 32, system: 2 },
    { network: '2001:db8:1::', length: 48, system: 3 },
  ],
};

function toTexts(lists: PlainLists): ListTexts {
  const { prefixes = [], ...named } = lists;
  const texts = Object.entries(named).map(([kind, items]) => [
    kind,
    items.map((list) => Buffer.from(list.join('\n'))),
  ]);
  const prefixText = (isV6: boolean): Buffer =>
    Buffer.from(
      prefixes
        .filter(({ network }) => network.includes(':') === isV6)
        .map(({ network, length, system }) => `${network}/${length}\t${system}\n`)
        .join(''),
    );
  const asPrefixes = [prefixText(false), prefixText(true)];
  return { ...(Object.fromEntries(texts) as ListTexts), asPrefixes };
}

export const { lists: LISTS } = buildMatchLists(toTexts(PLAIN_LISTS), { rejectOverlaps: false, md5Hex });

/** Bins that tell values apart, with a gap, a negative side and, for every third counter, out of order. */
const BINS: readonly Bin[][] = [
  [
    [-Infinity, 0],
    [0, 1],
    [1, 2],
    [2, 100],
    [200, 4_294_967_296],
    [4_294_967_296, Infinity],
  ],
  [
    [10, Infinity],
    [0, 1],
    [-1, 0],
    [1, 3],
  ],
  [
    [0, 1],
    [1, Infinity],
  ],
];

export function binsOf(name: string, at: number): readonly Bin[] {
  return isSingleBinName(name) ? [[-Infinity, Infinity]] : BINS[at % BINS.length]!;
}

/** PrivCount's counters, but for those that need a traffic model. */
export const ALL = layOutCounters(
  [...CATALOGUE.values()]
    .filter(({ family }) => family !== 'rejected events' && !family.startsWith('traffic model'))
    .map(({ name }, at) => ({ name, bins: binsOf(name, at) })),
);
