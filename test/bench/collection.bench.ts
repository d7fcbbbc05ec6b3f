/**
 * Speed of the exit-stream family, all 303 counters on and a domain list of a thousand names, beside the plain model in the
 * same run over the same events; what the process keeps over ten million events. The events are made here: streams of
 * all kinds on circuits that close. Both must end with the same totals. What real relays sent stands in
 * collection-captures.bench.ts.
 */
import { isSingleBinName, type Bin } from '../../src/core/bins.js';
import { layOutCounters, type CounterLayout } from '../../src/core/counters.js';
import { newVector, toSigned } from '../../src/core/ring.js';
import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { compileCollection, type Collection } from '../../src/collection/collection.js';
import { readDomainFile } from '../../src/collection/lists/domain-file.js';
import { buildDomainLists } from '../../src/collection/lists/domain-lists.js';
import { PlainModel } from '../collection/plain-model.js';
import { type BenchRow } from './bench-row.js';
import { benchCaptures } from './collection-captures.bench.js';
import { countLines, keptBytes, type Lines, secondsOf, toLines } from './collection-lines.js';

const STREAMS = 20_000;
const STREAMS_PER_CIRCUIT = 4;
const PLAIN_LINES = 5_000;
/** The first rounds compile, the best of the others counts. */
const ROUNDS = 6;
const LINES_PER_ROUND = 300_000;
const EVENTS_OF_MEMORY = 10_000_000;
const LISTED_DOMAINS = 1_000;
const MILLION = 1_000_000;

const EXIT_FAMILIES = new Set([
  'exit streams',
  'exit domain histograms',
  'exit domain lists',
  'streams per exit circuit',
]);
const HISTOGRAM: readonly Bin[] = [
  [-Infinity, 0],
  [0, 512],
  [512, 32_768],
  [32_768, Infinity],
];

export function benchCollection(): BenchRow[] {
  const layout = exitLayout();
  const streams = toLines(streamTexts());
  const mix = toLines(mixTexts());
  return [
    speedRow('exit streams, whole family', layout, streams),
    speedRow('exit streams and their circuits, whole family', layout, mix),
    ...memoryRows(layout, mix),
    ...listRows(),
    ...benchCaptures(),
  ];
}

function speedRow(name: string, layout: CounterLayout, lines: Lines): BenchRow {
  const { collection } = newCollection(layout);
  let [best, bestPlain] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round += 1) {
    best = Math.min(best, secondsOf(() => countLines(collection, lines, LINES_PER_ROUND)) / LINES_PER_ROUND);
    bestPlain = Math.min(bestPlain, plainSeconds(layout, lines) / PLAIN_LINES);
  }
  checkSameTotals(layout, lines);
  return { name, unit: 'events/s', value: 1 / best, ratio: bestPlain / best };
}

/** What grew between the first and the last million of ten million events: about 0, as nothing may be kept. */
function memoryRows(layout: CounterLayout, lines: Lines): BenchRow[] {
  const { collection } = newCollection(layout);
  countLines(collection, lines, MILLION);
  const before = keptBytes();
  countLines(collection, lines, EVENTS_OF_MEMORY - MILLION);
  const after = keptBytes();
  return [
    { name: 'memory kept, from 1 to 10 million exit events', unit: 'MB', value: (after - before) / MILLION },
    { name: 'memory in use after 10 million exit events', unit: 'MB', value: after / MILLION },
  ];
}

function listRows(): BenchRow[] {
  const file = Buffer.from(
    Array.from({ length: MILLION }, (_, at) => `site-${(at * 7919) % MILLION}.example${at % 50}.com\n`).join(
      '',
    ),
  );
  const before = keptBytes();
  let kept = 0;
  const seconds = secondsOf(() => {
    const { domains } = buildDomainLists([readDomainFile(file).names], { rejectOverlaps: true });
    kept =
      domains.text.length + domains.ends.byteLength + domains.listOf.byteLength + domains.slots.byteLength;
  });
  const peak = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  return [
    { name: 'a list of a million domains: read, checked and indexed', unit: 's', value: seconds },
    { name: 'the same: memory of its table', unit: 'MB', value: kept / MILLION },
    { name: 'the same: memory while loading', unit: 'MB', value: (peak - before) / MILLION },
  ];
}

function plainSeconds(layout: CounterLayout, lines: Lines): number {
  const model = new PlainModel(layout.places, { domains: [listedDomains()] });
  return secondsOf(() => countPlainly(model, lines, PLAIN_LINES));
}

