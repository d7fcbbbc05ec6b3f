/**
 * What a role needs from the world. `src/io` implements these; tests give fakes; the pure layers see none of them.
 */
import { type RingVector } from '../core/ring.js';

export type Clock = {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Runs `task` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, task: () => void): () => void;
};

/** How busy this process is. */
export type Load = {
  /** The part of the time since the last call that the event loop was busy, 0 to 1. */
  utilization(): number;
};

/** What each level is for stands in doc/operating.md. No message holds a key, count, address or domain. */
export type Log = {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
};

/** The operating system's generator. */
export type RandomBytes = (length: number) => Uint8Array;

/** Draws noise off the event loop. */
export type NoiseSource = {
  /**
   * One discrete Gaussian value a cell, as a vector in Z/2^128. `sigmas[i]` is the standard deviation of cell i at this
   * collector (weight times the plan's sigma), 0 for a cell without noise.
   */
  draw(sigmas: Float64Array): Promise<RingVector>;
};

/** Where a relay's control port is. */
export type TorAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export type TorLink = {
  /** Adds the line end. */
  send(line: string): void;
  /** Sends what is queued, then closes; onClose follows, but not before this returns. */
  close(): void;
};

export type TorLinkEvents = {
  onOpen(): void;
  /** Bytes as they came; the buffer is only valid during the call. */
  onData(chunk: Uint8Array): void;
  /** Called once, after which nothing else is; `reason` is for the log and names no address. */
  onClose(reason: string): void;
};

export type TorTransport = {
  /** Calls nothing of `events` before it returns. Gives up by itself if the connection does not come about. */
  connect(address: TorAddress, events: TorLinkEvents): TorLink;
};

/** Small files that the roles read and write. Paths are as configured. */
export type Files = {
  /** Undefined if there is no such file; other failures throw an Error that names the path. */
  read(path: string): Uint8Array | undefined;
  /** Whole or not at all: temporary file, fsync, rename, fsync of the directory. Mode 0600 unless `isPublic`. */
  writeWhole(path: string, bytes: Uint8Array, options?: { isPublic?: boolean }): void;
};

/** Lists and tables by digest, kept from round to round. */
export type ArtifactCache = {
  get(digest: string): Uint8Array | undefined;
  put(digest: string, bytes: Uint8Array): void;
};

/** Where a relay's MetricsPort is. */
export type MetricsAddress = { readonly host: string; readonly port: number };

/** Why there is no page. `detail` is the system's code or the status of the reply, and names no address. */
export type MetricsFailure = {
  readonly code:
    'refused' | 'unreachable' | 'timeout' | 'lost' | 'truncated' | 'too-long' | 'status' | 'no-text';
  readonly detail?: string;
};

export type MetricsAnswer =
  { readonly kind: 'page'; readonly bytes: Uint8Array } | ({ readonly kind: 'failure' } & MetricsFailure);

export type MetricsPages = {
  /**
   * Asks for the page once. `onAnswer` is called once, not before this returns; never if what this answers, which gives the
   * request up, is called before.
   */
  fetch(
    request: { readonly address: MetricsAddress; readonly timeoutMs: number; readonly bytesMax: number },
    onAnswer: (answer: MetricsAnswer) => void,
  ): () => void;
};
