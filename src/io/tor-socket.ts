/** Tor's control port over TCP or a unix socket (roles/ports.ts, TorTransport). */
import { Buffer } from 'node:buffer';
import { connect, type NetConnectOpts } from 'node:net';
import { type TorAddress, type TorTransport } from '../roles/ports.js';

/** A port that is there answers in milliseconds, over Tor's slowest tunnel in seconds. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Tor closes as soon as it has read QUIT; it has this long to read what was sent before. */
const LINGER_MS = 2000;
/** Finds out within minutes that a relay on another machine is gone, also while nothing is asked of it. */
const KEEP_ALIVE_MS = 60_000;
/** What one read may bring. One buffer takes all of them: a new one each time would cost a busy relay's machine a tenth core. */
const READ_BYTES = 65_536;

export const torTransport: TorTransport = {
  connect(address, events) {
    const onread = {
      buffer: Buffer.alloc(READ_BYTES),
      callback: (length: number, bytes: Uint8Array) => {
        events.onData(bytes.subarray(0, length));
        return true;
      },
    };
    const socket = connect({ ...connectOptions(address), onread });
    let reason = 'closed';
    let timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_TIMEOUT_MS);
    socket.on('connect', () => {
      clearTimeout(timer);
      events.onOpen();
    });
    socket.on('error', (error) => (reason = reasonOf(error)));
    socket.on('close', () => {
      clearTimeout(timer);
      onread.buffer.fill(0);
      events.onClose(reason);
    });
    return {
      send: (line) => void socket.write(`${line}\r\n`, 'latin1'),
      close() {
        clearTimeout(timer);
        timer = setTimeout(() => socket.destroy(), LINGER_MS);
        if (socket.connecting) socket.destroy();
        else socket.end();
      },
    };
  },
};

function connectOptions(address: TorAddress): NetConnectOpts {
  return address.kind === 'unix'
    ? { path: address.path }
    : {
        host: address.host,
        port: address.port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
      };
}

/** The system's code, because its message names the address. */
function reasonOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