function countPlainly(model: PlainModel, { bytes, starts, ends }: Lines, lines: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < lines; at += 1) model.count(buffer.toString('latin1', starts[at], ends[at]));
}

function checkSameTotals(layout: CounterLayout, lines: Lines): void {
  const { collection, lanes } = newCollection(layout);
  const model = new PlainModel(layout.places, { domains: [listedDomains()] });
  countLines(collection, lines, PLAIN_LINES);
  countPlainly(model, lines, PLAIN_LINES);
  const plain = [...model.totals.counts().values()].flat();
  if (toSigned(lanes).join() !== plain.join()) throw new Error('the plain model counts otherwise');
}

function newCollection(layout: CounterLayout): {
  readonly collection: Collection;
  readonly lanes: Uint32Array;
} {
  const lanes = newVector(layout.cells);
  const { names } = readDomainFile(Buffer.from(listedDomains().join('\n')));
  const collection = compileCollection({
    layout,
    lanes,
    lists: { domains: buildDomainLists([names], { rejectOverlaps: true }).domains },
    startedAtMs: 0,
    rotatePeriodMs: MILLION,
    onRejected: ({ event, field, reason }) => {
      throw new Error(`${event} ${field} ${reason}`);
    },
  });
  return { collection, lanes };
}

function exitLayout(): CounterLayout {
  const entries = [...CATALOGUE.values()].filter(({ family }) => EXIT_FAMILIES.has(family));
  return layOutCounters(
    entries.map(({ name }) => ({ name, bins: isSingleBinName(name) ? [[-Infinity, Infinity]] : HISTOGRAM })),
  );
}

function listedDomains(): string[] {
  return Array.from({ length: LISTED_DOMAINS }, (_, at) => `site${at}.example.com`);
}

/** Streams of every kind, in proportions that an exit may see. */
function streamTexts(): string[] {
  return Array.from({ length: STREAMS }, (_, at) => {
    const port = [443, 80, 443, 443, 22, 51_413, 8080][at % 7]!;
    const host = ['www.', '', 'cdn.', '10.0.0.1'][at % 4]!;
    const name = host.startsWith('1') ? host : `${host}site${at % (2 * LISTED_DOMAINS)}.example.com`;
    const circuit = Math.floor(at / STREAMS_PER_CIRCUIT);
    const created = `${1_795_190_000 + circuit}.${String((at * 7919) % MILLION).padStart(6, '0')}`;
    const ended = `${1_795_190_060 + circuit}.${String((at * 104_729) % MILLION).padStart(6, '0')}`;
    const ip = at % 9 === 0 ? '2001:db8::7' : '93.184.216.34';
    const bytes = `${(at * 65_537) % MILLION} ${(at * 257) % 20_000}`;
    const ids = `${circuit % 40} ${2_500_000_000 + circuit} ${at % 65_536}`;
    const number = (at % STREAMS_PER_CIRCUIT) + 1;
    return `PRIVCOUNT_STREAM_ENDED ${ids} ${port} ${bytes} ${created} ${ended} ${name} ${ip} ${number}`;
  });
}

/** After the streams of each circuit its close, as Tor words it. */
function mixTexts(): string[] {
  return streamTexts().flatMap((stream, at) => {
    if (at % STREAMS_PER_CIRCUIT !== STREAMS_PER_CIRCUIT - 1) return [stream];
    const [, channel, circuit] = stream.split(' ');
    return [stream, circuitClose(channel!, circuit!)];
  });
}

function circuitClose(channel: string, circuit: string): string {
  return (
    'PRIVCOUNT_CIRCUIT_CLOSE EventTimestamp=1795190155.008792 CreatedTimestamp=1795190153.624896 ' +
    'IsLegacyCircuitEndEventFlag=1 IsEndFlag=1 IsExitFlag=1 HasReceivedCreateCellFlag=1 OnionHandshakeType=2 ' +
    `PreviousChannelId=${channel} PreviousCircuitId=${circuit} StateString=open PurposeCode=1 PurposeString=SERVER ` +
    'PreviousNodeIPAddress=127.1.1.2 PreviousNodeFingerprint=808466600B1E92FA5551858C9D79F28252504272 ' +
    'PreviousNodeRelayFlagList=Exit,Fast,HSDir,Running,Stable,V2Dir,Valid InboundSentCellCount=30 ' +
    'InboundReceivedCellCount=0 OutboundSentCellCount=0 OutboundReceivedCellCount=24 InboundExitCellCount=28 ' +
    'OutboundExitCellCount=20 InboundExitByteCount=12000 OutboundExitByteCount=4000 InboundDirByteCount=0 ' +
    'OutboundDirByteCount=0'
  );
}
