/**
 * Family "standard events": ours, not PrivCount's. What an unmodified relay tells of its connections and its traffic
 * (spec/tor-metrics.md, "Standard control events"). What is counted when stands in handlers/or-connection.ts.
 */
import { ONE } from '../adder.js';
import {
  type CatalogueEntry,
  entriesOf,
  histogram,
  listed,
  type Measure,
  total,
} from '../catalogue/entry.js';
import { sequence, type Term, word } from '../catalogue/grammar.js';

const FAMILY = 'standard events';
const CONNECTIONS = { family: FAMILY, events: ['ORCONN'] } as const;
const BANDWIDTH = { family: FAMILY, events: ['BW'] } as const;

export const OR_CONNECTION_VALUES = { lifeTime: 0, countryList: 1 } as const;
export const OR_CONNECTION_VALUE_COUNT = 2;

export const OR_CONNECTION_COUNTS: readonly Measure[] = [total('Count', ONE, 'connections', 'Number of')];
export const OR_CONNECTION_LIFE_TIMES: readonly Measure[] = [
  histogram(
    'LifeTime',
    OR_CONNECTION_VALUES.lifeTime,
    'seconds',
    'Seconds from the end of the handshake to the close per connection that closed while it was counted',
  ),
];
export const CLIENT_ADDRESS_COUNTS: readonly Measure[] = [total('Count', ONE, 'addresses', 'Number of')];

const OPENED = 'connections that were opened while it was counted';
const CLIENTS = word('ORConnectionClient', OPENED, 'with clients');
const RELAYS = word('ORConnectionRelay', OPENED, 'with relays, in either direction');
const ADDRESSES = word('ORConnectionClientIP', 'client addresses that opened a connection in a window');
const MATCHES: Term = [
  word('CountryMatch', 'country in the first match list'),
  word('CountryNoMatch', 'country not in the first match list'),
];
const BY_COUNTRY: Term = [word('CountryMatch', 'by country')];
const LIST = OR_CONNECTION_VALUES.countryList;

const COUNTRY_ENTRIES: readonly CatalogueEntry[] = [
  ...entriesOf(CONNECTIONS, sequence([CLIENTS], MATCHES), OR_CONNECTION_LIFE_TIMES),
  ...entriesOf(CONNECTIONS, sequence([CLIENTS], BY_COUNTRY), listed(OR_CONNECTION_COUNTS, LIST)),
  ...entriesOf(CONNECTIONS, sequence([ADDRESSES], BY_COUNTRY), listed(CLIENT_ADDRESS_COUNTS, LIST)),
];

/** The counters for which the country of each client must be asked for. */
export const COUNTRY_COUNTERS: ReadonlySet<string> = new Set(COUNTRY_ENTRIES.map(({ name }) => name));

export const BANDWIDTH_AMOUNTS = { bytes: 1, read: 2, written: 3 } as const;
/** With `ONE`. */
export const BANDWIDTH_AMOUNT_COUNT = 4;
export const BANDWIDTH_VALUES = { bytes: 0, read: 1, written: 2 } as const;
export const BANDWIDTH_VALUE_COUNT = 3;

const PER = 'per second';

export const BANDWIDTH_MEASURES: readonly Measure[] = [
  total('ByteCount', BANDWIDTH_AMOUNTS.bytes, 'bytes', 'Bytes both ways of'),
  total('ReadByteCount', BANDWIDTH_AMOUNTS.read, 'bytes', 'Bytes read of'),
  total('WrittenByteCount', BANDWIDTH_AMOUNTS.written, 'bytes', 'Bytes written of'),
  histogram('ByteHistogram', BANDWIDTH_VALUES.bytes, 'bytes', `Bytes both ways ${PER}`),
  histogram('ReadByteHistogram', BANDWIDTH_VALUES.read, 'bytes', `Bytes read ${PER}`),
  histogram('WrittenByteHistogram', BANDWIDTH_VALUES.written, 'bytes', `Bytes written ${PER}`),
];
export const BANDWIDTH_SUBJECT = 'Bandwidth';

export const STANDARD_ENTRIES: readonly CatalogueEntry[] = [
  ...entriesOf(CONNECTIONS, [CLIENTS, RELAYS], [...OR_CONNECTION_COUNTS, ...OR_CONNECTION_LIFE_TIMES]),
  ...entriesOf(CONNECTIONS, [ADDRESSES], CLIENT_ADDRESS_COUNTS),
  ...COUNTRY_ENTRIES,
  ...entriesOf(
    BANDWIDTH,
    [word(BANDWIDTH_SUBJECT, 'all traffic of the relay, whoever causes it')],
    BANDWIDTH_MEASURES,
  ),
];
