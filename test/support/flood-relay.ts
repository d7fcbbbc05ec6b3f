/**
 * A relay that sends ends of streams as fast as its collector takes them, or at a rate, and measures at its own end of the
 * socket what tor would suffer: how long a piece of output waited, and how many bytes did.
 */
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { hmacSha256, isEqualInConstantTime } from '../../src/crypto/primitives.js';
import { InjectorSession } from '../../src/roles/injector-session.js';
import {
  INJECTOR_NICKNAME,
  injectorFingerprint,
  injectorProfile,
} from '../../src/tor/control/relay-profile.js';

const HOST = '127.0.0.1';
const EVENT = 'PRIVCOUNT_STREAM_ENDED';
const LINE = Buffer.from(
  `650 ${EVENT} 2 1 5 443 100 1000 1000.0 1001.0 www.example.com 127.0.0.7 1\r\n`,
  'latin1',
);
const LINES_PER_PIECE = 600;
const PIECE = Buffer.concat(Array.from({ length: LINES_PER_PIECE }, () => LINE));
const TICK_MS = 10;

const primitives = {
  hmacSha256,
  isEqualInConstantTime,
  randomBytes: (length: number) => new Uint8Array(randomBytes(length)),
};

export class FloodRelay {
  readonly port: number;
  readonly #server: Server;
  /** Events a second; undefined for full speed. */
  readonly #rate: number | undefined;
  #sent = 0;
  #longestWaitMs = 0;
  #mostWaitingBytes = 0;

  private constructor(server: Server, rate: number | undefined) {
    this.#server = server;
    this.#rate = rate;
    this.port = (server.address() as { port: number }).port;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async listen(rate?: number): Promise<FloodRelay> {
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    return new FloodRelay(server, rate);
  }

  /** Events that have left or wait to leave. */
  get sent(): number {
    return this.#sent;
  }

  /** The longest that output waited until the system had taken all of it. */
  get longestWaitMs(): number {
    return this.#longestWaitMs;
  }

  /** The most that waited in this process, beyond what the system's buffers hold. */
  get mostWaitingBytes(): number {
    return this.#mostWaitingBytes;
  }

  close(): void {
    this.#server.close();
  }

  #accept(socket: Socket): void {
    let timer: NodeJS.Timeout | undefined;
    const session = new InjectorSession(
      injectorProfile({ fingerprint: injectorFingerprint(this.port), nickname: INJECTOR_NICKNAME }, {}),
      primitives,
      { send: (bytes) => socket.write(bytes), close: () => socket.end() },
      {
        onChange: ({ reported }) => {
          clearInterval(timer);
          if (!reported.has(EVENT)) return;
          timer = this.#rate === undefined ? undefined : this.#sendAt(this.#rate, socket);
          if (this.#rate === undefined) this.#sendNext(socket, session);
        },
        onDrain: () => undefined,
        onGone: () => clearInterval(timer),
      },
    );
    socket.on('data', (chunk) => session.onData(chunk));
    // A collector that is killed resets the connection.
    socket.on('error', () => undefined);
    socket.on('close', () => session.onClose());
  }

  #sendNext(socket: Socket, session: InjectorSession): void {
    if (!session.reported.has(EVENT)) return;
    this.#send(socket, PIECE, LINES_PER_PIECE, () => this.#sendNext(socket, session));
  }

  #sendAt(rate: number, socket: Socket): NodeJS.Timeout {
    const startedAtMs = performance.now();
    const before = this.#sent;
    return setInterval(() => {
      const due = Math.floor(((performance.now() - startedAtMs) * rate) / 1000);
      for (let left = due - (this.#sent - before); left > 0; left -= LINES_PER_PIECE) {
        const lines = Math.min(left, LINES_PER_PIECE);
        this.#send(socket, PIECE.subarray(0, lines * LINE.length), lines, () => undefined);
      }
    }, TICK_MS);
  }

  #send(socket: Socket, bytes: Buffer, lines: number, onTaken: () => void): void {
    const atMs = performance.now();
    this.#sent += lines;
    socket.write(bytes, (error) => {
      if (error) return;
      this.#longestWaitMs = Math.max(this.#longestWaitMs, performance.now() - atMs);
      onTaken();
    });
    this.#mostWaitingBytes = Math.max(this.#mostWaitingBytes, socket.writableLength);
  }
}
