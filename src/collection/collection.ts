/**
 * A round's counting: compiled from the plan's counters, fed with event lines, adding to the live report vector. Only
 * what those counters need is compiled; an event that none of them needs costs the look at its name.
 */
import { type CounterLayout } from '../core/counters.js';
import { type RingVector } from '../core/ring.js';
import { trimmedEnd } from '../tor/events/ascii.js';
import { EVENT_NAMES, eventAt, type EventName, nameBytes } from '../tor/events/event-names.js';
import { type Fault, WHOLE_EVENT } from '../tor/events/event-parser.js';
import { type MetricsReading } from '../tor/metrics/compare-pages.js';
import { CATALOGUE, catalogueWith } from './catalogue/catalogue.js';
import { Clients } from './families/clients.js';
import { ExitCircuits } from './families/exit-circuits.js';
import { MetricsCounts } from './families/metrics-counts.js';
import { type RejectionReason, Rejections } from './families/rejections.js';
import { COUNTRY_COUNTERS } from './families/standard-names.js';
import { bandwidthHandler } from './handlers/bandwidth.js';
import { circuitCloseHandler } from './handlers/circuit-close.js';
import { connectionCloseHandler } from './handlers/connection-close.js';
import { type EventHandler, type HandlerTarget } from './handlers/handler.js';
import { hsdirFetchHandler, hsdirStoreHandler } from './handlers/hsdir-cache.js';
import { orConnectionHandler } from './handlers/or-connection.js';
import { streamEndedHandler } from './handlers/stream-ended.js';
import { viterbiPacketsHandler, viterbiStreamsHandler } from './handlers/viterbi.js';
import { type MatchLists } from './match-lists.js';
import { type TrafficModel } from './traffic/traffic-model.js';

export type CollectionInput = {
  readonly layout: CounterLayout;
  /** The live report vector, noise and masks already inside; increments go in place. */
  readonly lanes: RingVector;
  readonly lists: MatchLists;
  /** The plan's traffic model; undefined if it has none. */
  readonly trafficModel?: TrafficModel | undefined;
  readonly startedAtMs: number;
  readonly rotatePeriodMs: number;
  /** The clock, for events that carry no time; without it they are all at `startedAtMs`. */
  readonly nowMs?: (() => number) | undefined;
  /** Secret and random: nobody can choose addresses or circuits that make the tables slow. 32 bits. */
  readonly hashSeed?: number | undefined;
  /** Called at most once for each event, field and reason. Holds nothing of the line but names that a table knows. */
  readonly onRejected: (rejection: Rejection) => void;
};

export type Rejection = {
  readonly event: string;
  readonly field: string;
  readonly reason: RejectionReason;
};

export type Collection = {
  /** The events to subscribe to. */
  readonly events: readonly EventName[];
  /** Whether a counter needs the relay's metrics page. */
  readonly needsMetrics: boolean;
  /** Whether a counter needs the country of clients, which a relay must be asked for. */
  readonly asksCountries: boolean;
  /** Counts the line [start, end), which begins with an event's name. Never throws, whatever the bytes. */
  count(bytes: Uint8Array, start: number, end: number): void;
  /** Counts what has been added to a relay's metrics page. */
  countReadings(readings: readonly MetricsReading[]): void;
  /** So many events were lost before they could be counted: adds to a blinded counter. */
  noteDropped(events: number): void;
  /** To be called every rotation period: counts the clients of the window before the one that ends. */
  rotate(nowMs: number): void;
  /** Forgets all that was learned of circuits and clients. The vector is the caller's. */
  wipe(): void;
};

/** The events that counters are made of. */
const HANDLERS: Readonly<Partial<Record<EventName, (target: HandlerTarget) => EventHandler>>> = {
  PRIVCOUNT_STREAM_ENDED: streamEndedHandler,
  PRIVCOUNT_CIRCUIT_CLOSE: circuitCloseHandler,
  PRIVCOUNT_CONNECTION_CLOSE: connectionCloseHandler,
  PRIVCOUNT_HSDIR_CACHE_STORE: hsdirStoreHandler,
  PRIVCOUNT_HSDIR_CACHE_FETCH: hsdirFetchHandler,
  PRIVCOUNT_VITERBI_PACKETS: viterbiPacketsHandler,
  PRIVCOUNT_VITERBI_STREAMS: viterbiStreamsHandler,
  ORCONN: orConnectionHandler,
  BW: bandwidthHandler,
};

/** Stands for an event whose name is none: that name is content, and content is never reported. */
const UNKNOWN_EVENT = '(unknown)';
const UNKNOWN_NAME = { field: WHOLE_EVENT, reason: 'unknown-event' } as const;
const NO_FIELDS: Fault = { field: WHOLE_EVENT, reason: 'field-count' };

export function compileCollection(input: CollectionInput): Collection {
  const events = eventsFor(input.layout, input.trafficModel);
  const { hashSeed = 0, startedAtMs, nowMs = () => startedAtMs } = input;
  const exitCircuits = ExitCircuits.compile(input, hashSeed);
  const clients = Clients.compile(input, { startedAtMs, hashSeed });
  const { layout, lanes, lists, trafficModel } = input;
  const target = { layout, lanes, lists, trafficModel, exitCircuits, clients, hashSeed, nowMs };
  const handlers = events.flatMap((event) => HANDLERS[event]?.(target) ?? []);
  const handlerOf = EVENT_NAMES.map((event) => handlers.find((handler) => handler.event === event));
  const rejections = new Rejections(target);
  const metrics = new MetricsCounts(target);
  const report = reporter(input.onRejected);
  const reject = (event: string, fault: Omit<Rejection, 'event'>): void => {
    rejections.note(fault.reason);
    report({ event, ...fault });
  };

  return {
    events,
    needsMetrics: layout.places.some(({ name }) => CATALOGUE.get(name)?.metric !== undefined),
    asksCountries: layout.places.some(({ name }) => COUNTRY_COUNTERS.has(name)),
    count(bytes, start, end) {
      const lineEnd = trimmedEnd(bytes, start, end);
      const event = eventAt(bytes, start, lineEnd);
      if (event < 0) {
        reject(UNKNOWN_EVENT, UNKNOWN_NAME);
        return;
      }
      const handler = handlerOf[event];
      if (handler === undefined) return;
      const from = start + nameBytes(event) + 1;
      const fault = from >= lineEnd ? NO_FIELDS : handler.handle(bytes, from, lineEnd);
      if (fault !== undefined) reject(handler.event, fault);
    },
    countReadings: (readings) => metrics.add(readings),
    noteDropped: (events) => rejections.noteDropped(events),
    rotate(atMs) {
      clients?.rotate(atMs);
      for (const handler of handlers) handler.rotate?.();
    },
    wipe() {
      exitCircuits?.wipe();
      clients?.wipe();
      for (const handler of handlers) handler.wipe();
    },
  };
}

/** The events that at least one of the counters needs. */
function eventsFor(layout: CounterLayout, model: TrafficModel | undefined): EventName[] {
  const catalogue = catalogueWith(model);
  const needed = new Set(layout.places.flatMap(({ name }) => catalogue.get(name)?.events ?? []));
  return EVENT_NAMES.filter((event) => needed.has(event));
}

/** Passes each rejection on once; what it is made of comes from closed lists, so that what is remembered is bounded. */
function reporter(onRejected: CollectionInput['onRejected']): (rejection: Rejection) => void {
  const reported = new Set<string>();
  return (rejection) => {
    const key = `${rejection.event} ${rejection.field} ${rejection.reason}`;
    if (reported.has(key)) return;
    reported.add(key);
    onRejected(rejection);
  };
}
