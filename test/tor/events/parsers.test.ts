/** The two forms of events, each event's table, and what makes an event invalid (spec/counters.md, 1.1-1.11). */
import { expect } from 'chai';

import { EVENT_NAMES, eventAt, nameBytes } from '../../../src/tor/events/event-names.js';
import { type EventTable, type Fault } from '../../../src/tor/events/event-parser.js';
import { EVENT_TABLES } from '../../../src/tor/events/event-tables.js';
import { parserOf } from '../../../src/tor/events/parsers.js';
import { STREAM_ENDED } from '../../../src/tor/events/stream-ended.js';
import { describeWithSharedData, readShared } from '../../support/shared-data.js';

/** A value that the field takes, whatever the table. */
const GOOD: Readonly<Record<string, string>> = {
  EventTimestamp: '2',
  CreatedTimestamp: '1',
  IsLegacyCircuitEndEventFlag: '1',
  StateString: 'open',
  PurposeCode: '1',
  IsSentFlag: '1',
  CellCircuitId: '5',
  CellCommandString: 'relay',
  ChannelId: '1',
  RemoteIsClientFlag: '1',
  RemoteIPAddress: '1.2.3.4',
  RemoteIPAddressConnectionCount: '1',
  PeerIPAddressConsensusRelayCount: '0',
  HiddenServiceVersionNumber: '2',
  CacheReasonString: 'new',
  WasAddedToCacheFlag: '1',
  CacheQueryByteCount: '0',
  ViterbiPathPackets: '[]',
  ViterbiPathStreams: '[]',
};

function parse(table: EventTable, text: string): Fault | undefined {
  const bytes = Buffer.from(`0 ${text} =1`, 'latin1');
  return parserOf(table).parse(bytes, 2, bytes.length - 3);
}

function requiredText(table: EventTable, more: Readonly<Record<string, string>> = {}): string {
  const stated = table.keys.filter((key, at) => table.fields[at]!.isRequired || key in more);
  return stated.map((key) => `${key}=${more[key] ?? GOOD[key]!}`).join(' ');
}

const tagged = Object.values(EVENT_TABLES).filter(({ form }) => form === 'tagged');

/** Values one step outside each bound, and inside it. */
function boundaries(
  table: EventTable,
  at: number,
): { readonly good: string[]; readonly bad: [string, string][] } {
  const { kind, min, max } = table.fields[at]!;
  const sized = (size: number): string =>
    kind === 'list' ? Array<string>(size).fill('x').join(',') : 'x'.repeat(size);
  const bounds = [min, max].filter(Number.isFinite);
  switch (kind) {
    case 'integer':
      return {
        good: [...bounds.map(String), '+1'].filter((text) => Number(text) >= min && Number(text) <= max),
        bad: [
          ...bounds.map((bound): [string, string] => [
            String(bound === min ? bound - 1 : bound + 1),
            'out-of-range',
          ]),
          ['x', 'not-an-integer'],
          ['', 'not-an-integer'],
        ],
      };
    case 'float':
      return {
        good: ['0', '-0', 'inf', '1e3'],
        bad: [
          ['-0.1', 'out-of-range'],
          ['nan', 'not-a-number'],
          ['', 'not-a-number'],
        ],
      };
    case 'address':
      return {
        good: ['1.2.3.4', '::1'],
        bad: [
          ['', 'not-an-address'],
          ['[::1]', 'not-an-address'],
        ],
      };
    case 'text':
    case 'list':
      return {
        good: bounds.map(sized),
        bad: bounds.map((bound): [string, string] => [
          sized(bound === min ? bound - 1 : bound + 1),
          'wrong-length',
        ]),
      };
    case 'unchecked':
      return { good: ['', 'x'], bad: [] };
  }
}

