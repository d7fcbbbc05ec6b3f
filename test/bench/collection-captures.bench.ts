/**
 * Speed over what real relays sent (../shared/data/captures; no rows where the folder is missing): each type of event, and
 * the mix as it came, of which most lines are events that no counter needs. With all counters and match lists on, and
 * with a set of thirty that a study may have. Where the time goes, and what is kept over ten million lines.
 */
import { existsSync, readdirSync } from 'node:fs';
import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { type Collection, compileCollection } from '../../src/collection/collection.js';
import { type MatchLists } from '../../src/collection/match-lists.js';
import { modelCounters } from '../../src/collection/traffic/model-counters.js';
import { readTrafficModel } from '../../src/collection/traffic/model-file.js';
import { type TrafficModel } from '../../src/collection/traffic/traffic-model.js';
import { type Bin, isSingleBinName } from '../../src/core/bins.js';
import { type CounterLayout, layOutCounters } from '../../src/core/counters.js';
import { newVector } from '../../src/core/ring.js';
import { type EventName } from '../../src/tor/events/event-names.js';
import { EVENT_TABLES } from '../../src/tor/events/event-tables.js';
import { parserOf } from '../../src/tor/events/parsers.js';
import { oracleLayout, oracleLists, readOracleTally } from '../collection/oracle.js';
import { readShared, sharedPath } from '../support/shared-data.js';
import { type BenchRow } from './bench-row.js';
import { countLines, keptBytes, type Lines, secondsOf, toLines } from './collection-lines.js';

/** The first rounds compile, the best of the others counts. */
const ROUNDS = 5;
/** A round is as many lines as take about so long. */
const ROUND_SECONDS = 0.5;
const FIRST_LINES = 2_000;
const LINES_OF_MEMORY = 10_000_000;
const LINES_PER_WINDOW = 100_000;
const MILLION = 1_000_000;
const PLAIN_BIN: readonly Bin[] = [[0, Infinity]];

/** Events that counters need without a traffic model. */
const COUNTED: readonly EventName[] = [
  'PRIVCOUNT_STREAM_ENDED',
  'PRIVCOUNT_CIRCUIT_CLOSE',
  'PRIVCOUNT_CONNECTION_CLOSE',
  'PRIVCOUNT_HSDIR_CACHE_STORE',
  'PRIVCOUNT_HSDIR_CACHE_FETCH',
];
const VITERBI: readonly EventName[] = ['PRIVCOUNT_VITERBI_PACKETS', 'PRIVCOUNT_VITERBI_STREAMS'];

/** One or two of each kind: the sort of set that a study asks for. */
const TYPICAL = [
  ...[
    'ExitStreamCount',
    'ExitStreamByteCount',
    'ExitStreamLifeTime',
    'ExitWebStreamCount',
    'ExitWebStreamByteCount',
  ],
  ...[
    'ExitInteractiveStreamCount',
    'ExitP2PStreamCount',
    'ExitOtherPortStreamCount',
    'ExitInitialStreamCount',
  ],
  ...[
    'ExitHostnameWebInitialStreamCount',
    'ExitIPv6StreamCount',
    'ExitDomainSuffixMatchWebInitialStreamCountList',
  ],
  ...['ExitCircuitStreamHistogram', 'ExitCircuitInterStreamCreationTime', 'ExitWebCircuitCount'],
  ...['EntryClientIPCount', 'EntryActiveClientIPCount', 'EntryClientIPActiveCircuitHistogram'],
  ...[
    'EntryCircuitCount',
    'EntryActiveCircuitCount',
    'EntryActiveCircuitCellRatio',
    'EndCircuitCount',
    'MidCircuitCount',
  ],
  ...['EntryConnectionCount', 'EntryConnectionByteCount', 'EntryConnectionCountryMatchCountList'],
  ...['HSDir2StoreCount', 'HSDir3StoreCount', 'HSDir2FetchCount', 'HSDir2FetchCachedCount'],
];

export function benchCaptures(): BenchRow[] {
  if (!existsSync(sharedPath('captures'))) return [];
  const texts = captureTexts();
  const lists = oracleLists();
  const all = allCounters();
  const typical = layOutCounters(all.places.filter(({ name }) => TYPICAL.includes(name)));
  const mix = toLines(texts);
  const counted = toLines(texts.filter((text) => COUNTED.some((event) => text.startsWith(`${event} `))));
  const model = bothModels();
  const percent = (100 * counted.starts.length) / mix.starts.length;
  return [
    ...typeRows(texts, all, lists),
    ...typicalRows(texts, typical, lists),
    { name: 'lines of the captures that counters need', unit: '%', value: percent },
    rateRow('captures as they are, all counters and lists', 'lines/s', compile(all, lists), mix),
    rateRow('captures, only needed lines, all counters and lists', 'events/s', compile(all, lists), counted),
    rateRow(
      'captures as they are, all, and a traffic model',
      'lines/s',
      compile(withModel(all, model), lists, model),
      mix,
    ),
    rateRow(
      `captures as they are, ${typical.places.length} counters`,
      'lines/s',
      compile(typical, lists),
      mix,
    ),
    rateRow(
      `captures, only needed lines, ${typical.places.length} counters`,
      'events/s',
      compile(typical, lists),
      counted,
    ),
    ...shareRows(counted, all, lists),
    memoryRow(compile(all, lists), mix),
  ];
}

