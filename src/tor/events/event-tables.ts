/** The table of every event, for whoever takes events as they come; a handler imports the one it needs. */
import { BANDWIDTH } from './bandwidth.js';
import { CIRCUIT_CLOSE } from './circuit-close.js';
import { CONNECTION_CLOSE } from './connection-close.js';
import { type EventName } from './event-names.js';
import { type EventTable } from './event-parser.js';
import { HSDIR_CACHE_FETCH, HSDIR_CACHE_STORE } from './hsdir-cache.js';
import { OR_CONNECTION } from './or-connection.js';
import { STREAM_ENDED } from './stream-ended.js';
import {
  CIRCUIT_CELL,
  CIRCUIT_ENDED,
  CONNECTION_ENDED,
  DNS_RESOLVED,
  STREAM_BYTES_TRANSFERRED,
} from './unused-events.js';
import { VITERBI_PACKETS, VITERBI_STREAMS } from './viterbi.js';

export const EVENT_TABLES: Readonly<Record<EventName, EventTable>> = {
  PRIVCOUNT_STREAM_ENDED: STREAM_ENDED,
  PRIVCOUNT_CIRCUIT_CLOSE: CIRCUIT_CLOSE,
  PRIVCOUNT_CONNECTION_CLOSE: CONNECTION_CLOSE,
  PRIVCOUNT_HSDIR_CACHE_STORE: HSDIR_CACHE_STORE,
  PRIVCOUNT_HSDIR_CACHE_FETCH: HSDIR_CACHE_FETCH,
  PRIVCOUNT_VITERBI_PACKETS: VITERBI_PACKETS,
  PRIVCOUNT_VITERBI_STREAMS: VITERBI_STREAMS,
  PRIVCOUNT_CIRCUIT_CELL: CIRCUIT_CELL,
  PRIVCOUNT_STREAM_BYTES_TRANSFERRED: STREAM_BYTES_TRANSFERRED,
  PRIVCOUNT_CIRCUIT_ENDED: CIRCUIT_ENDED,
  PRIVCOUNT_CONNECTION_ENDED: CONNECTION_ENDED,
  PRIVCOUNT_DNS_RESOLVED: DNS_RESOLVED,
  ORCONN: OR_CONNECTION,
  BW: BANDWIDTH,
};