describe('event names', () => {
  it('are found at the start of a line, and nothing else is', () => {
    EVENT_NAMES.forEach((name, event) => {
      for (const rest of ['', ' 1 2']) {
        const bytes = Buffer.from(`x${name}${rest} `);
        expect(eventAt(bytes, 1, bytes.length - 1)).to.equal(event);
      }
      expect(nameBytes(event)).to.equal(name.length);
      for (const wrong of [name.slice(0, -1), `${name}X`, name.toLowerCase(), ` ${name}`, name.slice(1)]) {
        expect(eventAt(Buffer.from(wrong), 0, wrong.length), wrong).to.equal(-1);
      }
    });
    expect(eventAt(new Uint8Array(0), 0, 0)).to.equal(-1);
    expect(eventAt(Buffer.alloc(1000, 65), 0, 1000)).to.equal(-1);
  });
});

for (const table of tagged) {
  describe(`fields of ${table.event}`, () => {
    it('are valid when only the required ones are stated, in any order', () => {
      const text = requiredText(table);
      expect(parse(table, text)).to.equal(undefined);
      expect(parse(table, text.split(' ').reverse().join(' '))).to.equal(undefined);
      expect(parse(table, `  ${text.replaceAll(' ', '  ')} Unknown=1 unknown=1`)).to.equal(undefined);
    });

    it('are each bounded, and named when they are missing or wrong', () => {
      table.keys.forEach((key, at) => {
        const version = String(table.fields[at]!.version ?? 2);
        const stated = (value: string): string =>
          requiredText(table, {
            HiddenServiceVersionNumber: version,
            ...(key === 'IntroPointCount' ? {} : {}),
            [key]: value,
          });
        const { good, bad } = boundaries(table, at);
        for (const value of good) expect(parse(table, stated(value)), `${key}=${value}`).to.equal(undefined);
        for (const [value, reason] of bad) {
          expect(parse(table, stated(value)), `${key}=${value}`).to.deep.equal({ field: key, reason });
        }
        if (table.fields[at]!.isRequired) {
          const without = requiredText(table)
            .split(' ')
            .filter((text) => !text.startsWith(`${key}=`));
          expect(parse(table, [...without, 'Unknown=1'].join(' '))).to.deep.equal({
            field: key,
            reason: 'missing-field',
          });
        }
      });
    });

    it('make the event invalid when one is malformed or stands twice', () => {
      const text = requiredText(table);
      const whole = (reason: string): object => ({ field: '(event)', reason });
      for (const odd of ['x', '=', '=1', 'a=b=c', 'a==', 'a=\0', 'a\0=1', 'a=\r', 'a\n=1', 'a=1\n2']) {
        expect(parse(table, `${text} ${odd}`), odd).to.deep.equal(whole('malformed-field'));
        expect(parse(table, `${odd} ${text}`), odd).to.deep.equal(whole('malformed-field'));
      }
      expect(parse(table, ' ')).to.deep.equal(whole('field-count'));
      expect(parse(table, `${text} EventTimestamp=3`)).to.deep.equal({
        field: 'EventTimestamp',
        reason: 'repeated-field',
      });
      expect(parse(table, `${text} New=1 Old=1 New=1`)).to.deep.equal({
        field: '(unknown)',
        reason: 'repeated-field',
      });
    });
  });
}

