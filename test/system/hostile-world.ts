/** Honest roles over real TLS on loopback, and clients that follow no rules. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { freePorts } from '../../src/cli/child-process.js';
import { systemClock } from '../../src/io/clock.js';
import { dialer } from '../../src/io/dialer.js';
import { createListener } from '../../src/io/listener.js';
import { makeTlsCredentials, type TlsCredentials } from '../../src/io/tls-files.js';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { EXPORTER_BYTES, EXPORTER_LABEL, makeHello } from '../../src/protocol/handshake.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { type Message } from '../../src/protocol/messages.js';
import {
  type Dialer,
  type FrameChannel,
  type FrameEvents,
  type Listening,
} from '../../src/roles/channel-ports.js';
import { RandomSource } from '../support/random-source.js';
import { testIdentity, testNetwork, type TestNetworkOptions } from '../support/test-network.js';
import { noStatus } from '../roles/role-fakes.js';
import { FakeLog } from '../roles/tor-source-fakes.js';

export const HOST = '127.0.0.1';

export type Place = { readonly known: KnownNetwork; readonly tls: TlsCredentials; readonly port: number };

/** A network of test identities whose tally listens at a free port with a key of its own. */
export async function makePlace(options: TestNetworkOptions = {}): Promise<Place> {
  const [tls, [port]] = await Promise.all([makeTlsCredentials(Date.now()), freePorts(1)]);
  return { known: atPort(testNetwork(options), port!, tls.pin), tls, port: port! };
}

export function atPort(known: KnownNetwork, port: number, tlsPin: string): KnownNetwork {
  const { network } = known;
  const tallyServer = { ...network.tallyServer, host: HOST, port, tlsPin };
  return { ...known, network: { ...network, tallyServer } };
}

/** A listener where each connection is handled as the test says. */
export function listen(
  { port, tls }: Pick<Place, 'port' | 'tls'>,
  accept: (channel: FrameChannel) => FrameEvents,
): Promise<Listening> {
  const listener = createListener({ key: Buffer.from(tls.key), cert: Buffer.from(tls.cert) });
  return listener.listen({ host: HOST, port }, accept);
}

/** The ports of the real world, but a log and a cache in memory. */
export function realPorts(given: { dialer?: Dialer } = {}) {
  const random = new RandomSource(Math.floor(Math.random() * 2 ** 32));
  return {
    dialer: given.dialer ?? dialer,
    clock: systemClock,
    log: new FakeLog(),
    randomBytes: (length: number) => random.bytes(length),
    ...noStatus,
  };
}

/** Resolves when it is so; looks often, gives up in time. */
export async function until(isSo: () => boolean, what: string, msMax = 30_000): Promise<void> {
  const startMs = performance.now();
  while (!isSo()) {
    if (performance.now() - startMs > msMax) throw new Error(`not within ${msMax} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export type Ended = {
  /** How long the connection lasted. */
  readonly ms: number;
  readonly received: Buffer;
};

/** What a connection received until the other side ended it; rejects if that takes too long. */
function untilEnded(socket: Socket, msMax: number): Promise<Ended> {
  const startMs = performance.now();
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection was not ended within ${msMax} ms`));
    }, msMax);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A reset is an end too.
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ ms: performance.now() - startMs, received: Buffer.concat(chunks) });
    });
  });
}

export const STRANGER_MS_MAX = 25_000;

/** Says these bytes over plain TCP, and waits for the end. */
export function overTcp(port: number, bytes: string | Uint8Array): Promise<Ended> {
  const socket = connectTcp({ port, host: HOST }, () => socket.write(bytes));
  return untilEnded(socket, STRANGER_MS_MAX);
}

/** Says these bytes over TLS, and waits for the end. */
export function overTls(
  port: number,
  bytes: string | Uint8Array,
  options: ConnectionOptions = {},
): Promise<Ended> {
  const socket = connectTls({ port, host: HOST, rejectUnauthorized: false, ...options }, () => {
    if (bytes.length > 0) socket.write(bytes);
  });
  return untilEnded(socket, STRANGER_MS_MAX);
}

