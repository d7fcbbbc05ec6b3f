/**
 * The tally room's server (doc/decisions/0037): the page, the state, the results. It reads and never writes; the one thing that it
 * takes is the token. Whatever goes wrong in it is logged, and the round goes on.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type Duplex } from 'node:stream';
import { LimitedWarnings } from '../roles/limited-warnings.js';
import { type Clock, type Log } from '../roles/ports.js';
import { type RoomState } from '../roles/room-state.js';
import { type Assets } from './room-assets.js';
import { sendText } from './room-answers.js';
import { allowedHosts, refusalOf } from './room-door.js';
import { RoomGuide } from './room-guide.js';
import { type RoomDesk } from './room-desk.js';
import { RoomLive } from './room-live.js';
import { routeOf } from './room-routes.js';
import { RoomSessions } from './room-sessions.js';

/** Browsers open six each; pages are watched by a few. */
const CONNECTIONS_MAX = 256;
/** A browser's headers have 1 to 2 KB. */
const HEADER_BYTES_MAX = 8_192;
/** For the headers, for the whole request, and for the TLS handshake: nothing that comes is large. */
const REQUEST_MS_MAX = 10_000;
/** How often Node looks for requests that take too long. */
const CHECK_MS = 1_000;
/** Three heartbeats of the page: whoever takes nothing of what is sent for so long is gone. */
const SILENCE_MS_MAX = 30_000;
const KEEP_ALIVE_MS = 15_000;

export type RoomServerOptions = {
  readonly at: { readonly host: string; readonly port: number };
  readonly hosts: readonly string[];
  /** PEM; absent: plain HTTP. */
  readonly tls: { readonly key: Uint8Array; readonly cert: Uint8Array } | undefined;
  readonly token: string | undefined;
  readonly assets: Assets;
  readonly resultsFolder: string;
  readonly readState: () => RoomState;
  readonly desk: RoomDesk;
  readonly clock: Clock;
  readonly log: Log;
};

export class RoomServer {
  readonly #server: Server;
  readonly #live: RoomLive;
  readonly #at: RoomServerOptions['at'];

  constructor(options: RoomServerOptions) {
    const { at, tls, token, clock, log, readState } = options;
    const limits = {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: REQUEST_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    this.#server =
      tls === undefined
        ? createServer(limits)
        : createHttpsServer({
            ...limits,
            key: Buffer.from(tls.key),
            cert: Buffer.from(tls.cert),
            minVersion: 'TLSv1.3',
            handshakeTimeout: REQUEST_MS_MAX,
          });
    this.#at = at;
    const nowMs = (): number => clock.nowMs();
    const sessions = new RoomSessions(token, { port: at.port, isTls: tls !== undefined, nowMs });
    const warnings = new LimitedWarnings(log, clock);
    this.#live = new RoomLive(readState, (error) => {
      warnings.warn(`the tally room could not answer: ${error instanceof Error ? error.message : 'unknown'}`);
    });
    const guide = new RoomGuide({ ...options, sessions, live: this.#live, warnings });
    const hosts = allowedHosts(at.host, options.hosts);
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.timeout = SILENCE_MS_MAX;
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      answer({ request, response }, { hosts, guide });
    });
    this.#server.on('clientError', refuseUnreadable);
    // Only `listen` waits for errors, and none of the server's own comes later.
    this.#server.on('error', () => undefined);
  }

  /** Rejects if the port is taken, or can't be listened at. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#at, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** Something of the state may be new. */
  note(): void {
    this.#live.note();
  }

  async close(): Promise<void> {
    this.#live.close();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
      setTimeout(() => this.#server.closeAllConnections(), CLOSE_MS_MAX).unref();
    });
  }
}

/** What was sent last, as the end of a round, gets so long to leave. */
const CLOSE_MS_MAX = 500;

function answer(
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
  { hosts, guide }: { readonly hosts: ReadonlySet<string>; readonly guide: RoomGuide },
): void {
  const { request, response } = exchange;
  response.on('error', () => undefined);
  const route = routeOf(request.url ?? '');
  const isPage = route?.kind === 'asset';
  const refusal = refusalOf(request, { hosts, isPage });
  if (refusal !== undefined) {
    sendText(exchange, refusal.status, refusal.text, { connection: 'close' });
  } else if (route === undefined) {
    sendText(exchange, 404, 'there is nothing here');
  } else {
    void guide.answer(exchange, route);
  }
}

/** What is no HTTP, is too long or comes too slowly. */
function refuseUnreadable(error: Error & { code?: string }, socket: Duplex): void {
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`, () => socket.destroy());
  else socket.destroy();
}