function captureTexts(): string[] {
  return readdirSync(sharedPath('captures'))
    .filter((file) => file.endsWith('.events.txt.gz'))
    .flatMap((file) => readShared(`captures/${file}`).toString('latin1').split('\n').filter(Boolean));
}

/** All of the original's counters, with its bins, and our own. */
function allCounters(): CounterLayout {
  const tally = readOracleTally('oracle/captures/exit1.2/tally.0rotations.json.gz');
  const { places } = oracleLayout(tally, () => true);
  const ours = [...CATALOGUE.keys()].filter((name) => !tally.has(name) && isSingleBinName(name));
  return layOutCounters([...places, ...ours.map((name) => ({ name, bins: PLAIN_BIN }))]);
}

function compile(layout: CounterLayout, lists: MatchLists, trafficModel?: TrafficModel): Collection {
  return compileCollection({
    layout,
    lanes: newVector(layout.cells),
    lists,
    trafficModel,
    startedAtMs: 0,
    rotatePeriodMs: MILLION,
    onRejected: ({ event, field, reason }) => {
      throw new Error(`${event} ${field} ${reason}`);
    },
  });
}

function typeRows(texts: readonly string[], all: CounterLayout, lists: MatchLists): BenchRow[] {
  const model = bothModels();
  const modelled = withModel(all, model);
  return [...COUNTED, ...VITERBI].map((event) => {
    const lines = toLines(texts.filter((text) => text.startsWith(`${event} `)));
    const isViterbi = VITERBI.includes(event);
    const collection = isViterbi ? compile(modelled, lists, model) : compile(all, lists);
    return rateRow(
      `${event.replace('PRIVCOUNT_', '')}, all counters and lists`,
      'events/s',
      collection,
      lines,
    );
  });
}

/** Of each event that the typical set needs. */
function typicalRows(texts: readonly string[], typical: CounterLayout, lists: MatchLists): BenchRow[] {
  return COUNTED.map((event) => {
    const lines = toLines(texts.filter((text) => text.startsWith(`${event} `)));
    const name = `${event.replace('PRIVCOUNT_', '')}, ${typical.places.length} counters`;
    return rateRow(name, 'events/s', compile(typical, lists), lines);
  });
}

/** All of the original's counters with those of a traffic model instead of its own few. */
function withModel(all: CounterLayout, model: TrafficModel): CounterLayout {
  return layOutCounters([
    ...all.places.filter(({ name }) => !name.includes('TrafficModel')),
    ...modelCounters(model).map(({ name }) => ({ name, bins: PLAIN_BIN })),
  ]);
}

function bothModels(): TrafficModel {
  return readTrafficModel(readShared('oracle/traffic/model.both.json').toString()).model!;
}

function rateRow(name: string, unit: string, collection: Collection, lines: Lines): BenchRow {
  return { name, unit, value: 1 / bestSeconds((count) => countLines(collection, lines, count)) };
}

/** Seconds a line. */
function bestSeconds(run: (lines: number) => void): number {
  let lines = FIRST_LINES;
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    best = Math.min(best, secondsOf(() => run(lines)) / lines);
    lines = Math.ceil(ROUND_SECONDS / best);
  }
  return best;
}

/** Parsing is timed by itself; matching is what the lists add; the rest is counting. */
function shareRows(lines: Lines, all: CounterLayout, lists: MatchLists): BenchRow[] {
  const collections = { withLists: compile(all, lists), without: compile(all, {}) };
  const total = bestSeconds((count) => countLines(collections.withLists, lines, count));
  const withoutLists = bestSeconds((count) => countLines(collections.without, lines, count));
  const parsing = bestSeconds(parseOnly(lines));
  const row = (name: string, seconds: number): BenchRow => ({
    name: `of the time of needed lines: ${name}`,
    unit: '%',
    value: (100 * Math.max(0, seconds)) / total,
  });
  return [
    row('parsing', parsing),
    row('matching', total - withoutLists),
    row('counting', withoutLists - parsing),
  ];
}

function parseOnly({ bytes, starts, ends }: Lines): (lines: number) => void {
  const parsers = COUNTED.map((event) => ({
    event: Buffer.from(`${event} `),
    parser: parserOf(EVENT_TABLES[event]),
  }));
  const parsed = starts.map((start, line) => {
    const { event, parser } = parsers.find(({ event: name }) =>
      name.equals(bytes.subarray(start, start + name.length)),
    )!;
    return { parser, start: start + event.length, end: ends[line]! };
  });
  return (count) => {
    for (let line = 0; line < count; line += 1) {
      const { parser, start, end } = parsed[line % parsed.length]!;
      if (parser.parse(bytes, start, end) !== undefined) throw new Error('a captured event is refused');
    }
  };
}

function memoryRow(collection: Collection, lines: Lines): BenchRow {
  const count = (amount: number): void => {
    for (let counted = 0; counted < amount; counted += LINES_PER_WINDOW) {
      countLines(collection, lines, LINES_PER_WINDOW);
      collection.rotate(counted);
    }
  };
  count(MILLION);
  const before = keptBytes();
  count(LINES_OF_MEMORY - MILLION);
  return {
    name: 'memory kept, from 1 to 10 million captured lines',
    unit: 'MB',
    value: (keptBytes() - before) / MILLION,
  };
}