/** What asks for a WebSocket; `extensions` as a header line with its end. */
export function upgradeRequest(extensions = ''): string {
  const lines = [
    'GET / HTTP/1.1',
    'Host: tally',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ];
  return `${lines.join('\r\n')}\r\n${extensions}\r\n`;
}

/** Says these bytes one by one, and waits for the end. */
export function dripping(socket: Socket, bytes: Uint8Array, everyMs: number): Promise<Ended> {
  let at = 0;
  const timer = setInterval(() => {
    if (at < bytes.length && socket.writable) socket.write(bytes.subarray(at, at + 1));
    at += 1;
  }, everyMs);
  return untilEnded(socket, STRANGER_MS_MAX).finally(() => clearInterval(timer));
}

/** The bytes that a TLS client says first. */
export async function clientHello(): Promise<Buffer> {
  const { createServer } = await import('node:net');
  const server = createServer();
  const heard = new Promise<Buffer>((resolve) => {
    server.once('connection', (socket) => {
      socket.once('data', (bytes: Buffer) => {
        resolve(bytes);
        socket.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address() as { port: number };
  const client = connectTls({ port: address.port, host: HOST, rejectUnauthorized: false });
  client.on('error', () => undefined);
  const bytes = await heard;
  client.destroy();
  server.close();
  return bytes;
}

/** Far beyond what a loaded machine takes to answer. */
const HANDSHAKE_MS_MAX = 30_000;

/** A WebSocket client that sends what it likes. */
export class RawClient {
  readonly #webSocket: WebSocket;
  readonly received: Message[] = [];
  /** The WebSocket's close code, once it is closed. */
  closeCode: number | undefined;
  closedAfterMs = 0;
  exporter = new Uint8Array(EXPORTER_BYTES);
  readonly opened: Promise<void>;
  readonly closed: Promise<void>;

  constructor(port: number) {
    const startMs = performance.now();
    this.#webSocket = new WebSocket(`wss://${HOST}:${port}/`, {
      rejectUnauthorized: false,
      // Whoever listened may have ended in the middle of it.
      handshakeTimeout: HANDSHAKE_MS_MAX,
    });
    this.#webSocket.on('upgrade', ({ socket }) => {
      if (!(socket instanceof TLSSocket)) throw new Error('a WebSocket without TLS');
      this.exporter = socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0));
    });
    this.#webSocket.on('error', () => undefined);
    this.#webSocket.on('message', (data) => {
      const decoded = decodeMessage(data as Buffer);
      if ('message' in decoded) this.received.push(decoded.message);
    });
    this.opened = new Promise((resolve, reject) => {
      this.#webSocket.once('open', resolve);
      this.#webSocket.once('error', reject);
      this.#webSocket.once('close', () => reject(new Error('closed before it was open')));
    });
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => {
      this.#webSocket.once('close', (code) => {
        this.closeCode = code;
        this.closedAfterMs = performance.now() - startMs;
        resolve();
      });
    });
  }

  static async open(port: number): Promise<RawClient> {
    const client = new RawClient(port);
    await client.opened;
    return client;
  }

  /** Has proven to be that node of the test network. */
  static async openAs(name: string, { port, known }: Place): Promise<RawClient> {
    const client = await RawClient.open(port);
    client.say(
      makeHello('node', { name, networkId: known.id, identity: testIdentity(name) }, client.exporter),
    );
    await until(() => client.received.length > 0, `the tally's hello to ${name}`);
    return client;
  }

  say(message: Message): void {
    this.raw(encodeMessage(message));
  }

  raw(data: Uint8Array | string, options: { fin?: boolean } = {}): void {
    this.#webSocket.send(data, options);
  }

  ping(): void {
    this.#webSocket.ping();
  }

  /** Takes nothing more of what is sent to it. */
  stopReading(): void {
    this.#webSocket.pause();
  }

  end(): void {
    this.#webSocket.terminate();
  }
}
