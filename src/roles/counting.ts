/** Counting while a round wants it: what the sources tell goes into the round's blinded cells. */
import { compileCollection, type Collection } from '../collection/collection.js';
import { type MatchLists } from '../collection/match-lists.js';
import { toModelText } from '../collection/traffic/model-file.js';
import { type TrafficModel } from '../collection/traffic/traffic-model.js';
import { toBytes, type RingVector } from '../core/ring.js';
import { type MetricsReading } from '../tor/metrics/compare-pages.js';
import { type RoundFacts } from '../protocol/round.js';
import { Alarm } from './alarm.js';
import { type EventSource } from './event-source.js';
import { LoadShedder } from './load-shedder.js';
import { type Clock, type Load, type Log, type RandomBytes } from './ports.js';

export type CountingPorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly load: Load;
  readonly randomBytes: RandomBytes;
};

export type CountingGiven = {
  readonly facts: RoundFacts;
  readonly lists: MatchLists;
  readonly model: TrafficModel | undefined;
  readonly rotatePeriodMs: number;
};

export class Counting {
  readonly vector: RingVector;
  readonly #ports: CountingPorts;
  /** Those that a counter of the round needs. */
  readonly #sources: readonly EventSource[];
  readonly #collection: Collection;
  readonly #startedAtMs: number;
  readonly #shedder: LoadShedder;
  readonly #rotation: Alarm;

  /** Begins at once. The vector is counted into in place. */
  constructor(
    ports: CountingPorts,
    sources: readonly EventSource[],
    vector: RingVector,
    { facts, lists, model, rotatePeriodMs }: CountingGiven,
  ) {
    const { plan, layout } = facts;
    const startedAtMs = ports.clock.nowMs();
    const collection = compileCollection({
      layout,
      lanes: vector,
      lists,
      trafficModel: model,
      hashSeed: new DataView(ports.randomBytes(4).slice().buffer).getUint32(0),
      startedAtMs,
      rotatePeriodMs,
      nowMs: () => ports.clock.nowMs(),
      onRejected: ({ event, field, reason }) =>
        ports.log.warn(`${event} events with a bad ${field} (${reason}) are skipped`),
    });
    this.vector = vector;
    this.#ports = ports;
    this.#collection = collection;
    this.#startedAtMs = startedAtMs;
    this.#shedder = new LoadShedder(ports, (events) => collection.noteDropped(events));
    this.#rotation = new Alarm(ports.clock, () => this.#rotate(rotatePeriodMs));
    this.#rotation.set(startedAtMs + rotatePeriodMs);
    this.#sources = sources.filter(({ kind }) =>
      kind === 'metrics-page'
        ? collection.needsMetrics
        : collection.events.length > 0 || !collection.needsMetrics,
    );
    const request = {
      events: collection.events,
      circuitSampleRate: plan.circuitSampleRate,
      maxCellEventsPerCircuit: plan.maxCellEventsPerCircuit,
      trafficModel: model && toModelText(model),
      asksCountries: collection.asksCountries,
    };
    for (const source of this.#sources) source.count(request);
  }

  /** Hot path. */
  take(bytes: Uint8Array, start: number, end: number): void {
    if (this.#shedder.isShedding) this.#shedder.drop();
    else this.#collection.count(bytes, start, end);
  }

  takeReadings(readings: readonly MetricsReading[]): void {
    this.#collection.countReadings(readings);
  }

  #rotate(periodMs: number): void {
    const nowMs = this.#ports.clock.nowMs();
    this.#collection.rotate(nowMs);
    this.#rotation.set(nowMs + periodMs);
  }

  /** The cells as they are, and how long the sources have been heard. */
  image(): { readonly cells: Uint8Array; readonly countedMs: number } {
    return { cells: toBytes(this.vector), countedMs: this.#countedMs() };
  }

  #countedMs(): number {
    const elapsedMs = this.#ports.clock.nowMs() - this.#startedAtMs;
    const uncountedMs = this.#sources.map((source) => source.outage().uncountedMs);
    return Math.max(0, Math.round(elapsedMs - Math.max(0, ...uncountedMs)));
  }

  /** No event is counted from here on; the relays are left as they were. The cells are the caller's again. */
  stop(): { readonly countedMs: number; readonly isIncomplete: boolean } {
    const countedMs = this.#countedMs();
    this.#rotation.set(undefined);
    this.#shedder.stop();
    this.#collection.wipe();
    const isIncomplete =
      this.#shedder.hasDropped || this.#sources.some((source) => source.outage().interruptions > 0);
    for (const source of this.#sources) void source.stopCounting();
    return { countedMs, isIncomplete };
  }
}
