/** Events that no counter needs and that are never subscribed to (spec/counters.md, 1.5 and 1.6). */
import { COMMON_CIRCUIT_FIELDS } from './circuit-fields.js';
import { eventTable } from './event-parser.js';
import { flag, float, integer, required, text } from './fields.js';

export const CIRCUIT_CELL = eventTable('PRIVCOUNT_CIRCUIT_CELL', 'tagged', {
  EventTimestamp: required(float({ min: 0 })),
  ...COMMON_CIRCUIT_FIELDS,
  IsSentFlag: required(flag()),
  CellCircuitId: required(integer({ min: 0 })),
  CellCommandString: required(text({ min: 1, max: 50 })),
  IsOutboundFlag: flag(),
  RelayCellPayloadByteCount: integer({ min: 0 }),
  RelayCellStreamId: integer({ min: 0 }),
  RelayCellCommandString: text({ min: 1, max: 50 }),
  IsRecognizedFlag: flag(),
  WasRelayCryptSuccessfulFlag: flag(),
});

export const STREAM_BYTES_TRANSFERRED = eventTable('PRIVCOUNT_STREAM_BYTES_TRANSFERRED', 'positional', {
  channelId: integer(),
  circuitId: integer(),
  streamId: integer(),
  isOutbound: integer(),
  bytes: integer(),
  time: float(),
});

export const CIRCUIT_ENDED = eventTable('PRIVCOUNT_CIRCUIT_ENDED', 'positional', {
  channelId: integer(),
  circuitId: integer(),
  cellsIn: integer(),
  cellsOut: integer(),
  exitBytesRead: integer(),
  exitBytesWritten: integer(),
  createdTime: float(),
  endedTime: float(),
  previousAddress: text(),
  previousIsClient: integer(),
  nextAddress: text(),
  nextIsEdge: integer(),
});

export const CONNECTION_ENDED = eventTable('PRIVCOUNT_CONNECTION_ENDED', 'positional', {
  channelId: integer(),
  createdTime: float(),
  endedTime: float(),
  remoteAddress: text(),
  remoteIsClient: integer(),
});

export const DNS_RESOLVED = eventTable('PRIVCOUNT_DNS_RESOLVED', 'positional', {
  channelId: integer(),
  circuitId: integer(),
  streamId: integer(),
  host: text(),
  time: float(),
});
