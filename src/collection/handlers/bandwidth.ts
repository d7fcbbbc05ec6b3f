/** `BW`: each event counts whole, for the second that it ends. */
import { BANDWIDTH } from '../../tor/events/bandwidth.js';
import { clearRecord } from '../../tor/events/event-record.js';
import { parserOf } from '../../tor/events/parsers.js';
import { Adder } from '../adder.js';
import { additionsOf } from '../catalogue/entry.js';
import {
  BANDWIDTH_AMOUNT_COUNT,
  BANDWIDTH_AMOUNTS,
  BANDWIDTH_MEASURES,
  BANDWIDTH_SUBJECT,
  BANDWIDTH_VALUE_COUNT,
  BANDWIDTH_VALUES,
} from '../families/standard-names.js';
import { type EventHandler, type HandlerTarget } from './handler.js';

const { at } = BANDWIDTH;

export function bandwidthHandler(target: HandlerTarget): EventHandler {
  const parser = parserOf(BANDWIDTH);
  const { record } = parser;
  const { low, high, numbers } = record;
  const adder = new Adder(target, { amounts: BANDWIDTH_AMOUNT_COUNT, values: BANDWIDTH_VALUE_COUNT });
  const program = adder.compile(additionsOf([BANDWIDTH_SUBJECT], BANDWIDTH_MEASURES));
  const { bytes: both, read, written } = BANDWIDTH_AMOUNTS;

  return {
    event: BANDWIDTH.event,
    handle(bytes, start, end) {
      const fault = parser.parse(bytes, start, end);
      if (fault !== undefined) return fault;
      adder.setAmount(read, low[at.read]!, high[at.read]!);
      adder.setAmount(written, low[at.written]!, high[at.written]!);
      adder.setSum(both, read, written);
      adder.place(BANDWIDTH_VALUES.read, numbers[at.read]!);
      adder.place(BANDWIDTH_VALUES.written, numbers[at.written]!);
      adder.place(BANDWIDTH_VALUES.bytes, adder.amountAsNumber(both));
      adder.run(program);
      return undefined;
    },
    wipe() {
      adder.wipe();
      clearRecord(record);
    },
  };
}
