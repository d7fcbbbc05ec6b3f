/**
 * Mutated events, made up and of real relays: nothing throws, nothing grows, and every counter ends where the plain model
 * ends. PRIVCOUNT_FUZZ_LINES=1000000 makes the long run, PRIVCOUNT_FUZZ_SEED draws other lines.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';

import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { buildMatchLists, type MatchLists } from '../../src/collection/match-lists.js';
import { modelCounters } from '../../src/collection/traffic/model-counters.js';
import { readTrafficModel } from '../../src/collection/traffic/model-file.js';
import { type TrafficModel } from '../../src/collection/traffic/traffic-model.js';
import { type Bin } from '../../src/core/bins.js';
import { type CounterLayout, layOutCounters } from '../../src/core/counters.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';
import { eventLine } from './arbitraries.js';
import { mutate, newRandom, type Random } from './line-mutations.js';
import {
  captureNames,
  collect,
  type Counted,
  md5Hex,
  ORACLE_CLOCK_MS,
  oracleListTexts,
  readOracleTally,
} from './oracle.js';
import { plainListsOf } from './plain-list-texts.js';
import { type PlainLists } from './plain-lists.js';
import { PlainModel } from './plain-model.js';
import { ALL, LISTS, PLAIN_LISTS } from './test-plan.js';
import { BOTH, modelOf } from './traffic/models.js';
import { payload } from './traffic/path-arbitrary.js';

/** Of both tests together. */
const LINES = Number(process.env['PRIVCOUNT_FUZZ_LINES'] ?? 30_000);
const SEED = Number(process.env['PRIVCOUNT_FUZZ_SEED'] ?? 20_260);
/** Totals are compared after so many lines each. */
const LINES_PER_CHUNK = 10_000;
/** The books of clients move on after so many lines. */
const LINES_PER_WINDOW = 1_000;
const GENERATED_LINES_MAX = 20_000;
/** What the heap may differ by after any number of lines: the compiler's own, and what fields are rejected. */
const GROWTH_BYTES_MAX = 6e6;
/** A line takes the plain model a tenth of a millisecond, on a slow machine several. */
const MS_PER_LINE = 3;

/** Known events that no counter needs: they are neither counted nor rejected. */
const UNNEEDED =
  /^PRIVCOUNT_(CIRCUIT_CELL|STREAM_BYTES_TRANSFERRED|(CIRCUIT|CONNECTION)_ENDED|DNS_RESOLVED)( |$)/;
/** Ours: the plain model has none, but says which lines are rejected. */
const REJECTED = 'RejectedEventCount';
const OF_A_REASON = /^RejectedEvent.+Count$/;
const ONE_BIN: readonly Bin[] = [[0, Infinity]];

type World = {
  readonly originals: readonly string[];
  readonly layout: CounterLayout;
  readonly lists: MatchLists;
  readonly plainLists: PlainLists;
  readonly model: TrafficModel;
};

/** PrivCount's counters with those of the model and of rejections. */
function withMoreCounters({ places }: CounterLayout, model: TrafficModel): CounterLayout {
  const names = new Set(places.map(({ name }) => name));
  const ours = [...CATALOGUE.keys()].filter((name) => name.startsWith('RejectedEvent'));
  const more = [...modelCounters(model).map(({ name }) => name), ...ours].filter((name) => !names.has(name));
  return layOutCounters([...places, ...more.map((name) => ({ name, bins: ONE_BIN }))]);
}

/** Streams and circuits, connections, directories and paths, from nothing but their grammar. */
function generatedWorld(): World {
  const model = modelOf(BOTH);
  const path = fc
    .tuple(fc.constantFrom('Packets', 'Streams'), payload)
    .map(
      ([kind, text]) => `PRIVCOUNT_VITERBI_${kind.toUpperCase()} EventTimestamp=1 ViterbiPath${kind}=${text}`,
    );
  const line = fc.oneof({ arbitrary: eventLine, weight: 5 }, { arbitrary: path, weight: 1 });
  const numRuns = Math.min(GENERATED_LINES_MAX, Math.ceil(LINES / 4));
  return {
    originals: fc.sample(line, { numRuns, seed: SEED }),
    layout: withMoreCounters(ALL, model),
    lists: LISTS,
    plainLists: PLAIN_LISTS,
    model,
  };
}

