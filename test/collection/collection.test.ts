/** The compiled collection against the plain model, and what it does with lines that are no events. */
import { expect } from 'chai';
import fc from 'fast-check';

import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { type CounterLayout, layOutCounters } from '../../src/core/counters.js';
import { eventLine, mutatedLine } from './arbitraries.js';
import { collect, type Counted, ORACLE_BITS, ORACLE_CLOCK_MS } from './oracle.js';
import { PlainModel } from './plain-model.js';
import { ALL, binsOf, LISTS, PLAIN_LISTS } from './test-plan.js';

function countLine({ collection }: Counted, line: string | Uint8Array): void {
  const bytes = typeof line === 'string' ? Buffer.from(line, 'latin1') : line;
  // The line stands in the middle of a buffer, between bytes that must not be looked at.
  const buffer = Buffer.concat([Buffer.from('1 .='), bytes, Buffer.from('1 .=')]);
  collection.count(buffer, 4, 4 + bytes.length);
}

/** After so many lines the books of clients move on. */
const LINES_PER_WINDOW = 7;

type Line = string | Uint8Array;
type Totals = Map<string, bigint[]>;

/** Each line comes a while after the one before it. */
const MS_PER_LINE = 700;
let clockMs = ORACLE_CLOCK_MS;

/** Calls `rotate` after each window of lines. */
function play(lines: readonly Line[], count: (line: Line) => void, rotate: (nowMs: number) => void): void {
  lines.forEach((line, at) => {
    clockMs = ORACLE_CLOCK_MS + at * MS_PER_LINE;
    count(line);
    if (at % LINES_PER_WINDOW === LINES_PER_WINDOW - 1) rotate(ORACLE_CLOCK_MS + at * 10_000);
  });
}

function totalsOf(layout: CounterLayout, lines: readonly Line[]): Totals {
  const counted = collect(layout, LISTS, undefined, () => clockMs);
  play(
    lines,
    (line) => countLine(counted, line),
    (nowMs) => counted.collection.rotate(nowMs),
  );
  return counted.totals();
}

function plainTotalsOf(layout: CounterLayout, lines: readonly Line[]): Totals {
  const plain = new PlainModel(layout.places, PLAIN_LISTS, ORACLE_CLOCK_MS, [], () => clockMs);
  play(
    lines,
    (line) => plain.count(typeof line === 'string' ? line : Buffer.from(line).toString('latin1')),
    (nowMs) => plain.rotate(nowMs),
  );
  return plain.totals.counts();
}

function differing(left: Map<string, bigint[]>, right: Map<string, bigint[]>): string[] {
  return [...left].flatMap(([name, counts]) =>
    counts.join() === right.get(name)!.join()
      ? []
      : [`${name}: ${counts.join()} | ${right.get(name)!.join()}`],
  );
}

