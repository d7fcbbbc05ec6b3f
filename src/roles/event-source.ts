/** Where a collector's events come from. A relay's control port (tor-source.ts) is one. */
import { type CountRequest } from '../tor/control/commands.js';
import { type Outage } from './tor-source.js';

export type EventSource = {
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
  /** Whether the source is there, connected and identified, and could count now. */
  onReady(isReady: boolean): void;
};
