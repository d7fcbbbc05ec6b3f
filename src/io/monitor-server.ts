/**
 * The monitor's HTTP server: two pages that are texts already, for whoever is on this machine. It runs in a thread of its own
 * (monitor-worker.ts), so that nothing which somebody does to it is felt by the node.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from '../config/metrics-fields.js';

export type MonitorAnswer = {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
};

/** A Prometheus, a person, a health check, each perhaps twice. */
export const CONNECTIONS_MAX = 16;
/** From the connection to the last byte of the answer: what is on this machine takes milliseconds. */
export const CONNECTION_MS_MAX = 10_000;
/** For the request alone. */
const REQUEST_MS_MAX = 5_000;
const CHECK_MS = 1_000;
/** Prometheus sends some 300 bytes. */
const HEADER_BYTES_MAX = 4_096;

const TEXT = 'text/plain; charset=utf-8';

/** `answer`: what a path shows now; undefined if there is nothing. */
export function createMonitorServer(answer: (path: string) => MonitorAnswer | undefined): Server {
  const server = createServer(
    {
      headersTimeout: REQUEST_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    (request, response) => {
      const found = refusal(request) ?? answer(pathOf(request)) ?? notFound;
      send(response, found);
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.on('connection', (socket) => {
    const timer = setTimeout(() => socket.destroy(), CONNECTION_MS_MAX);
    socket.once('close', () => clearTimeout(timer));
  });
  return server;
}

const notFound: MonitorAnswer = {
  status: 404,
  contentType: TEXT,
  body: 'there are /metrics and /health\n',
};

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0]!;
}

/**
 * Only what can be asked without changing anything. And only by a name of this machine: a page of somebody else's in a browser
 * on this machine can have its own name lead here, but not ask by another.
 */
function refusal({ method, headers }: IncomingMessage): MonitorAnswer | undefined {
  if (method !== 'GET') return { status: 405, contentType: TEXT, body: 'only GET is answered\n' };
  const name = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (name === 'localhost' || (isIP(name) !== 0 && isLoopback(name))) return undefined;
  const body = 'ask for localhost; a reverse proxy must set the header Host to localhost\n';
  return { status: 403, contentType: TEXT, body };
}

/** Each connection is for one answer: there is nothing to gain on the loopback from more, and it needs no other limits. */
function send(response: ServerResponse, { status, contentType, body }: MonitorAnswer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
    ...(status === 405 ? { allow: 'GET' } : {}),
  });
  response.end(body);
}
