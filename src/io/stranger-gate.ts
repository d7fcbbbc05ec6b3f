/**
 * What those who have not proven who they are may hold of the tally: so many connections in all, so many a source, so many
 * bytes a connection. A newcomer is never turned away, since he may be a node: the stranger that has waited longest goes
 * instead. A node proves itself within a few round trips, so that whoever only waits makes room for it.
 *
 * Nodes that are welcome are counted by their identities (roles/peers.ts) and not here: hundreds of relays may be behind
 * one address, and a private network is on one machine.
 */
import { performance } from 'node:perf_hooks';
import { HANDSHAKE_MS_MAX } from '../protocol/limits.js';

/**
 * `npm run soak -- half-open` measures what idle strangers cost: about 30 KB on the average, 100 KB with TLS. This many with
 * TLS are 1.2 GB.
 */
const STRANGERS_MAX = 12_000;
/** Of what the operating system lets this process have open, files and nodes keep the rest. */
const DESCRIPTORS_SHARE = 0.6;
/** As many nodes of one address as this may shake hands at the same time, as after a restart of the tally. */
export const STRANGERS_OF_SOURCE_MAX = 512;
/** TLS, upgrade request and hello together are under 4 KB; OpenSSL alone would collect 128 KB of a first message. */
export const STRANGER_BYTES_MAX = 16 * 1024;
/** TLS, upgrade and hello have so much time each, the first byte too; whatever else may go wrong, this is the end. */
const STRANGER_MS_MAX = 4 * HANDSHAKE_MS_MAX;
/** How often the bytes are looked at: below the WebSocket there is no event for them. */
const CHECK_MS = 1_000;

/** A connection as the gate needs it: net.Socket is one. */
export type GateSocket = {
  readonly remoteAddress?: string | undefined;
  readonly bytesRead: number;
  destroy(): unknown;
};

type Stranger = { readonly source: string; readonly sinceMs: number; isSilent: boolean };

export class StrangerGate {
  readonly #max: number;
  /** The longest waiting first. */
  readonly #strangers = new Map<GateSocket, Stranger>();
  readonly #bySource = new Map<string, Set<GateSocket>>();
  readonly #timer: NodeJS.Timeout;

  /** `descriptors`: how many files and connections this process may have open. */
  constructor(descriptors: number) {
    this.#max = Math.min(STRANGERS_MAX, Math.floor(descriptors * DESCRIPTORS_SHARE));
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
    this.#timer.unref();
  }

  get size(): number {
    return this.#strangers.size;
  }

  admit(socket: GateSocket): void {
    const source = sourceOf(socket.remoteAddress ?? '');
    const ofSource = this.#bySource.get(source) ?? new Set();
    if (ofSource.size >= STRANGERS_OF_SOURCE_MAX) this.#turnOut(first(ofSource));
    else if (this.#strangers.size >= this.#max) this.#turnOut(first(this.#strangers.keys()));
    this.#strangers.set(socket, { source, sinceMs: performance.now(), isSilent: true });
    this.#bySource.set(source, ofSource.add(socket));
  }

  /** Its first byte is there: from now on TLS and HTTP have time limits of their own. */
  noteFirstByte(socket: GateSocket): void {
    const stranger = this.#strangers.get(socket);
    if (stranger !== undefined) stranger.isSilent = false;
  }

  /** It is no stranger any more, or it is gone. */
  leave(socket: GateSocket): void {
    const { source } = this.#strangers.get(socket) ?? {};
    if (source === undefined) return;
    this.#strangers.delete(socket);
    const ofSource = this.#bySource.get(source)!;
    ofSource.delete(socket);
    if (ofSource.size === 0) this.#bySource.delete(source);
  }

  turnAllOut(): void {
    for (const socket of [...this.#strangers.keys()]) this.#turnOut(socket);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const nowMs = performance.now();
    for (const [socket, { sinceMs, isSilent }] of [...this.#strangers]) {
      const isLate = nowMs - sinceMs >= (isSilent ? HANDSHAKE_MS_MAX : STRANGER_MS_MAX);
      if (isLate || socket.bytesRead > STRANGER_BYTES_MAX) this.#turnOut(socket);
    }
  }

  #turnOut(socket: GateSocket): void {
    this.leave(socket);
    socket.destroy();
  }
}

function first<T>(items: Iterable<T>): T {
  const [item] = items;
  return item!;
}

/** Who counts as one: an IPv4 address, or a /64 of IPv6, which is what a single customer is given at least. */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  if (!address.includes(':')) return address;
  const [front = '', back] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const known = groups(front);
  const zeros = back === undefined ? 0 : 8 - known.length - groups(back).length;
  const all = [...known, ...Array<string>(Math.max(0, zeros)).fill('0'), ...groups(back ?? '')];
  return `${all.slice(0, 4).join(':')}::/64`;
}
