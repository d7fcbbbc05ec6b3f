/** `PRIVCOUNT_STREAM_ENDED` (spec/counters.md, 1.6). No range is checked. Read is inbound, that is towards the client. */
import { eventTable } from './event-parser.js';
import { float, integer, text } from './fields.js';

export const STREAM_ENDED = eventTable('PRIVCOUNT_STREAM_ENDED', 'positional', {
  channelId: integer(),
  circuitId: integer(),
  streamId: integer(),
  exitPort: integer(),
  bytesRead: integer(),
  bytesWritten: integer(),
  createdTime: float(),
  endedTime: float(),
  remoteHost: text(),
  remoteAddress: text(),
  /** 1 for the first exit stream of its circuit. */
  exitStreamNumber: integer(),
});
