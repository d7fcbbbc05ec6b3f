/** `PRIVCOUNT_VITERBI_PACKETS` and `_STREAMS` (spec/counters.md, 6.3). Hot path. */
import { type Fault } from '../../tor/events/event-parser.js';
import { clearRecord } from '../../tor/events/event-record.js';
import { parserOf } from '../../tor/events/parsers.js';
import { VITERBI_PACKETS, VITERBI_STREAMS } from '../../tor/events/viterbi.js';
import { PathCounter } from '../traffic/path-counter.js';
import { type SubModelKind } from '../traffic/traffic-model.js';
import { type EventHandler, type HandlerTarget } from './handler.js';

export function viterbiPacketsHandler(target: HandlerTarget): EventHandler {
  const parser = parserOf(VITERBI_PACKETS);
  return viterbiHandler(target, 'packets', parser, 'ViterbiPathPackets');
}

export function viterbiStreamsHandler(target: HandlerTarget): EventHandler {
  const parser = parserOf(VITERBI_STREAMS);
  return viterbiHandler(target, 'streams', parser, 'ViterbiPathStreams');
}

type Parser = ReturnType<typeof parserOf>;

/** Without a model of this kind an event is checked, but its path can't be and nothing is counted. */
function viterbiHandler(
  target: HandlerTarget,
  kind: SubModelKind,
  parser: Parser,
  field: string,
): EventHandler {
  const { record, table } = parser;
  const place = table.at[field]!;
  const model = target.trafficModel?.[kind];
  const counter = model && new PathCounter(target, kind, model);
  const badPath: Fault = { field, reason: 'bad-payload' };
  return {
    event: table.event,
    handle(bytes, start, end) {
      const fault = parser.parse(bytes, start, end);
      if (fault !== undefined || counter === undefined) return fault;
      return counter.count(bytes, record.starts[place]!, record.ends[place]!) ? undefined : badPath;
    },
    wipe() {
      counter?.wipe();
      clearRecord(record);
    },
  };
}
