/** Where nodes connect to the tally: HTTPS that only upgrades to WebSockets, with limits on strangers and on nodes. */
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { HANDSHAKE_MS_MAX } from '../protocol/limits.js';
import { type FrameChannel, type FrameEvents, type Listener } from '../roles/channel-ports.js';
import { ChannelMemory } from './channel-memory.js';
import { openFrameChannel, WEB_SOCKET_OPTIONS } from './frame-channel.js';
import { openFileLimit } from './open-file-limit.js';
import { StrangerGate } from './stranger-gate.js';

/** Connections of any kind: the gate's strangers, and 4,096 + 10 nodes of which each may be reconnecting. */
const CONNECTIONS_MAX = 20_000;
/** How often Node looks for requests that take too long; its own 30 s would treble a stranger's time. */
const CHECK_MS = 1_000;
/** What is queued in a channel that its owner has closed gets so long to leave before all are cut off. */
const CLOSE_MS_MAX = 2_000;
/** Connections that the system keeps until they are accepted: all nodes of a network may come at once. */
const BACKLOG = 4_096;

type Accept = (channel: FrameChannel) => FrameEvents;

/** `key` and `cert` in PEM. */
export function createListener({ key, cert }: { key: Uint8Array; cert: Uint8Array }): Listener {
  return {
    listen: async (at, accept) => {
      const https = createHttpsServer({
        key: Buffer.from(key),
        cert: Buffer.from(cert),
        minVersion: 'TLSv1.3',
        handshakeTimeout: HANDSHAKE_MS_MAX,
        headersTimeout: HANDSHAKE_MS_MAX,
        requestTimeout: HANDSHAKE_MS_MAX,
        connectionsCheckingInterval: CHECK_MS,
        maxHeaderSize: 4096,
      });
      https.on('request', (_request, response) => response.writeHead(426, { connection: 'close' }).end());
      const sockets = new WebSocketServer({ server: https, ...WEB_SOCKET_OPTIONS, clientTracking: true });
      const gate = new StrangerGate(openFileLimit());
      const memory = new ChannelMemory();
      const door = createServer();
      door.maxConnections = CONNECTIONS_MAX;
      admitAll({ door, https, sockets }, { gate, memory, accept });
      const endLimits = (): void => {
        gate.close();
        memory.close();
      };
      try {
        await listenAt(door, at);
        // Node begins to look for slow requests when the server listens, which here is done for it.
        https.emit('listening');
      } catch (error) {
        endLimits();
        throw error;
      }
      return {
        close: async () => {
          await endClients(sockets.clients);
          await new Promise<void>((resolve) => sockets.close(() => resolve()));
          await new Promise<void>((resolve) => {
            door.close(() => resolve());
            gate.turnAllOut();
            https.closeAllConnections();
          });
          https.close();
          endLimits();
        },
      };
    },
  };
}

/**
 * Each connection is a stranger from its first packet until it is welcome, and a channel from its upgrade on. TLS, which costs
 * a hundred times what a connection does, begins when the other side has said something.
 */
function admitAll(
  { door, https, sockets }: { door: Server; https: HttpsServer; sockets: WebSocketServer },
  { gate, memory, accept }: { gate: StrangerGate; memory: ChannelMemory; accept: Accept },
): void {
  // Node does not tell which connection a TLS connection runs over; both know the other end.
  const connections = new Map<string, Socket>();
  door.on('connection', (connection) => {
    const peer = peerOf(connection);
    connections.set(peer, connection);
    gate.admit(connection);
    connection.on('error', () => undefined);
    connection.once('readable', () => {
      gate.noteFirstByte(connection);
      https.emit('connection', connection);
    });
    connection.once('close', () => {
      connections.delete(peer);
      gate.leave(connection);
    });
  });
  sockets.on('connection', (webSocket, { socket }) => {
    if (!(socket instanceof TLSSocket)) {
      webSocket.terminate();
      return;
    }
    const onWelcome = (): void => {
      const connection = connections.get(peerOf(socket));
      if (connection !== undefined) gate.leave(connection);
    };
    const channel = openFrameChannel(webSocket, socket, accept, { isRateLimited: true, onWelcome });
    memory.add(channel);
    webSocket.once('close', () => memory.remove(channel));
  });
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
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

function listenAt(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
