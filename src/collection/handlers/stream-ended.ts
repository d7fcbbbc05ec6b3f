/** `PRIVCOUNT_STREAM_ENDED` (spec/counters.md, 3.1 and 3.2). Hot path: an exit relay sends more of these than of the rest. */
import { type IpVersion, readAddress } from '../../tor/events/address.js';
import { ADDRESS_WORDS, clearRecord, type EventRecord } from '../../tor/events/event-record.js';
import { parserOf } from '../../tor/events/parsers.js';
import { STREAM_ENDED } from '../../tor/events/stream-ended.js';
import { Adder } from '../adder.js';
import { compileExitDomains } from '../families/exit-domains.js';
import { compileExitStreams, streamKind } from '../families/exit-streams.js';
import { portClass, WEB_CLASS } from '../families/port-classes.js';
import {
  STREAM_AMOUNT_COUNT,
  STREAM_AMOUNTS,
  STREAM_VALUE_COUNT,
  STREAM_VALUES,
} from '../families/stream-measures.js';
import { flowRatio } from '../ratio.js';
import { type EventHandler, type HandlerTarget } from './handler.js';

const { at } = STREAM_ENDED;

export function streamEndedHandler(target: HandlerTarget): EventHandler {
  const parser = parserOf(STREAM_ENDED);
  const { record } = parser;
  const { numbers, starts, ends } = record;
  const adder = new Adder(target, { amounts: STREAM_AMOUNT_COUNT, values: STREAM_VALUE_COUNT });
  const programs = compileExitStreams(adder);
  const countDomain = compileExitDomains(adder, target.lists.domains);
  const words = new Uint32Array(ADDRESS_WORDS);

  const ipVersion = (field: number): IpVersion =>
    readAddress(record.bytes, starts[field]!, ends[field]!, words, 0);

  return {
    event: STREAM_ENDED.event,
    handle(bytes, start, end) {
      const fault = parser.parse(bytes, start, end);
      if (fault !== undefined) return fault;
      const inbound = numbers[at.bytesRead]!;
      const outbound = numbers[at.bytesWritten]!;
      if (inbound < 0 || outbound < 0 || inbound + outbound === 0) return undefined;
      const port = portClass(numbers[at.exitPort]!);
      target.exitCircuits?.remember(record, port);
      setMeasures(adder, record);
      const hostVersion = ipVersion(at.remoteHost);
      const isFirst = numbers[at.exitStreamNumber] === 1;
      adder.run(programs[streamKind(port, ipVersion(at.remoteAddress), hostVersion, isFirst)]!);
      if (port === WEB_CLASS && hostVersion === 0 && isFirst) {
        countDomain?.(bytes, starts[at.remoteHost]!, ends[at.remoteHost]!);
      }
      return undefined;
    },
    wipe() {
      adder.wipe();
      clearRecord(record);
    },
  };
}

/** Sets what stream-measures.ts lists, but for the numbers of match lists. */
function setMeasures(adder: Adder, { low, high, numbers }: EventRecord): void {
  const { total, outbound, inbound } = STREAM_AMOUNTS;
  adder.setAmount(inbound, low[at.bytesRead]!, high[at.bytesRead]!);
  adder.setAmount(outbound, low[at.bytesWritten]!, high[at.bytesWritten]!);
  adder.setSum(total, inbound, outbound);
  adder.place(STREAM_VALUES.inbound, numbers[at.bytesRead]!);
  adder.place(STREAM_VALUES.outbound, numbers[at.bytesWritten]!);
  adder.place(STREAM_VALUES.total, adder.amountAsNumber(total));
  if (adder.needs(STREAM_VALUES.ratio)) {
    adder.place(STREAM_VALUES.ratio, flowRatio(numbers[at.bytesRead]!, numbers[at.bytesWritten]!));
  }
  adder.place(STREAM_VALUES.lifeTime, numbers[at.endedTime]! - numbers[at.createdTime]!);
}
