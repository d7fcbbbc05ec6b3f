/** Where nodes connect to the tally: HTTPS that only upgrades to WebSockets, with limits on strangers. */
import { createServer, type Server } from 'node:https';
import { TLSSocket } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { FRAME_BYTES_MAX, HANDSHAKE_MS_MAX } from '../protocol/limits.js';
import { type Listener } from '../roles/channel-ports.js';
import { openFrameChannel } from './frame-channel.js';

/** Connections of any kind: nodes are at most 4,096 + 10, and each may be reconnecting while the old one lingers. */
const CONNECTIONS_MAX = 20_000;
/** How often Node looks for requests that take too long; its own 30 s would treble a stranger's time. */
const CHECK_MS = 1_000;
/** What is queued in a channel that its owner has closed gets so long to leave before all are cut off. */
const CLOSE_MS_MAX = 2_000;

/** `key` and `cert` in PEM. */
export function createListener({ key, cert }: { key: Uint8Array; cert: Uint8Array }): Listener {
  return {
    listen: async ({ host, port }, accept) => {
      const server = createServer({
        key: Buffer.from(key),
        cert: Buffer.from(cert),
        minVersion: 'TLSv1.3',
        handshakeTimeout: HANDSHAKE_MS_MAX,
        headersTimeout: HANDSHAKE_MS_MAX,
        requestTimeout: HANDSHAKE_MS_MAX,
        connectionsCheckingInterval: CHECK_MS,
        maxHeaderSize: 4096,
      });
      server.maxConnections = CONNECTIONS_MAX;
      server.on('request', (_request, response) => response.writeHead(426, { connection: 'close' }).end());
      const sockets = new WebSocketServer({
        server,
        maxPayload: FRAME_BYTES_MAX,
        perMessageDeflate: false,
        clientTracking: true,
      });
      // It passes on the server's errors, which `listenAt` tells; unheard they would end the process.
      sockets.on('error', () => undefined);
      sockets.on('connection', (webSocket, request) => {
        if (request.socket instanceof TLSSocket) openFrameChannel(webSocket, request.socket, accept);
        else webSocket.terminate();
      });
      await listenAt(server, host, port);
      return {
        close: async () => {
          await endClients(sockets.clients);
          await new Promise<void>((resolve) => sockets.close(() => resolve()));
          await new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          });
        },
      };
    },
  };
}

async function endClients(clients: ReadonlySet<WebSocket>): Promise<void> {
  const closing = [...clients].filter(({ readyState }) => readyState === WebSocket.CLOSING);
  const closed = closing.map((client) => new Promise((resolve) => client.once('close', resolve)));
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_MS_MAX)));
  await Promise.race([Promise.all(closed), timeUp]);
  clearTimeout(timer);
  for (const client of clients) client.terminate();
}

function listenAt(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
