/** Ports of the roles without a world: event sources, noise, stores. */
import { Buffer } from 'node:buffer';
import { fromSigned, type RingVector } from '../../src/core/ring.js';
import { type EventSource, type EventSourceEvents } from '../../src/roles/event-source.js';
import { type ArtifactCache, type NoiseSource } from '../../src/roles/ports.js';
import { type StatusPorts } from '../../src/roles/status-reporter.js';
import { RandomSource } from '../support/random-source.js';

type CountRequest = Parameters<EventSource['count']>[0];

/** A relay in the test's hand. */
export class FakeEventSource implements EventSource {
  kind: EventSource['kind'] = 'control-port';
  provides: EventSource['provides'] = new Set(['patched-events', 'standard-events']);
  isStarted = false;
  isClosed = false;
  /** What it is to count now. */
  request: CountRequest | undefined;
  stops = 0;
  loss = { uncountedMs: 0, interruptions: 0 };
  readonly #events: EventSourceEvents;

  constructor(events: EventSourceEvents) {
    this.#events = events;
  }

  start(): void {
    this.isStarted = true;
  }

  count(request: CountRequest): void {
    this.request = request;
  }

  stopCounting(): Promise<void> {
    this.request = undefined;
    this.stops += 1;
    return Promise.resolve();
  }

  outage(): { uncountedMs: number; interruptions: number } {
    return this.loss;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  becomeReady(isReady = true): void {
    this.#events.onReady(isReady);
  }

  tellReadings(readings: Parameters<EventSourceEvents['onReadings']>[0]): void {
    this.#events.onReadings(readings);
  }

  /** A line as it would come from the relay, in a buffer that is used again afterwards. */
  tell(line: string): void {
    const bytes = Buffer.from(`>>${line}<<`, 'latin1');
    this.#events.onEvent(bytes, 2, bytes.length - 2);
    bytes.fill(0);
  }
}

/** An ended stream of a web connection: port 443, 100 bytes read and 50 written, one second long. */
export const STREAM_ENDED =
  'PRIVCOUNT_STREAM_ENDED 2 1 5 443 100 50 1000.0 1001.0 www.example.com 127.0.0.7 1';

/** Small whole numbers from a seed, 0 where no noise is wanted; keeps what it drew. */
export class SeededNoise implements NoiseSource {
  readonly drawn: RingVector[] = [];
  /** How the next draws go wrong, if they do. */
  failure: Error | undefined;
  readonly #random: RandomSource;

  constructor(seed: number) {
    this.#random = new RandomSource(seed);
  }

  draw(sigmas: Float64Array): Promise<RingVector> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const values = Array.from(sigmas, (sigma) =>
      sigma === 0 ? 0n : BigInt(this.#random.below(2001) - 1000),
    );
    this.drawn.push(fromSigned(values));
    return Promise.resolve(fromSigned(values));
  }
}

export function memoryCache(): ArtifactCache & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return { kept, get: (digest) => kept.get(digest), put: (digest, bytes) => void kept.set(digest, bytes) };
}

/** Nobody looks. */
export const noStatus: StatusPorts = {
  openStatus: () => ({ note: () => undefined, close: () => undefined }),
  wallOffsetMs: () => 0,
};
