/**
 * Families "HSDir stores" and "HSDir fetches" (spec/counters.md, 2.2 and 3.7): descriptors that onion services store at this
 * directory and clients fetch from it. How they are counted stands in handlers/hsdir-cache.ts.
 */
import { ONE } from '../adder.js';
import { type CatalogueEntry, entriesOf, histogram, type Measure, total } from '../catalogue/entry.js';
import { optional, sequence, type Term, word } from '../catalogue/grammar.js';

export const HSDIR_AMOUNTS = { intro: 1, descriptor: 2 } as const;
/** With `ONE`. */
export const HSDIR_AMOUNT_COUNT = 3;
export const HSDIR_VALUES = {
  intro: 0,
  descriptor: 1,
  reasonList: 2,
  onionList: 3,
  introPoints: 4,
  uploadDelay: 5,
  revision: 6,
} as const;
export const HSDIR_VALUE_COUNT = 7;

const LIST_UNIT = 'number of the match list';
const PER = 'per descriptor';

/** Measures that every event has. */
export const ALWAYS: readonly Measure[] = [
  total('Count', ONE, 'events', 'Number of'),
  histogram('ReasonCountList', HSDIR_VALUES.reasonList, LIST_UNIT, 'By match list of the reason: number'),
];
/** Measures of events that state a field. */
export const INTRO_SIZE: readonly Measure[] = [
  total('IntroByteCount', HSDIR_AMOUNTS.intro, 'bytes', 'Bytes of encoded introduction points, over'),
  histogram('IntroByteHistogram', HSDIR_VALUES.intro, 'bytes', `Bytes of encoded introduction points ${PER}`),
];
export const DESCRIPTOR_SIZE: readonly Measure[] = [
  total('DescriptorByteCount', HSDIR_AMOUNTS.descriptor, 'bytes', 'Bytes of encoded descriptors, over'),
  histogram('DescriptorByteHistogram', HSDIR_VALUES.descriptor, 'bytes', 'Bytes of the encoded descriptor'),
];
export const INTRO_POINTS: readonly Measure[] = [
  histogram(
    'IntroPointHistogram',
    HSDIR_VALUES.introPoints,
    'introduction points',
    `Introduction points ${PER}`,
  ),
];
export const ONION_ADDRESS: readonly Measure[] = [
  histogram(
    'OnionAddressCountList',
    HSDIR_VALUES.onionList,
    LIST_UNIT,
    'By match list of the address: number',
  ),
];
export const UPLOAD_DELAY: readonly Measure[] = [
  histogram(
    'UploadDelayTime',
    HSDIR_VALUES.uploadDelay,
    'seconds',
    'Seconds from the making of a descriptor to its upload',
  ),
];
export const REVISION: readonly Measure[] = [
  histogram('RevisionHistogram', HSDIR_VALUES.revision, 'revision number', `Revision number ${PER}`),
];

const COMMON = [...ALWAYS, ...INTRO_SIZE, ...DESCRIPTOR_SIZE];
const OF_VERSION_2 = [...COMMON, ...INTRO_POINTS, ...ONION_ADDRESS];
const OF_VERSION_3 = [...COMMON, ...REVISION];

const ADDED: Term = [word('Add', 'added to the cache'), word('Reject', 'not added to the cache')];
const STORE_CACHED: Term = [
  word('Cached', 'an older one being cached'),
  word('Uncached', 'none being known to be cached'),
];
const FETCH_CACHED: Term = [word('Cached', 'found'), word('Uncached', 'not known to be found')];
const AUTHORISED: Term = [
  word('ClientAuth', 'readable by authorised clients only'),
  word('NoClientAuth', 'readable by any client'),
];

const STORES = { family: 'HSDir stores', events: ['PRIVCOUNT_HSDIR_CACHE_STORE'] } as const;
const FETCHES = { family: 'HSDir fetches', events: ['PRIVCOUNT_HSDIR_CACHE_FETCH'] } as const;
const STORED = 'onion-service descriptors uploaded';
const FETCHED = 'onion-service descriptors asked for';
const STORE_ENDS: readonly Term[] = [optional(ADDED), optional(STORE_CACHED)];
const FETCH_ENDS: readonly Term[] = [optional(FETCH_CACHED)];

export const HSDIR_ENTRIES: readonly CatalogueEntry[] = [
  ...entriesOf(STORES, sequence([word('HSDirStore', STORED)], ...STORE_ENDS), COMMON),
  ...entriesOf(
    STORES,
    sequence([word('HSDir2Store', STORED, 'version 2')], ...STORE_ENDS, optional(AUTHORISED)),
    [...OF_VERSION_2, ...UPLOAD_DELAY],
  ),
  ...entriesOf(STORES, sequence([word('HSDir3Store', STORED, 'version 3')], ...STORE_ENDS), OF_VERSION_3),
  ...entriesOf(FETCHES, sequence([word('HSDirFetch', FETCHED)], ...FETCH_ENDS), COMMON),
  ...entriesOf(
    FETCHES,
    sequence([word('HSDir2Fetch', FETCHED, 'version 2')], ...FETCH_ENDS, optional(AUTHORISED)),
    OF_VERSION_2,
  ),
  ...entriesOf(FETCHES, sequence([word('HSDir3Fetch', FETCHED, 'version 3')], ...FETCH_ENDS), OF_VERSION_3),
];
