/** What a collection does with one kind of event. */
import { type EventName } from '../../tor/events/event-names.js';
import { type Fault } from '../../tor/events/event-parser.js';
import { type AdderTarget } from '../adder.js';
import { type Clients } from '../families/clients.js';
import { type ExitCircuits } from '../families/exit-circuits.js';
import { type MatchLists } from '../match-lists.js';
import { type TrafficModel } from '../traffic/traffic-model.js';

/** What handlers are compiled for. */
export type HandlerTarget = AdderTarget & {
  readonly lists: MatchLists;
  readonly trafficModel: TrafficModel | undefined;
  /** State that lives longer than an event; undefined if the plan has no counter that needs it. */
  readonly exitCircuits: ExitCircuits | undefined;
  readonly clients: Clients | undefined;
  /** Secret and random, 32 bits. */
  readonly hashSeed: number;
  /** For events that carry no time. */
  readonly nowMs: () => number;
};

export type EventHandler = {
  readonly event: EventName;
  /** Counts the event whose fields are [start, end); answers why not, or undefined. Never throws. */
  handle(bytes: Uint8Array, start: number, end: number): Fault | undefined;
  /** A window of time has ended. */
  rotate?(): void;
  /** Forgets the last event, and what was remembered between events. */
  wipe(): void;
};