/** What relays sent, of the events that no counter needs the hundredth part; with the original's bins and lists. */
function capturedWorld(): World {
  const texts = oracleListTexts();
  const model = readTrafficModel(readShared('oracle/traffic/model.both.json').toString()).model!;
  const tally = readOracleTally('oracle/captures/exit1.2/tally.0rotations.json.gz');
  const lines = captureNames().flatMap((name) =>
    readShared(`captures/${name}.events.txt.gz`).toString('latin1').split('\n').filter(Boolean),
  );
  return {
    originals: lines.filter((line, at) => !UNNEEDED.test(line) || at % 100 === 0),
    layout: withMoreCounters(layOutCounters([...tally].map(([name, { bins }]) => ({ name, bins }))), model),
    lists: buildMatchLists(texts, { rejectOverlaps: true, md5Hex }).lists,
    plainLists: plainListsOf(texts),
    model,
  };
}

/** The same lines and rotations for the same seed. */
function* play({ originals }: World, lines: number): Generator<{ line: string } | { rotateAtMs: number }> {
  const random = newRandom(SEED);
  const anyOf = (of: readonly string[]): string => of[random(of.length)]!;
  for (let at = 1; at <= lines; at += 1) {
    yield { line: mutate(anyOf(originals), random, anyOf(originals)) };
    if (at % LINES_PER_WINDOW === 0) yield { rotateAtMs: clockMs(random) };
  }
}

/** Before, within or after the times of generated and of captured events, so that circuits are of this window or of none. */
function clockMs(random: Random): number {
  const startMs = random(2) === 0 ? ORACLE_CLOCK_MS : 1_795_190_000_000;
  return startMs + random(2000) * 1000;
}

function countLine({ collection }: Counted, line: string): void {
  const bytes = Buffer.from(line, 'latin1');
  collection.count(bytes, 0, bytes.length);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function keptBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Counts with both, and compares after each chunk. Answers the share of lines that were rejected. */
function compareWithPlainModel(world: World, lines: number): number {
  const counted = collect(world.layout, world.lists, world.model);
  const plain = new PlainModel(world.layout.places, world.plainLists, ORACLE_CLOCK_MS, [
    'packets',
    'streams',
  ]);
  let [at, rejected] = [0, 0];
  for (const step of play(world, lines)) {
    if ('rotateAtMs' in step) {
      counted.collection.rotate(step.rotateAtMs);
      plain.rotate(step.rotateAtMs);
      continue;
    }
    countLine(counted, step.line);
    if (!plain.count(step.line) && !UNNEEDED.test(`${step.line.trimEnd()} `)) rejected += 1;
    at += 1;
    if (at % LINES_PER_CHUNK !== 0 && at !== lines) continue;
    const expected = plain.totals.counts().set(REJECTED, [BigInt(rejected)]);
    const totals = counted.totals();
    const ofReasons = [...totals].filter(([name]) => OF_A_REASON.test(name));
    expect(ofReasons.reduce((sum, [, [count]]) => sum + count!, 0n)).to.equal(BigInt(rejected));
    const differing = [...totals].filter(
      ([name, counts]) => !OF_A_REASON.test(name) && counts.join() !== expected.get(name)!.join(),
    );
    expect(
      differing.map(([name]) => name),
      `after line ${at}`,
    ).to.deep.equal([]);
  }
  return rejected / lines;
}

/** Counts without the plain model, whose own maps grow: what is kept more at the end than after the first chunk. */
function growthBytes(world: World, lines: number): number {
  const counted = collect(world.layout, world.lists, world.model);
  let at = 0;
  let first: number | undefined;
  for (const step of play(world, lines)) {
    if ('rotateAtMs' in step) counted.collection.rotate(step.rotateAtMs);
    else countLine(counted, step.line);
    at += 1;
    if (at === LINES_PER_CHUNK) first = keptBytes();
  }
  return keptBytes() - first!;
}

function fuzz(title: string, worldOf: () => World, lines: number): void {
  it(`${title}: ${lines} lines, seed ${SEED}`, function () {
    this.timeout(60_000 + lines * MS_PER_LINE);
    const world = worldOf();
    expect(compareWithPlainModel(world, lines)).to.be.within(0.2, 0.8);
    expect(growthBytes(world, lines)).to.be.lessThan(GROWTH_BYTES_MAX);
  });
}

describe('mutated events of a grammar', () => {
  fuzz('are counted as the plain model counts them', generatedWorld, LINES / 2);
});

describeWithSharedData('mutated events of real relays', () => {
  fuzz('are counted as the plain model counts them', capturedWorld, LINES / 2);
});
