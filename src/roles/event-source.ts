/** Where what a collector counts comes from: a relay's control port (tor-source.ts), or its metrics page (metrics-source.ts). */
import { type Provision } from '../collection/catalogue/provisions.js';
import { type CountRequest } from '../tor/control/commands.js';
import { type MetricsReading } from '../tor/metrics/compare-pages.js';
import { type Outage } from './tor-source.js';

export type EventSource = {
  /** A source that no counter of a round needs is left alone. */
  readonly kind: 'control-port' | 'metrics-page';
  /** What it could give, as far as is known now: a relay says only when it is there what it can. */
  readonly provides: ReadonlySet<Provision>;
  start(): void;
  count(request: CountRequest): void;
  stopCounting(): Promise<void>;
  /** How much of the time since `count` was not counted. */
  outage(): Outage;
  close(): Promise<void>;
};

export type EventSourceEvents = {
  /** Hot path: a line [start, end) that is only valid during the call. */
  onEvent(bytes: Uint8Array, start: number, end: number): void;
  /** How far the relay's own counters have come since the last time, or since counting began. */
  onReadings(readings: readonly MetricsReading[]): void;
  /** Whether the source is there, connected and identified, and could count now. */
  onReady(isReady: boolean): void;
};