describe('collection', function () {
  // Much is generated, and the plain model is slow.
  this.timeout(400_000);

  it('counts generated events as the plain model does', () => {
    fc.assert(
      fc.property(fc.array(eventLine, { minLength: 1, maxLength: 80 }), (lines) => {
        expect(differing(totalsOf(ALL, lines), plainTotalsOf(ALL, lines))).to.deep.equal([]);
      }),
      { numRuns: 30 },
    );
  });

  it('counts the same in steps of any size', () => {
    const bits = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(fc.array(eventLine, { minLength: 1, maxLength: 80 }), bits, (lines, scaleBits) => {
        const ones = totalsOf(ALL, lines);
        const steps = totalsOf({ ...ALL, scaleBits }, lines);
        const scaled = [...ones].map(
          ([name, counts]) =>
            [name, counts.map((count) => BigInt.asUintN(ORACLE_BITS, count << BigInt(scaleBits)))] as const,
        );
        expect(differing(steps, new Map(scaled))).to.deep.equal([]);
      }),
      { numRuns: 15 },
    );
  });

  it('is tested with events that move nearly all counters that can move', () => {
    const totals = totalsOf(ALL, fc.sample(eventLine, { numRuns: 40_000, seed: 7 }));
    const still = [...totals]
      .filter(([, counts]) => counts.every((count) => count === 0n))
      .map(([name]) => name)
      .filter((name) => !name.startsWith('Metrics')); // No event moves those.
    const isDead = (name: string): boolean =>
      /^(Intro|Rend)U.*Active/.test(name) && !name.includes('Inactive');
    expect(still.filter(isDead)).to.have.lengthOf(308);
    expect(still.filter((name) => !isDead(name)).length).to.be.lessThan(20);
  });

  it('counts lines with changed bytes as the plain model does, and never throws', () => {
    fc.assert(
      fc.property(fc.array(mutatedLine, { minLength: 1, maxLength: 40 }), (lines) => {
        expect(differing(totalsOf(ALL, lines), plainTotalsOf(ALL, lines))).to.deep.equal([]);
      }),
      { numRuns: 30 },
    );
  });

  it('never throws on any bytes after any event name', () => {
    const counted = collect(ALL, LISTS);
    const names = [...counted.collection.events, 'PRIVCOUNT_X', ''];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 60 }), (name, bytes) => {
        countLine(counted, Buffer.concat([Buffer.from(name), bytes]));
      }),
    );
  });

  it('gives a counter the same total whichever other counters are in the plan', () => {
    fc.assert(
      fc.property(
        fc.array(eventLine, { minLength: 10, maxLength: 30 }),
        fc.subarray([...ALL.places], { minLength: 1, maxLength: 20 }),
        (lines, places) => {
          const some = totalsOf(layOutCounters(places), lines);
          expect(differing(some, totalsOf(ALL, lines))).to.deep.equal([]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('subscribes to the events of its counters only', () => {
    const eventsOf = (...names: string[]): readonly string[] =>
      collect(layOutCounters(names.map((name) => ({ name, bins: binsOf(name, 0) }))), {}).collection.events;
    expect(eventsOf('ZeroCount')).to.deep.equal([]);
    expect(eventsOf('ExitStreamCount')).to.deep.equal(['PRIVCOUNT_STREAM_ENDED']);
    expect(eventsOf('ExitWebCircuitCount')).to.deep.equal([
      'PRIVCOUNT_STREAM_ENDED',
      'PRIVCOUNT_CIRCUIT_CLOSE',
    ]);
  });

  it('reports each event, field and reason once, and nothing of the line', () => {
    const counted = collect(ALL, {});
    const bad = 'PRIVCOUNT_STREAM_ENDED 1 1 1 80 secret 1 1 2 h 1.2.3.4 1';
    countLine(counted, bad);
    countLine(counted, bad.replace('secret', 'other'));
    countLine(counted, 'PRIVCOUNT_STREAM_ENDED 1');
    countLine(counted, 'PRIVCOUNT_STREAM_ENDED');
    countLine(counted, 'PRIVCOUNT_STREAM_ENDED  ');
    countLine(counted, 'PRIVCOUNT_SECRET 1');
    countLine(counted, 'PRIVCOUNT_CIRCUIT_CLOSE secret=1 secret=1');
    expect(counted.rejections).to.deep.equal([
      'PRIVCOUNT_STREAM_ENDED bytesRead not-an-integer',
      'PRIVCOUNT_STREAM_ENDED (event) field-count',
      '(unknown) (event) unknown-event',
      'PRIVCOUNT_CIRCUIT_CLOSE (unknown) repeated-field',
    ]);
  });

  it('counts what it rejects by reason, and what was dropped before it came here', () => {
    const names = [...CATALOGUE.values()]
      .filter(({ family }) => family === 'rejected events')
      .map(({ name }) => name);
    const counted = collect(
      layOutCounters(
        ['ExitStreamCount', 'EntryCircuitCount', ...names].map((name) => ({ name, bins: [[0, Infinity]] })),
      ),
      {},
    );
    const good = 'PRIVCOUNT_STREAM_ENDED 1 1 1 80 1 1 1 2 h 1.2.3.4 1';
    const lines = [
      ...[
        good,
        good.replace(' 80 ', ' x '),
        good.replace(' 80 ', ' x '),
        `${good} 1`,
        good.replace('2 h', 'nan h'),
      ],
      ...[
        'PRIVCOUNT_X',
        'PRIVCOUNT_CIRCUIT_CLOSE a',
        'PRIVCOUNT_CIRCUIT_CLOSE a=1',
        'PRIVCOUNT_DNS_RESOLVED x',
      ],
    ];
    for (const line of lines) countLine(counted, line);
    counted.collection.noteDropped(5_000_000_000);
    counted.collection.noteDropped(1);
    const moved = [...counted.totals()]
      .filter(([, [count]]) => count! > 0n)
      .map(([name, [count]]) => [name, Number(count)]);
    expect(Object.fromEntries(moved)).to.deep.equal({
      ExitStreamCount: 1,
      RejectedEventCount: 7,
      RejectedEventFieldCountCount: 1,
      RejectedEventMalformedFieldCount: 1,
      RejectedEventMissingFieldCount: 1,
      RejectedEventNoIntegerCount: 2,
      RejectedEventNoNumberCount: 1,
      RejectedEventUnknownNameCount: 1,
      DroppedEventCount: 5_000_000_001,
    });
  });

  it('skips known events that no counter needs without a word', () => {
    const counted = collect(layOutCounters([{ name: 'ExitStreamCount', bins: [[0, Infinity]] }]), {});
    countLine(counted, 'PRIVCOUNT_CIRCUIT_CLOSE nonsense');
    countLine(counted, 'PRIVCOUNT_DNS_RESOLVED');
    expect(counted.rejections).to.deep.equal([]);
  });

  it('never counts in a single bin that does not hold 1', () => {
    const counted = collect(layOutCounters([{ name: 'ExitStreamCount', bins: [[5, 10]] }]), {});
    countLine(counted, 'PRIVCOUNT_STREAM_ENDED 1 1 1 80 1 1 1 2 h 1.2.3.4 1');
    expect(counted.totals().get('ExitStreamCount')).to.deep.equal([0n]);
  });

  it('forgets circuits when wiped', () => {
    const counted = collect(ALL, {});
    countLine(counted, STREAM);
    counted.collection.wipe();
    countLine(counted, circuitClose('IsExitFlag=1'));
    expect(counted.totals().get('ExitWebCircuitCount')).to.deep.equal([0n]);
  });

  it('forgets clients when wiped', () => {
    const counted = collect(ALL, {});
    countLine(counted, circuitClose('IsEntryFlag=1 PreviousNodeIPAddress=192.0.2.1'));
    counted.collection.wipe();
    for (let rotation = 1; rotation <= 3; rotation += 1) counted.collection.rotate(ORACLE_CLOCK_MS);
    expect(counted.totals().get('EntryClientIPCount')).to.deep.equal([0n]);
  });

  it('remembers at most as many clients in a window as it says, and counts just those', () => {
    const counted = collect(ALL, {});
    for (let client = 0; client < CLIENTS_MAX + 1000; client += 1) {
      const address = `10.${client >> 16}.${(client >> 8) & 255}.${client & 255}`;
      countLine(counted, circuitClose(`IsEntryFlag=1 PreviousNodeIPAddress=${address}`));
    }
    counted.collection.rotate(ORACLE_CLOCK_MS);
    expect(counted.totals().get('EntryClientIPCount')).to.deep.equal([0n]);
    counted.collection.rotate(ORACLE_CLOCK_MS);
    expect(counted.totals().get('EntryClientIPCount')).to.deep.equal([BigInt(CLIENTS_MAX)]);
    counted.collection.rotate(ORACLE_CLOCK_MS);
    expect(counted.totals().get('EntryClientIPCount')).to.deep.equal([BigInt(CLIENTS_MAX)]);
  });

  it('forgets the oldest circuits when it has more open than it says, and goes on', () => {
    const counted = collect(ALL, {});
    const more = 1000;
    for (let circuit = 1; circuit <= CIRCUITS_MAX + more; circuit += 1) {
      countLine(counted, STREAM.replace(' 1 1 1 ', ` 1 ${circuit} 1 `));
    }
    for (let circuit = 1; circuit <= CIRCUITS_MAX + more; circuit += 1) {
      countLine(counted, circuitClose('IsExitFlag=1').replace('CircuitId=1', `CircuitId=${circuit}`));
    }
    expect(counted.totals().get('ExitWebCircuitCount')).to.deep.equal([BigInt(CIRCUITS_MAX)]);
  });
});

/** As doc/counters.md states them. */
const CLIENTS_MAX = 262_144;
const CIRCUITS_MAX = 131_072;

const STREAM = 'PRIVCOUNT_STREAM_ENDED 1 1 1 80 1 1 1 2 h 1.2.3.4 1';

function circuitClose(fields: string): string {
  return (
    'PRIVCOUNT_CIRCUIT_CLOSE EventTimestamp=1700000001 CreatedTimestamp=1700000000 IsLegacyCircuitEndEventFlag=1 StateString=open ' +
    `PurposeCode=1 PreviousChannelId=1 PreviousCircuitId=1 InboundExitByteCount=0 OutboundExitByteCount=0 ${fields}`
  );
}
