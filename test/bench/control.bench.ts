/**
 * Speed of a relay's events from the socket's chunks to the collection's callback: the real connection, in the state that
 * it counts in, beside a plain splitter that makes a string of each line. The events are made here, 330 bytes on average as
 * at an exit (spec/tor-control.md); a relay with cell events sends up to 81,610 a second.
 */
import { Buffer } from 'node:buffer';
import { TorSource } from '../../src/roles/tor-source.js';
import { LineSplitter } from '../../src/tor/control/line-splitter.js';
import { EVENT_NAMES } from '../../src/tor/events/event-names.js';
import { cookieFiles, FakeClock, FakeLog, FakeRelay, randomBytes } from '../roles/tor-source-fakes.js';
import { PlainSplitter } from '../tor/control/plain-splitter.js';
import { type BenchRow } from './bench-row.js';

const LINES = 20_000;
/** The first rounds compile, the best of the others counts. */
const ROUNDS = 8;
const SOCKET_CHUNK_BYTES = 65_536;
const PACKET_BYTES = 1448;
const LONG_LINE_BYTES = 1_000_000;
const PIECE_BYTES = 4096;

function eventBytes(): Buffer {
  const lines = Array.from(
    { length: LINES },
    (_, at) => `650 PRIVCOUNT_CIRCUIT_CLOSE Id=${at} ${'x'.repeat(150 + ((at * 37) % 300))}\r\n`,
  );
  return Buffer.from(lines.join(''), 'latin1');
}

function chunks(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

/** A source that counts; what it is handed goes to `onEvent`. */
function countingRelay(onEvent: (bytes: Uint8Array, start: number, end: number) => void): FakeRelay {
  const relay = new FakeRelay();
  const source = new TorSource(
    {
      name: 'bench',
      address: { kind: 'unix', path: '/c' },
      mayUseSetconf: true,
      passwordFile: undefined,
      checkRelay: () => undefined,
    },
    { transport: relay, clock: new FakeClock(), log: new FakeLog(), files: cookieFiles(), randomBytes },
    { onContext: () => undefined, onEvent, onState: () => undefined, onFault: () => undefined },
  );
  source.count({
    events: EVENT_NAMES,
    circuitSampleRate: 1,
    maxCellEventsPerCircuit: -1,
    trafficModel: undefined,
  });
  source.start();
  relay.settle();
  return relay;
}

/** The best times of both in seconds, taken in turns so that a busy machine slows both. */
function bestSeconds(ours: () => void, plain: () => void): { ours: number; plain: number } {
  const best = { ours: Infinity, plain: Infinity };
  for (let round = 0; round < ROUNDS; round += 1) {
    best.ours = Math.min(best.ours, secondsOf(ours));
    best.plain = Math.min(best.plain, secondsOf(plain));
  }
  return best;
}

function secondsOf(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

function linesRow(name: string, size: number): BenchRow {
  const pieces = chunks(eventBytes(), size);
  let seen = 0;
  let seenByPlain = 0;
  const { events } = countingRelay((_bytes, start, end) => (seen += end - start)).last;
  const plain = new PlainSplitter((line) => {
    if (line.startsWith('650 PRIVCOUNT_')) seenByPlain += line.length - 4;
  });
  const best = bestSeconds(
    () => pieces.forEach((piece) => events.onData(piece)),
    () => pieces.forEach((piece) => plain.push(piece)),
  );
  if (seen !== seenByPlain) throw new Error('the two splitters disagree');
  return { name, unit: 'lines/s', value: LINES / best.ours, ratio: best.plain / best.ours };
}

function longLineRow(): BenchRow {
  const pieces = chunks(Buffer.from(`${'x'.repeat(LONG_LINE_BYTES)}\r\n`), PIECE_BYTES);
  let seen = 0;
  const splitter = new LineSplitter((_bytes, start, end) => (seen += end - start));
  const plain = new PlainSplitter((line) => (seen -= line.length));
  const best = bestSeconds(
    () => pieces.forEach((piece) => splitter.push(piece)),
    () => pieces.forEach((piece) => plain.push(piece)),
  );
  if (seen !== 0) throw new Error('the two splitters disagree');
  return {
    name: 'a line of 1 MB in pieces of 4 kB',
    unit: 'MB/s',
    value: LONG_LINE_BYTES / best.ours / 1e6,
    ratio: best.plain / best.ours,
  };
}

export function benchControl(): BenchRow[] {
  return [
    linesRow('event lines, chunks of 64 kB', SOCKET_CHUNK_BYTES),
    linesRow('event lines, chunks of one packet', PACKET_BYTES),
    longLineRow(),
  ];
}
