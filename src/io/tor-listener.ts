/** The control port that `inject` plays, on TCP and unix sockets (roles/injector-ports.ts). */
import { lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { type ControlListener, type ControlPeer, type ControlPeerEvents } from '../roles/injector-ports.js';
import { type TorAddress } from '../roles/ports.js';
import { hasCode } from './files.js';

/** A client that asks and does not read is read no further once this much waits for it. */
const QUEUE_BYTES_MAX = 1 << 20;
/** A client that neither reads nor closes is left after this time. */
const LINGER_MS = 2000;

type OnPeer = (peer: ControlPeer) => ControlPeerEvents;

export const controlListener: ControlListener = {
  async listen(addresses, onPeer) {
    const servers: Server[] = [];
    const missing: Error[] = [];
    let port: number | undefined;
    for (const address of addresses) {
      try {
        const server = await listenAt(withPort(address, port), onPeer);
        servers.push(server);
        const bound = server.address();
        if (bound !== null && typeof bound === 'object') port ??= bound.port;
      } catch (error) {
        if (!(error instanceof Error) || !isMissingAddress(error)) {
          servers.forEach((server) => server.close());
          throw failure(address, error);
        }
        missing.push(failure(address, error));
      }
    }
    if (servers.length === 0) throw missing[0] ?? new Error('no address to listen on');
    return { port, close: () => servers.forEach((server) => server.close()) };
  },
};

function isMissingAddress(error: Error): boolean {
  return hasCode(error, 'EADDRNOTAVAIL') || hasCode(error, 'EAFNOSUPPORT');
}

function withPort(address: TorAddress, port: number | undefined): TorAddress {
  return address.kind === 'tcp' && address.port === 0 ? { ...address, port: port ?? 0 } : address;
}

function failure(address: TorAddress, cause: unknown): Error {
  const place = address.kind === 'unix' ? address.path : `${address.host} port ${address.port}`;
  const reason = hasCode(cause, 'EADDRINUSE')
    ? 'something else listens there'
    : cause instanceof Error
      ? cause.message
      : String(cause);
  return new Error(`can't listen on ${place}: ${reason}`, { cause });
}

async function listenAt(address: TorAddress, onPeer: OnPeer): Promise<Server> {
  if (address.kind === 'unix') await removeStaleSocket(address.path);
  const options: ListenOptions =
    address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
  const server = createServer({ noDelay: true }, (socket) => serve(socket, onPeer));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, resolve);
  });
  return server;
}

/** The socket of a process that was killed stays behind; one that somebody listens on is not ours to remove. */
async function removeStaleSocket(path: string): Promise<void> {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status?.isSocket() !== true) return;
  const isStale = await new Promise<boolean>((resolve) => {
    const probe = connect({ path }, () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error) => resolve(hasCode(error, 'ECONNREFUSED')));
  });
  if (isStale) rmSync(path);
}

function serve(socket: Socket, onPeer: OnPeer): void {
  let timer: NodeJS.Timeout | undefined;
  const events = onPeer({
    send: (bytes) => socket.write(bytes),
    close() {
      timer = setTimeout(() => socket.destroy(), LINGER_MS);
      socket.end();
    },
  });
  socket.on('data', (chunk) => {
    events.onData(chunk);
    if (socket.writableLength > QUEUE_BYTES_MAX) socket.pause();
  });
  socket.on('drain', () => {
    socket.resume();
    events.onDrain();
  });
  // What is wrong with a client's connection ends it; `close` follows.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearTimeout(timer);
    events.onClose();
  });
}
