/** The compiled collection against the plain model, and what it does with lines that are no events. */
import { expect } from 'chai';
import fc from 'fast-check';

import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { type Bin, isSingleBinName } from '../../src/core/bins.js';
import { type CounterLayout, layOutCounters } from '../../src/core/counters.js';
import { exitLine, mutatedLine } from './arbitraries.js';
import { domainLists } from './lists/support.js';
import { collect, type Counted } from './oracle.js';
import { PlainModel } from './plain-model.js';

const DOMAINS = [['a.com', 'www.a.com', 'com.de'], ['b.com', 'x.y.b.com'], ['onion']];
const LISTS = { domains: domainLists(DOMAINS) };

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

function binsOf(name: string, at: number): readonly Bin[] {
  return isSingleBinName(name) ? [[-Infinity, Infinity]] : BINS[at % BINS.length]!;
}

const ALL = layOutCounters([...CATALOGUE.keys()].map((name, at) => ({ name, bins: binsOf(name, at) })));

function countLine({ collection }: Counted, line: string | Uint8Array): void {
  const bytes = typeof line === 'string' ? Buffer.from(line, 'latin1') : line;
  // The line stands in the middle of a buffer, between bytes that must not be looked at.
  const buffer = Buffer.concat([Buffer.from('1 .='), bytes, Buffer.from('1 .=')]);
  collection.count(buffer, 4, 4 + bytes.length);
}

/** The totals of both over the lines. */
function bothTotals(
  layout: CounterLayout,
  lines: readonly (string | Uint8Array)[],
): [Map<string, bigint[]>, Map<string, bigint[]>] {
  const counted = collect(layout, LISTS);
  const plain = new PlainModel(layout.places, { domains: DOMAINS });
  for (const line of lines) {
    countLine(counted, line);
    plain.count(Buffer.from(line).toString('latin1'));
  }
  return [counted.totals(), plain.totals.counts()];
}

function differing(left: Map<string, bigint[]>, right: Map<string, bigint[]>): string[] {
  return [...left].flatMap(([name, counts]) =>
    counts.join() === right.get(name)!.join()
      ? []
      : [`${name}: ${counts.join()} | ${right.get(name)!.join()}`],
  );
}

describe('collection', () => {
  it('counts generated events as the plain model does', () => {
    fc.assert(
      fc.property(fc.array(exitLine, { minLength: 1, maxLength: 60 }), (lines) => {
        expect(differing(...bothTotals(ALL, lines))).to.deep.equal([]);
      }),
      { numRuns: 120 },
    );
  });

  it('counts lines with changed bytes as the plain model does, and never throws', () => {
    fc.assert(
      fc.property(fc.array(mutatedLine, { minLength: 1, maxLength: 40 }), (lines) => {
        expect(differing(...bothTotals(ALL, lines))).to.deep.equal([]);
      }),
      { numRuns: 120 },
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
        fc.array(exitLine, { minLength: 10, maxLength: 30 }),
        fc.subarray([...ALL.places], { minLength: 1, maxLength: 20 }),
        (lines, places) => {
          const [all] = bothTotals(ALL, lines);
          const [some] = bothTotals(layOutCounters(places), lines);
          expect(differing(some, all)).to.deep.equal([]);
        },
      ),
      { numRuns: 60 },
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
    countLine(counted, 'PRIVCOUNT_STREAM_ENDED 1 1 1 80 1 1 1 2 h 1.2.3.4 1');
    counted.collection.wipe();
    countLine(
      counted,
      'PRIVCOUNT_CIRCUIT_CLOSE EventTimestamp=1 CreatedTimestamp=0 IsLegacyCircuitEndEventFlag=1 StateString=open ' +
        'PurposeCode=1 IsExitFlag=1 PreviousChannelId=1 PreviousCircuitId=1 InboundExitByteCount=0 OutboundExitByteCount=0',
    );
    expect(counted.totals().get('ExitWebCircuitCount')).to.deep.equal([0n]);
  });
});
