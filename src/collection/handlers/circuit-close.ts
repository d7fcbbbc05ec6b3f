/** `PRIVCOUNT_CIRCUIT_CLOSE` (spec/counters.md, 3.3-3.5). Hot path. */
import { CIRCUIT_CLOSE } from '../../tor/events/circuit-close.js';
import { clearRecord, type EventRecord } from '../../tor/events/event-record.js';
import { parserOf } from '../../tor/events/parsers.js';
import { type EventHandler, type HandlerTarget } from './handler.js';

const { at } = CIRCUIT_CLOSE;

export function circuitCloseHandler(target: HandlerTarget): EventHandler {
  const parser = parserOf(CIRCUIT_CLOSE);
  const { record } = parser;

  return {
    event: CIRCUIT_CLOSE.event,
    handle(bytes, start, end) {
      const fault = parser.parse(bytes, start, end);
      if (fault !== undefined) return fault;
      if (isLegacyEvent(record) && record.numbers[at.IsEntryFlag] === 0 && isExit(record)) {
        target.exitCircuits?.close(record);
      }
      return undefined;
    },
    wipe: () => clearRecord(record),
  };
}

/** True if the event stands for one of PrivCount 1's too, which alone counted streams and clients (3.4, quirk Q13). */
function isLegacyEvent({ numbers, present }: EventRecord): boolean {
  return (
    numbers[at.IsLegacyCircuitEndEventFlag] === 1 &&
    present[at.PreviousChannelId] === 1 &&
    present[at.PreviousCircuitId] === 1 &&
    present[at.InboundExitByteCount] === 1 &&
    present[at.OutboundExitByteCount] === 1
  );
}

/** The Exit flag of a circuit that also ends at a directory or onion service is a mistake of Tor's (1.7, quirk Q7). */
function isExit({ numbers }: EventRecord): boolean {
  return (
    numbers[at.IsExitFlag] === 1 &&
    numbers[at.IsDirFlag] === 0 &&
    numbers[at.IsHSDirFlag] === 0 &&
    numbers[at.IsIntroFlag] === 0 &&
    numbers[at.IsRendFlag] === 0
  );
}