describe('fields of onion-service cache events', () => {
  const { PRIVCOUNT_HSDIR_CACHE_STORE: store, PRIVCOUNT_HSDIR_CACHE_FETCH: fetch } = EVENT_TABLES;

  it('stand in events of their version only', () => {
    for (const table of [store, fetch]) {
      const ofVersion = table.keys.filter((_, at) => table.fields[at]!.version !== undefined);
      expect(ofVersion.length).to.be.greaterThan(8);
      for (const key of ofVersion) {
        const at = table.at[key]!;
        const other = table.fields[at]!.version === 2 ? '3' : '2';
        const value = boundaries(table, at).good[0]!;
        const text = requiredText(table, { HiddenServiceVersionNumber: other, [key]: value });
        expect(parse(table, text), key).to.deep.equal({ field: key, reason: 'wrong-version' });
      }
    }
  });

  it('bound sizes by version, and introduction points by the descriptor', () => {
    const sizes = (
      version: string,
      intro: string | undefined,
      descriptor: string | undefined,
    ): Fault | undefined =>
      parse(
        store,
        requiredText(store, {
          HiddenServiceVersionNumber: version,
          ...(intro === undefined ? {} : { EncodedIntroPointByteCount: intro }),
          ...(descriptor === undefined ? {} : { EncodedDescriptorByteCount: descriptor }),
        }),
      );
    expect(sizes('2', '40960', '40960')).to.equal(undefined);
    expect(sizes('3', '1048576', undefined)).to.equal(undefined);
    expect(sizes('2', '7', undefined)).to.equal(undefined);
    expect(sizes('2', '40961', undefined)).to.deep.equal({
      field: 'EncodedIntroPointByteCount',
      reason: 'out-of-range',
    });
    expect(sizes('2', undefined, '40961')).to.deep.equal({
      field: 'EncodedDescriptorByteCount',
      reason: 'out-of-range',
    });
    expect(sizes('3', undefined, '1048577')).to.deep.equal({
      field: 'EncodedDescriptorByteCount',
      reason: 'out-of-range',
    });
    expect(sizes('2', '2', '1')).to.deep.equal({
      field: 'EncodedIntroPointByteCount',
      reason: 'inconsistent',
    });
  });
});

describe('positional events', () => {
  it('have each field once, between single spaces', () => {
    for (const table of Object.values(EVENT_TABLES).filter(({ form }) => form === 'positional')) {
      const values = table.fields.map(({ kind }) => (kind === 'text' ? 'x' : '1'));
      expect(parse(table, values.join(' '))).to.equal(undefined);
      for (const wrong of [
        values.slice(1),
        [...values, '1'],
        ['', ...values],
        [values[0]!, '', ...values.slice(1)],
        [],
      ]) {
        expect(parse(table, wrong.join(' '))).to.deep.equal({ field: '(event)', reason: 'field-count' });
      }
    }
  });

  it('name the field that is no number', () => {
    STREAM_ENDED.keys.forEach((key, at) => {
      const values = STREAM_ENDED.fields.map((_, field) => (field === at ? 'x' : '1'));
      const { kind } = STREAM_ENDED.fields[at]!;
      const expected =
        kind === 'text'
          ? undefined
          : { field: key, reason: kind === 'integer' ? 'not-an-integer' : 'not-a-number' };
      expect(parse(STREAM_ENDED, values.join(' '))).to.deep.equal(expected);
    });
  });

  it('may have any sign, and any bytes but spaces in texts', () => {
    expect(parse(STREAM_ENDED, '-1 +1 -0 -1 -1 -1 -1 -1 a=\0\xff é -1')).to.equal(undefined);
  });
});

describeWithSharedData('events of real relays', () => {
  for (const name of ['auth1.2', 'exit1.2', 'exit1.3', 'exit2.2', 'guard1.2', 'guard2.2', 'mid1.2']) {
    it(`are all valid in the capture ${name}`, () => {
      const bytes = readShared(`captures/${name}.events.txt.gz`);
      const parsers = EVENT_NAMES.map((event) => parserOf(EVENT_TABLES[event]));
      const faults = new Set<string>();
      let lines = 0;
      for (let start = 0, end; (end = bytes.indexOf(10, start)) >= 0; start = end + 1) {
        const event = eventAt(bytes, start, end);
        const fault = parsers[event]?.parse(bytes, start + nameBytes(event) + 1, end);
        if (event < 0 || fault !== undefined) faults.add(`${event} ${fault?.field} ${fault?.reason}`);
        lines += 1;
      }
      expect([...faults]).to.deep.equal([]);
      expect(lines).to.be.greaterThan(1000);
    });
  }
});
