/**
 * Advice on the sensitivities of the family "metrics page": how far one person moves such a counter in a day, at all relays
 * together. It follows from PrivCount's action bounds (doc/privacy.md, and the sensitivities of config/noise/privcount-29.yaml)
 * and from what Tor does for each action. Where PrivCount has no bound, ours is named as such.
 */
import { type Advice } from '../catalogue/entry.js';

/** PrivCount's bounds of what a person does in a day. */
const CONNECTIONS = 12;
const CIRCUITS = 146;
const STREAMS = 30_000;
/** PrivCount's files say 10,240, taken here for KiB: the larger reading is the safer one. */
const BYTES = 10_240 * 1024;

/** Circuits of onion services have up to four relays on a person's side. */
const RELAYS = 4;
/** A relay's cell holds 498 bytes of a stream at most, and takes 514 on the line, TLS around it included less than 550. */
const CELL_DATA_BYTES = 498;
const CELL_LINE_BYTES = 550;
const CELLS = Math.ceil(BYTES / CELL_DATA_BYTES);
/** A host name is asked for twice, for its IPv4 and its IPv6 addresses. */
const QUERIES = 2 * STREAMS;

function advice(sensitivity: number, because: string): Advice {
  return { sensitivity, because };
}

const HANDSHAKES = CIRCUITS * RELAYS;
const EXTENSIONS = CIRCUITS * (RELAYS - 1);
const LINE_BYTES = CELLS * CELL_LINE_BYTES * RELAYS;

export const ADVICE = {
  streams: advice(STREAMS, `${STREAMS} streams`),
  connections: advice(
    STREAMS + CONNECTIONS + 2 * EXTENSIONS,
    `${STREAMS} streams, each a connection to a server; ${CONNECTIONS} connections to guards; ${CIRCUITS} circuits, each of ` +
      `whose ${RELAYS - 1} extensions connects two relays`,
  ),
  initiatedConnections: advice(
    STREAMS + EXTENSIONS,
    `${STREAMS} streams, each a connection to a server; ${CIRCUITS} circuits of ${RELAYS - 1} extensions`,
  ),
  receivedConnections: advice(
    STREAMS + CONNECTIONS + EXTENSIONS,
    `${STREAMS} streams, if all fetch from directories; ${CONNECTIONS} connections to guards; ${CIRCUITS} circuits of ` +
      `${RELAYS - 1} extensions`,
  ),
  streamConnections: advice(STREAMS, `${STREAMS} streams, each a connection`),
  orConnections: advice(
    CONNECTIONS + 2 * EXTENSIONS,
    `${CONNECTIONS} connections to guards; ${CIRCUITS} circuits, each of whose ${RELAYS - 1} extensions connects two relays`,
  ),
  initiatedOrConnections: advice(EXTENSIONS, `${CIRCUITS} circuits of ${RELAYS - 1} extensions`),
  receivedOrConnections: advice(
    CONNECTIONS + EXTENSIONS,
    `${CONNECTIONS} connections to guards; ${CIRCUITS} circuits of ${RELAYS - 1} extensions`,
  ),
  bridgeConnections: advice(CONNECTIONS, `${CONNECTIONS} connections to bridges`),
  traffic: advice(
    2 * LINE_BYTES,
    `10 MiB in cells at ${RELAYS} relays, each of which reads and writes them, with what TLS adds`,
  ),
  trafficOneWay: advice(LINE_BYTES, `10 MiB in cells at ${RELAYS} relays, with what TLS adds`),
  queries: advice(QUERIES, `${STREAMS} streams, each with a name that is asked for twice`),
  circuits: advice(CIRCUITS, `${CIRCUITS} circuits, one such cell on each`),
  handshakes: advice(HANDSHAKES, `${CIRCUITS} circuits of ${RELAYS} relays`),
  dropCells: advice(CELLS, '10 MiB in cells, if all of them are padding'),
  violations: advice(HANDSHAKES, `${CIRCUITS} circuits of ${RELAYS} relays; a violation ends a circuit`),
  defences: advice(
    STREAMS + CONNECTIONS + HANDSHAKES,
    `${STREAMS} streams, ${CONNECTIONS} connections and ${CIRCUITS} circuits of ${RELAYS} relays, if all are refused`,
  ),
  refusedStreams: advice(STREAMS, `${STREAMS} streams, if all are refused`),
  refusedConnections: advice(
    CONNECTIONS + EXTENSIONS,
    `${CONNECTIONS} connections and those of ${CIRCUITS} circuits of ${RELAYS - 1} extensions, if all are refused`,
  ),
  refusedCircuits: advice(HANDSHAKES, `${CIRCUITS} circuits of ${RELAYS} relays, if all are refused`),
  freedBytes: advice(LINE_BYTES, `10 MiB in cells at ${RELAYS} relays, if all wait there and are freed`),
  limits: advice(CELLS * RELAYS, `10 MiB in cells at ${RELAYS} relays, if each is the one that is too much`),
  attempts: advice(
    STREAMS + EXTENSIONS,
    `${STREAMS} streams and ${CIRCUITS} circuits of ${RELAYS - 1} extensions`,
  ),
  congestion: advice(CELLS, '10 MiB in cells, if each has this effect where the circuit ends'),
  congestedCircuits: advice(CIRCUITS, `${CIRCUITS} circuits, each ending at one relay`),
} as const satisfies Readonly<Record<string, Advice>>;
