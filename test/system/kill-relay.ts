/**
 * A relay whose events come in batches. Each batch falls into a bin of its own, so totals tell of every batch how much of it
 * was counted. What a collector had been given when it wrote its cells down is told by its trace (support/kill-at.ts).
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { hmacSha256, isEqualInConstantTime } from '../../src/crypto/primitives.js';
import { InjectorSession } from '../../src/roles/injector-session.js';
import {
  INJECTOR_NICKNAME,
  injectorFingerprint,
  injectorProfile,
} from '../../src/tor/control/relay-profile.js';

const EVENT = 'PRIVCOUNT_STREAM_ENDED';
const HOST = '127.0.0.1';
export const EVENTS_PER_BATCH = 7;

const primitives = {
  hmacSha256,
  isEqualInConstantTime,
  randomBytes: (length: number) => new Uint8Array(randomBytes(length)),
};

/** A stream of so many bytes, 1 or more. */
function streamOf(bytes: number): Buffer {
  return Buffer.from(
    `650 ${EVENT} 2 1 5 443 1 ${bytes - 1} 1000.0 1001.0 www.example.com 127.0.0.7 1\r\n`,
    'latin1',
  );
}

type Connection = {
  /** Events as they were sent: their bin, and how many bytes the connection had carried when they were whole. */
  readonly events: { readonly bin: number; readonly end: number }[];
  wasWanted: boolean;
};

export class BatchRelay {
  readonly port: number;
  readonly #server: Server;
  readonly #bins: { next: number; readonly end: number };
  readonly #timer: NodeJS.Timeout;
  readonly #connections = new Map<number, Connection>();
  readonly #wanting = new Set<() => void>();
  /** By bin: how many events, and when. */
  readonly sent = new Map<number, { readonly events: number; readonly atMs: number }>();

  private constructor(server: Server, given: { bins: readonly [number, number]; everyMs: number }) {
    const [next, end] = given.bins;
    this.#server = server;
    this.#bins = { next, end };
    this.port = (server.address() as { port: number }).port;
    server.on('connection', (socket) => this.#accept(socket));
    this.#timer = setInterval(() => this.#sendBatch(), given.everyMs);
  }

  /** Its batches fall into these bins, one after the other; when they are used up nothing more comes. */
  static async listen(given: { bins: readonly [number, number]; everyMs: number }): Promise<BatchRelay> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, HOST, resolve);
    });
    return new BatchRelay(server, given);
  }

  /** How many events of each bin were in what a connection had carried by then. */
  eventsIn(port: number, bytes: number): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { bin, end } of this.#connections.get(port)?.events ?? []) {
      if (end <= bytes) counts.set(bin, (counts.get(bin) ?? 0) + 1);
    }
    return counts;
  }

  /** Whether the collector asked for events there. */
  wasWanted(port: number): boolean {
    return this.#connections.get(port)?.wasWanted === true;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#server.close();
  }

  #accept(socket: Socket): void {
    const connection: Connection = { events: [], wasWanted: false };
    this.#connections.set(socket.remotePort!, connection);
    let carried = 0;
    const write = (bytes: Uint8Array): boolean => {
      carried += bytes.length;
      return socket.write(bytes);
    };
    const sendBatch = (): void => {
      const bin = this.#bins.next;
      const event = streamOf(bin);
      for (let at = 0; at < EVENTS_PER_BATCH; at += 1) {
        session.send(event);
        connection.events.push({ bin, end: carried });
      }
      this.sent.set(bin, { events: EVENTS_PER_BATCH, atMs: performance.now() });
      this.#bins.next += 1;
    };
    const session = new InjectorSession(
      injectorProfile({ fingerprint: injectorFingerprint(this.port), nickname: INJECTOR_NICKNAME }, {}),
      primitives,
      { send: write, close: () => socket.end() },
      {
        onChange: ({ reported }) => {
          this.#wanting.delete(sendBatch);
          if (!reported.has(EVENT)) return;
          connection.wasWanted = true;
          this.#wanting.add(sendBatch);
        },
        onDrain: () => undefined,
        onGone: () => this.#wanting.delete(sendBatch),
      },
    );
    socket.on('data', (chunk) => session.onData(chunk));
    socket.on('drain', () => session.onDrain());
    // What is wrong with a connection ends it; a killed collector resets it.
    socket.on('error', () => undefined);
    socket.on('close', () => session.onClose());
  }

  #sendBatch(): void {
    if (this.#bins.next >= this.#bins.end) return;
    for (const send of this.#wanting) send();
  }
}
