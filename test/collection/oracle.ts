/** Reads what the original counted (../shared/data/oracle, see spec/counters.md, section 10). */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';

import { type Bin } from '../../src/core/bins.js';
import { type CounterLayout, layOutCounters } from '../../src/core/counters.js';
import { newVector, type RingVector, toSigned } from '../../src/core/ring.js';
import { type Collection, compileCollection } from '../../src/collection/collection.js';
import {
  buildMatchLists,
  type ListTextKind,
  type ListTexts,
  type MatchLists,
} from '../../src/collection/match-lists.js';
import { type TrafficModel } from '../../src/collection/traffic/traffic-model.js';
import { readShared, sharedPath } from '../support/shared-data.js';

/** A counter's bins and counts, the counts modulo 2^70. */
export type OracleTally = ReadonlyMap<string, { readonly bins: Bin[]; readonly counts: readonly bigint[] }>;

export const ORACLE_CLOCK_MS = 1_600_000_000_000;
/** What the original's counters are added modulo. */
export const ORACLE_BITS = 70;

/** Python's JSON has bare infinities, and counts above 2^53, so numbers are read as text. */
export function readOracleTally(path: string): OracleTally {
  const quoted = readShared(path)
    .toString()
    .replace(/(?<=[[\s,])(-?Infinity|-?\d[\d.eE+-]*)(?=[\s,\]])/g, '"$1"');
  const tally = JSON.parse(quoted) as Record<string, [string, string, string][]>;
  return new Map(
    Object.entries(tally).map(([name, cells]) => [
      name,
      {
        bins: cells.map(([low, high]): Bin => [Number(low), Number(high)]),
        counts: cells.map(([, , count]) => BigInt.asUintN(ORACLE_BITS, BigInt(count))),
      },
    ]),
  );
}

export function oracleLayout(tally: OracleTally, isWanted: (name: string) => boolean): CounterLayout {
  return layOutCounters(
    [...tally].filter(([name]) => isWanted(name)).map(([name, { bins }]) => ({ name, bins })),
  );
}

/** The lists of oracle/events/tally-server.yaml, in its order. */
const DOMAIN_FILES = ['top-1k', 'torproject', 'local', 'example', 'arpa', 'onion', 'i2p'];
export const LIST_FILES: Readonly<Partial<Record<ListTextKind, readonly string[]>>> = {
  domains: DOMAIN_FILES.map((file) => `domain-${file}.txt`),
  countries: ['country-known.txt', 'country-unknown.txt', 'country-no-geoip.txt'],
  autonomousSystems: ['as-rank.txt'],
  asPrefixes: ['as-ipv4-test.ipasn', 'as-ipv6-test.ipasn'],
  hsdirStores: ['hsdir-store-reason.txt'],
  hsdirFetches: ['hsdir-fetch-reason.txt'],
  circuitFailures: ['general', 'intro-legacy', 'intro-v3', 'rend'].map(
    (file) => `circuit-failure-${file}.txt`,
  ),
  onionAddresses: [
    ...[
      'debian',
      'facebook',
      'news',
      'search',
      'securedrop',
      'torproject',
      'md5-example',
      'md5-mixed-unique',
    ],
  ].map((file) => `onion-${file}.txt`),
};

export const md5Hex = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(createHash('md5').update(bytes).digest('hex'));

export function oracleListTexts(): ListTexts {
  return Object.fromEntries(
    Object.entries(LIST_FILES).map(([kind, files]) => [
      kind,
      files.map((file) => readShared(`original/lists/${file}`)),
    ]),
  );
}

export function oracleLists(): MatchLists {
  const { lists, faults } = buildMatchLists(oracleListTexts(), { rejectOverlaps: true, md5Hex });
  if (faults.length > 0) throw new Error(faults.map(({ kind, problem }) => `${kind}: ${problem}`).join('\n'));
  return lists;
}

/** Captures that the original counted. */
export function captureNames(): string[] {
  return readdirSync(sharedPath('oracle/captures'));
}

/** Cases with an event file, and the folder of each. */
export function oracleCases(): { readonly folder: string; readonly events: string }[] {
  const captures = captureNames().map((name) => ({
    folder: `oracle/captures/${name}`,
    events: `captures/${name}.events.txt.gz`,
  }));
  return [
    ...captures,
    { folder: 'oracle/events', events: 'oracle/events/events.txt' },
    { folder: 'oracle/extreme', events: 'oracle/extreme/events.txt' },
    { folder: 'oracle/synth_circ', events: 'oracle/synth_circ/events.txt.gz' },
  ];
}

/** Calls `visit` with the slice of each line. */
export function forEachLine(
  bytes: Uint8Array,
  visit: (bytes: Uint8Array, start: number, end: number) => void,
): void {
  for (let from = 0; from < bytes.length;) {
    const lineFeed = bytes.indexOf(0x0a, from);
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    if (end > from) visit(bytes, from, end);
    from = end + 1;
  }
}

/** What the original did at each line: [counter, bin or none, amount]. An event that it ignored got a warning instead. */
export type OracleEvent = {
  readonly isIgnored: boolean;
  readonly increments: readonly (readonly [name: string, bin: number | [], amount: string | number])[];
};

/** Amounts that a double can't hold come as text. */
export function readOracleEvents(path: string): OracleEvent[] {
  return readShared(path)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const quoted = line.replace(/(?<=, )(-?\d{16,})(?=\])/g, '"$1"');
      const { increments, warnings } = JSON.parse(quoted) as OracleEvent & { warnings: string[] };
      // Of some fields the original only says so, and counts the event all the same.
      const isWarned = warnings.some((warning) => warning.startsWith('Ignored '));
      return { isIgnored: isWarned && increments.length === 0, increments };
    });
}

export type Counted = {
  readonly collection: Collection;
  /** The vector that is counted in. */
  readonly lanes: RingVector;
  readonly rejections: string[];
  /** By counter: the counts of its bins. */
  totals(): Map<string, bigint[]>;
};

/** A collection of the layout's counters over a vector of zeros. */
export function collect(
  layout: CounterLayout,
  lists: MatchLists,
  trafficModel?: TrafficModel,
  nowMs?: () => number,
): Counted {
  const lanes = newVector(layout.cells);
  const rejections: string[] = [];
  const collection = compileCollection({
    layout,
    lanes,
    lists,
    trafficModel,
    startedAtMs: ORACLE_CLOCK_MS,
    rotatePeriodMs: 600_000,
    nowMs,
    onRejected: ({ event, field, reason }) => rejections.push(`${event} ${field} ${reason}`),
  });
  return {
    collection,
    lanes,
    rejections,
    totals() {
      const cells = toSigned(lanes).map((cell) => BigInt.asUintN(ORACLE_BITS, cell));
      return new Map(
        layout.places.map(({ name, bins, firstCell }) => [
          name,
          cells.slice(firstCell, firstCell + bins.length),
        ]),
      );
    },
  };
}

/** The counters whose totals differ, with both totals. */
export function differences(totals: ReadonlyMap<string, readonly bigint[]>, tally: OracleTally): string[] {
  return [...totals].flatMap(([name, counts]) => {
    const expected = tally.get(name)!.counts;
    return counts.join() === expected.join() ? [] : [`${name}: ${counts.join()} not ${expected.join()}`];
  });
}
