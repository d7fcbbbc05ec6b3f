/** `PRIVCOUNT_CONNECTION_CLOSE` (spec/counters.md, 3.6). Hot path. */
import { toLatin1 } from '../../tor/events/ascii.js';
import { CONNECTION_CLOSE } from '../../tor/events/connection-close.js';
import { ADDRESS_WORDS, clearRecord, type EventRecord } from '../../tor/events/event-record.js';
import { parserOf } from '../../tor/events/parsers.js';
import { Adder, type Program } from '../adder.js';
import { additionsOf, listed, type Measure } from '../catalogue/entry.js';
import {
  CONNECTION_AMOUNT_COUNT,
  CONNECTION_AMOUNTS,
  CONNECTION_COUNTS,
  CONNECTION_HISTOGRAMS,
  CONNECTION_VALUE_COUNT,
  CONNECTION_VALUES,
} from '../families/connection-names.js';
import { asList } from '../lists/as-lists.js';
import { listOfName, NO_LIST } from '../lists/name-lists.js';
import { type MatchLists } from '../match-lists.js';
import { type EventHandler, type HandlerTarget } from './handler.js';

const { at } = CONNECTION_CLOSE;

/** Stands for the country of a relay without a database (quirk Q12). */
const NO_COUNTRY = toLatin1('!!');

/** The programs of one side (client or not) and one peer (relay at the address or not). */
type Programs = {
  readonly always: Program;
  readonly country: { readonly inFirst: Program; readonly notInFirst: Program; readonly lists: Program };
  readonly as: { readonly inFirst: Program; readonly notInFirst: Program; readonly lists: Program };
};

export function connectionCloseHandler(target: HandlerTarget): EventHandler {
  const parser = parserOf(CONNECTION_CLOSE);
  const { record } = parser;
  const { numbers } = record;
  const adder = new Adder(target, { amounts: CONNECTION_AMOUNT_COUNT, values: CONNECTION_VALUE_COUNT });
  const programs = ['NonEntry', 'Entry'].flatMap((side) =>
    ['NoRelayOnAddress', 'RelayOnAddress'].map((peer) => compileSubjects(adder, side, peer)),
  );

  return {
    event: CONNECTION_CLOSE.event,
    handle(bytes, start, end) {
      const fault = parser.parse(bytes, start, end);
      if (fault !== undefined) return fault;
      setMeasures(adder, record);
      const hasRelay = numbers[at.PeerIPAddressConsensusRelayCount]! > 0;
      const { always, country, as } = programs[2 * numbers[at.RemoteIsClientFlag]! + (hasRelay ? 1 : 0)]!;
      adder.run(always);
      const countryNumber = countryList(target.lists, record);
      adder.place(CONNECTION_VALUES.countryList, countryNumber);
      adder.run(countryNumber === 0 ? country.inFirst : country.notInFirst);
      adder.run(country.lists);
      const asNumber = asListOf(target.lists, record);
      adder.place(CONNECTION_VALUES.asList, asNumber);
      adder.run(asNumber === 0 ? as.inFirst : as.notInFirst);
      adder.run(as.lists);
      return undefined;
    },
    wipe() {
      adder.wipe();
      clearRecord(record);
    },
  };
}

function compileSubjects(adder: Adder, side: string, peer: string): Programs {
  const compile = (match: string, measures: readonly Measure[]): Program =>
    adder.compile(additionsOf([`${side}Connection${match}`, `${side}${peer}Connection${match}`], measures));
  const compileMatches = (by: string, list: number): Programs['country'] => ({
    inFirst: compile(`${by}Match`, CONNECTION_HISTOGRAMS),
    notInFirst: compile(`${by}NoMatch`, CONNECTION_HISTOGRAMS),
    lists: compile(`${by}Match`, listed(CONNECTION_COUNTS, list)),
  });
  return {
    always: compile('', [...CONNECTION_COUNTS, ...CONNECTION_HISTOGRAMS]),
    country: compileMatches('Country', CONNECTION_VALUES.countryList),
    as: compileMatches('AS', CONNECTION_VALUES.asList),
  };
}

/** The flows that an event states: the field, and the amount and value that it sets. */
const FLOWS = [
  [at.InboundByteCount, CONNECTION_AMOUNTS.inboundBytes, CONNECTION_VALUES.inboundBytes],
  [at.OutboundByteCount, CONNECTION_AMOUNTS.outboundBytes, CONNECTION_VALUES.outboundBytes],
  [at.InboundCircuitCount, CONNECTION_AMOUNTS.inboundCircuits, CONNECTION_VALUES.inboundCircuits],
  [at.OutboundCircuitCount, CONNECTION_AMOUNTS.outboundCircuits, CONNECTION_VALUES.outboundCircuits],
] as const;

function setMeasures(adder: Adder, { low, high, numbers }: EventRecord): void {
  for (const [field, amount, value] of FLOWS) {
    adder.setAmount(amount, low[field]!, high[field]!);
    adder.place(value, numbers[field]!);
  }
  const { bytes, inboundBytes, outboundBytes, circuits, inboundCircuits, outboundCircuits } =
    CONNECTION_AMOUNTS;
  adder.setSum(bytes, inboundBytes, outboundBytes);
  adder.place(CONNECTION_VALUES.bytes, adder.amountAsNumber(bytes));
  adder.setSum(circuits, inboundCircuits, outboundCircuits);
  adder.place(CONNECTION_VALUES.circuits, adder.amountAsNumber(circuits));
  adder.place(CONNECTION_VALUES.lifeTime, numbers[at.EventTimestamp]! - numbers[at.CreatedTimestamp]!);
  adder.place(CONNECTION_VALUES.overlap, numbers[at.RemoteIPAddressConnectionCount]!);
}

function countryList({ countries }: MatchLists, { bytes, present, starts, ends }: EventRecord): number {
  if (countries === undefined) return NO_LIST;
  const field = at.RemoteCountryCode;
  return present[field] === 1
    ? listOfName(countries, bytes, starts[field]!, ends[field]!)
    : listOfName(countries, NO_COUNTRY, 0, NO_COUNTRY.length);
}

function asListOf({ autonomousSystems }: MatchLists, { numbers, addresses }: EventRecord): number {
  if (autonomousSystems === undefined) return NO_LIST;
  const field = at.RemoteIPAddress;
  return asList(autonomousSystems, numbers[field]!, addresses, field * ADDRESS_WORDS);
}
