/**
 * Family "connections" (spec/counters.md, 2.2 and 3.6): bytes, circuits, life and overlap of the connections of this relay,
 * by whether the other side is a client, whether a relay is at its address, and its country and autonomous system.
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
import { optional, sequence, type Term, word } from '../catalogue/grammar.js';

export const CONNECTION_AMOUNTS = {
  bytes: 1,
  inboundBytes: 2,
  outboundBytes: 3,
  circuits: 4,
  inboundCircuits: 5,
  outboundCircuits: 6,
} as const;
/** With `ONE`. */
export const CONNECTION_AMOUNT_COUNT = 7;

export const CONNECTION_VALUES = {
  bytes: 0,
  inboundBytes: 1,
  outboundBytes: 2,
  circuits: 3,
  inboundCircuits: 4,
  outboundCircuits: 5,
  lifeTime: 6,
  overlap: 7,
  countryList: 8,
  asList: 9,
} as const;
export const CONNECTION_VALUE_COUNT = 10;

export const CONNECTION_COUNTS: readonly Measure[] = [
  total('Count', ONE, 'connections', 'Number of'),
  total('ByteCount', CONNECTION_AMOUNTS.bytes, 'bytes', 'Bytes both ways on'),
  total('InboundByteCount', CONNECTION_AMOUNTS.inboundBytes, 'bytes', 'Inbound bytes on'),
  total('OutboundByteCount', CONNECTION_AMOUNTS.outboundBytes, 'bytes', 'Outbound bytes on'),
  total('CircuitCount', CONNECTION_AMOUNTS.circuits, 'circuits', 'Circuits on'),
  total('InboundCircuitCount', CONNECTION_AMOUNTS.inboundCircuits, 'circuits', 'Inbound circuits on'),
  total('OutboundCircuitCount', CONNECTION_AMOUNTS.outboundCircuits, 'circuits', 'Outbound circuits on'),
];

const PER = 'per connection';

export const CONNECTION_HISTOGRAMS: readonly Measure[] = [
  histogram('ByteHistogram', CONNECTION_VALUES.bytes, 'bytes', `Bytes both ways ${PER}`),
  histogram('InboundByteHistogram', CONNECTION_VALUES.inboundBytes, 'bytes', `Inbound bytes ${PER}`),
  histogram('OutboundByteHistogram', CONNECTION_VALUES.outboundBytes, 'bytes', `Outbound bytes ${PER}`),
  histogram('CircuitHistogram', CONNECTION_VALUES.circuits, 'circuits', `Circuits ${PER}`),
  histogram(
    'InboundCircuitHistogram',
    CONNECTION_VALUES.inboundCircuits,
    'circuits',
    `Inbound circuits ${PER}`,
  ),
  histogram(
    'OutboundCircuitHistogram',
    CONNECTION_VALUES.outboundCircuits,
    'circuits',
    `Outbound circuits ${PER}`,
  ),
  histogram('LifeTime', CONNECTION_VALUES.lifeTime, 'seconds', `Seconds from creation to close ${PER}`),
  histogram(
    'OverlapHistogram',
    CONNECTION_VALUES.overlap,
    'connections',
    `Connections of the same address that overlapped in time ${PER}`,
  ),
];

const FAMILY = { family: 'connections', events: ['PRIVCOUNT_CONNECTION_CLOSE'] } as const;
const CLOSED = 'closed connections';
const SIDE: Term = [word('Entry', CLOSED, 'with clients'), word('NonEntry', CLOSED, 'with relays')];
const PEER: Term = [
  word('RelayOnAddress', 'a relay of the consensus being at the address'),
  word('NoRelayOnAddress', 'no relay of the consensus being at the address'),
];
const CONNECTION: Term = [word('Connection')];
const SUBJECTS = sequence(SIDE, optional(PEER), CONNECTION);
/** "No" means not in list 0, even if in another (quirk Q15). */
const MATCHES: Term = [
  word('CountryMatch', 'country in the first match list'),
  word('CountryNoMatch', 'country not in the first match list'),
  word('ASMatch', 'autonomous system in the first match list'),
  word('ASNoMatch', 'autonomous system not in the first match list'),
];

export const CONNECTION_ENTRIES: readonly CatalogueEntry[] = [
  ...entriesOf(FAMILY, SUBJECTS, [...CONNECTION_COUNTS, ...CONNECTION_HISTOGRAMS]),
  ...entriesOf(FAMILY, sequence(SUBJECTS, MATCHES), CONNECTION_HISTOGRAMS),
  ...entriesOf(
    FAMILY,
    sequence(SUBJECTS, [word('CountryMatch', 'by country')]),
    listed(CONNECTION_COUNTS, CONNECTION_VALUES.countryList),
  ),
  ...entriesOf(
    FAMILY,
    sequence(SUBJECTS, [word('ASMatch', 'by autonomous system')]),
    listed(CONNECTION_COUNTS, CONNECTION_VALUES.asList),
  ),
];
