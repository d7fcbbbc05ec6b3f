/**
 * `ORCONN`: what is counted of it, and when. Hot path.
 *
 *     NEW or LAUNCHED --> CONNECTED: a connection is opened, and counts --> CLOSED or FAILED: its life time counts
 *
 * A connection begins when its handshake ends. What is only NEW may be no Tor at all, and tor does not tell its end. If the
 * other side has proved no identity by then, it is a client; relays have, whichever side opened the connection. tor's events
 * carry no time: a life time is between the moments at which the two lines came here. A connection that was open before
 * counting began is never counted; one that is still open when it ends counts as opened, and has no life time.
 */
import { ADDRESS_WORDS, clearRecord } from '../../tor/events/event-record.js';
import { FINGERPRINT_BYTES, IS_RELAY, OR_CONNECTION, OR_STATUSES } from '../../tor/events/or-connection.js';
import { parserOf } from '../../tor/events/parsers.js';
import { toLatin1 } from '../../tor/events/ascii.js';
import { Adder, type Program } from '../adder.js';
import { additionsOf, listed, type Measure } from '../catalogue/entry.js';
import {
  CLIENT_ADDRESS_COUNTS,
  OR_CONNECTION_COUNTS,
  OR_CONNECTION_LIFE_TIMES,
  OR_CONNECTION_VALUE_COUNT,
  OR_CONNECTION_VALUES,
} from '../families/standard-names.js';
import { listOfName, NO_LIST } from '../lists/name-lists.js';
import { AddressSet } from '../state/address-set.js';
import { ADDRESSES_MAX } from '../state/client-book.js';
import { mixWord } from '../state/keyed-hash.js';
import { OpenConnections } from '../state/open-connections.js';
import { type EventHandler, type HandlerTarget } from './handler.js';

const { at } = OR_CONNECTION;
const CONNECTED = OR_STATUSES.indexOf('CONNECTED');
const FAILED = OR_STATUSES.indexOf('FAILED');
const CLOSED = OR_STATUSES.indexOf('CLOSED');
const MILLISECONDS = 1000;
/** As tor itself calls a country that it does not know. */
const UNKNOWN_COUNTRY = toLatin1('??');

/** What a connection is, and which program its life time runs. */
const KINDS = { relay: 0, clientInFirst: 1, client: 2 } as const;

export function orConnectionHandler(target: HandlerTarget): EventHandler {
  const parser = parserOf(OR_CONNECTION);
  const { record } = parser;
  const { numbers, low, high, starts, ends } = record;
  const { hashSeed } = target;
  const { adder, opened, closed, addressPrograms } = compile(target);
  const open = new OpenConnections(hashSeed);
  const addresses = addressPrograms === undefined ? undefined : new AddressSet(hashSeed, ADDRESSES_MAX);
  const key = new Uint32Array(3);

  function setKey(bytes: Uint8Array): void {
    const start = starts[at.target]!;
    // A relay's nickname may become known while the connection is open.
    const end = numbers[at.target] === IS_RELAY ? start + FINGERPRINT_BYTES : ends[at.target]!;
    key[0] = low[at.ID]!;
    key[1] = high[at.ID]!;
    key[2] = hashOf(bytes, start, end, hashSeed);
  }

  function countryList(bytes: Uint8Array): number {
    const { countries } = target.lists;
    if (countries === undefined) return NO_LIST;
    return record.present[at.COUNTRY] === 1
      ? listOfName(countries, bytes, starts[at.COUNTRY]!, ends[at.COUNTRY]!)
      : listOfName(countries, UNKNOWN_COUNTRY, 0, UNKNOWN_COUNTRY.length);
  }

  function openClient(bytes: Uint8Array): void {
    const list = countryList(bytes);
    open.open(key, target.nowMs(), list === 0 ? KINDS.clientInFirst : KINDS.client);
    adder.place(OR_CONNECTION_VALUES.countryList, list);
    adder.run(opened.client);
    if (addresses === undefined || addressPrograms === undefined) return;
    const before = addresses.size;
    addresses.add(numbers[at.target]!, record.addresses, at.target * ADDRESS_WORDS);
    if (addresses.size > before) adder.run(addressPrograms);
  }

  function openRelay(): void {
    open.open(key, target.nowMs(), KINDS.relay);
    adder.run(opened.relay);
  }

  function countLifeTime(openedAtMs: number, kind: number): void {
    // A clock that was put back makes no life time below 0.
    const lifeTimeMs = Math.max(0, target.nowMs() - openedAtMs);
    adder.place(OR_CONNECTION_VALUES.lifeTime, lifeTimeMs / MILLISECONDS);
    adder.run(closed[kind]!);
  }

  return {
    event: OR_CONNECTION.event,
    handle(bytes, start, end) {
      const fault = parser.parse(bytes, start, end);
      if (fault !== undefined) return fault;
      const status = numbers[at.status]!;
      if (status === CONNECTED) {
        setKey(bytes);
        if (numbers[at.target] === IS_RELAY) openRelay();
        else openClient(bytes);
      } else if (status === CLOSED || status === FAILED) {
        setKey(bytes);
        open.close(key, countLifeTime);
      }
      return undefined;
    },
    rotate: () => addresses?.clear(),
    wipe() {
      open.wipe();
      addresses?.clear();
      adder.wipe();
      clearRecord(record);
      record.addresses.fill(0);
      key.fill(0);
    },
  };
}

type Programs = {
  readonly adder: Adder;
  readonly opened: { readonly client: Program; readonly relay: Program };
  /** By kind. */
  readonly closed: readonly Program[];
  /** Undefined if the plan counts no addresses: then none is kept. */
  readonly addressPrograms: Program | undefined;
};

function compile(target: HandlerTarget): Programs {
  const adder = new Adder(target, { amounts: 1, values: OR_CONNECTION_VALUE_COUNT });
  const lifeTimes = (...subjects: string[]): Program =>
    adder.compile(additionsOf(subjects, OR_CONNECTION_LIFE_TIMES));
  /** Counts, and the same by the list of countries. */
  const counts = (subject: string, measures: readonly Measure[]): Program =>
    adder.compile([
      ...additionsOf([subject], measures),
      ...additionsOf([`${subject}CountryMatch`], listed(measures, OR_CONNECTION_VALUES.countryList)),
    ]);
  const ofAddresses = counts('ORConnectionClientIP', CLIENT_ADDRESS_COUNTS);
  return {
    adder,
    opened: {
      client: counts('ORConnectionClient', OR_CONNECTION_COUNTS),
      relay: adder.compile(additionsOf(['ORConnectionRelay'], OR_CONNECTION_COUNTS)),
    },
    closed: [
      lifeTimes('ORConnectionRelay'),
      lifeTimes('ORConnectionClient', 'ORConnectionClientCountryMatch'),
      lifeTimes('ORConnectionClient', 'ORConnectionClientCountryNoMatch'),
    ],
    addressPrograms: ofAddresses.length === 0 ? undefined : ofAddresses,
  };
}

/** With a secret seed, so that what it is made from can't be guessed from it. */
function hashOf(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let place = start; place < end; place += 1) hash = mixWord(hash, bytes[place]!);
  return hash;
}
