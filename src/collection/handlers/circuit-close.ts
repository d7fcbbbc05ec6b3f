/** `PRIVCOUNT_CIRCUIT_CLOSE` (spec/counters.md, 3.3-3.5). Hot path. */
import { CIRCUIT_CLOSE } from '../../tor/events/circuit-close.js';
import { clearRecord, type EventRecord } from '../../tor/events/event-record.js';
import { parserOf } from '../../tor/events/parsers.js';
import { type CircuitFacts, Circuits } from '../families/circuits.js';
import { type EventHandler, type HandlerTarget } from './handler.js';

const { at } = CIRCUIT_CLOSE;

/** From so many cells both ways on a circuit is busy (3.3). */
const BUSY_CELLS_MIN = 8;

export function circuitCloseHandler(target: HandlerTarget): EventHandler {
  const parser = parserOf(CIRCUIT_CLOSE);
  const { record } = parser;
  const circuits = Circuits.compile(target, target.lists.circuitFailures);
  const facts: CircuitFacts = { inboundField: 0, outboundField: 0, isBusy: false, isExit: false };

  return {
    event: CIRCUIT_CLOSE.event,
    handle(bytes, start, end) {
      const fault = parser.parse(bytes, start, end);
      if (fault !== undefined) return fault;
      setFacts(facts, record);
      if (isLegacyEvent(record)) {
        if (record.numbers[at.IsEntryFlag] === 1) target.clients?.note(record, facts.isBusy);
        else if (facts.isExit) target.exitCircuits?.close(record);
      }
      circuits?.count(record, facts);
      return undefined;
    },
    wipe() {
      circuits?.wipe();
      clearRecord(record);
    },
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

function setFacts(facts: CircuitFacts, record: EventRecord): void {
  const { numbers } = record;
  facts.inboundField = greatestOf(
    record,
    greatestOf(record, at.InboundReceivedCellCount, at.InboundSentCellCount),
    at.InboundExitCellCount,
  );
  facts.outboundField = greatestOf(
    record,
    greatestOf(record, at.OutboundReceivedCellCount, at.OutboundSentCellCount),
    at.OutboundExitCellCount,
  );
  facts.isBusy = numbers[facts.inboundField]! + numbers[facts.outboundField]! >= BUSY_CELLS_MIN;
  // The Exit flag of a circuit that also ends at a directory or onion service is a mistake of Tor's (1.7, quirk Q7).
  facts.isExit =
    numbers[at.IsExitFlag] === 1 &&
    numbers[at.IsDirFlag] === 0 &&
    numbers[at.IsHSDirFlag] === 0 &&
    numbers[at.IsIntroFlag] === 0 &&
    numbers[at.IsRendFlag] === 0;
}

/** Of two integer fields the one with the greater value. */
function greatestOf({ low, high }: EventRecord, left: number, right: number): number {
  if (high[left] !== high[right]) return high[left]! > high[right]! ? left : right;
  return low[left]! >= low[right]! ? left : right;
}
