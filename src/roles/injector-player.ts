/**
 * Sends the events of a log to whoever wants them now, at the pace asked for and no faster than they are read. While
 * nobody wants events the log waits: a collector that connects again gets what comes next.
 */
import { Buffer } from 'node:buffer';
import { EVENT_MARK } from '../tor/control/event-line.js';
import { eventAt, EVENT_NAMES, type EventName } from '../tor/events/event-names.js';
import { readEventLines } from './injector-lines.js';
import { type InjectorSession } from './injector-session.js';
import { endTimeOf, movedTo } from './injector-times.js';
import { type Clock, type Log } from './ports.js';

export type Pace =
  | { readonly kind: 'full-speed' }
  /** As the events came: pauses by the differences of their end times. */
  | { readonly kind: 'simulate' }
  | { readonly kind: 'rate'; readonly eventsPerSecond: number };

export type PlayOptions = {
  readonly pace: Pace;
  /** Seconds since 1970: events that ended earlier or later are left out. */
  readonly pruneBeforeS: number;
  readonly pruneAfterS: number;
  /** Moves each event to the time at which it is sent. */
  readonly rewriteTimes: boolean;
};

/** Written at once: large enough to cost little per event, small against memory. */
const BATCH_BYTES = 1 << 16;
/** Timers are late; what a pause was too long is made up for within this time. */
const CATCH_UP_MS = 100;

const START = Buffer.from(EVENT_MARK);
const END = Buffer.from('\r\n');

export class EventPlayer {
  readonly #options: PlayOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Events go out as they are, when they can. */
  readonly #isPlain: boolean;
  #session: InjectorSession | undefined;
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #isClosed = false;
  #wake: (() => void) | undefined;
  /** When the next event may go, and for `simulate` the event time that this was reckoned from. */
  #dueMs: number | undefined;
  #dueTimeS = 0;
  #hasRemarked = false;

  constructor(options: PlayOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    const { pace, pruneBeforeS, pruneAfterS, rewriteTimes } = options;
    const isUnpruned = pruneBeforeS <= 0 && pruneAfterS === Infinity;
    this.#isPlain = pace.kind === 'full-speed' && isUnpruned && !rewriteTimes;
  }

  /** Who gets the events; undefined to wait. */
  playTo(session: InjectorSession | undefined): void {
    if (session !== this.#session) this.#dueMs = undefined;
    this.#session = session;
    this.wake();
  }

  /** Looks again whether more can be sent. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  close(): void {
    this.#isClosed = true;
    this.wake();
  }

  /** Resolves true when all events were handed to a session, false after `close`. */
  async play(log: AsyncIterable<Uint8Array>): Promise<boolean> {
    await this.#ready();
    for await (const lines of readEventLines(log)) {
      for (const line of lines) {
        const pause = this.#playLine(line);
        if (pause !== undefined) await pause;
        if (this.#isClosed) return false;
      }
      this.#flush();
    }
    return !this.#isClosed;
  }

  /** Undefined where there is nothing to wait for, which is nearly always at full speed. */
  #playLine(line: Buffer): Promise<void> | undefined {
    const event = eventAt(line, 0, line.length);
    if (event < 0) {
      this.#remark(line);
      return undefined;
    }
    const name = EVENT_NAMES[event]!;
    if (!this.#isPlain || this.#session?.isBlocked !== false) return this.#playLater(line, name);
    if (this.#session.reported.has(name)) this.#add(line);
    return undefined;
  }

  async #playLater(line: Buffer, name: EventName): Promise<void> {
    const { pruneBeforeS, pruneAfterS, rewriteTimes } = this.#options;
    const text = line.toString('latin1');
    const endS = endTimeOf(text, name);
    if (endS !== undefined && (endS < pruneBeforeS || endS > pruneAfterS)) return;
    if (this.#session !== undefined && !this.#session.reported.has(name)) return;
    await this.#waitUntil(this.#due(endS));
    await this.#ready();
    if (this.#session?.reported.has(name) !== true) return;
    const moved = rewriteTimes ? movedTo(this.#clock.nowMs() / 1000, text, name) : text;
    this.#add(Buffer.from(moved, 'latin1'));
  }

  #add(line: Buffer): void {
    this.#batch.push(START, line, END);
    this.#batchBytes += START.length + line.length + END.length;
    if (this.#batchBytes >= BATCH_BYTES) this.#flush();
  }

  #due(endS: number | undefined): number {
    const { pace } = this.#options;
    const nowMs = this.#clock.nowMs();
    if (this.#dueMs === undefined) {
      this.#dueMs = nowMs;
      this.#dueTimeS = endS ?? 0;
      return nowMs;
    }
    switch (pace.kind) {
      case 'full-speed':
        return nowMs;
      case 'simulate':
        return endS === undefined ? nowMs : this.#dueMs + (endS - this.#dueTimeS) * 1000;
      case 'rate':
        this.#dueMs = Math.max(this.#dueMs + 1000 / pace.eventsPerSecond, nowMs - CATCH_UP_MS);
        return this.#dueMs;
    }
  }

  async #waitUntil(dueMs: number): Promise<void> {
    // Timers count whole milliseconds.
    for (let leftMs = dueMs - this.#clock.nowMs(); leftMs >= 1; leftMs = dueMs - this.#clock.nowMs()) {
      if (this.#isClosed) return;
      const cancel = this.#clock.after(leftMs, () => this.wake());
      await this.#change();
      cancel();
    }
  }

  /** Until somebody wants events and has room for them. */
  async #ready(): Promise<void> {
    while (!this.#isClosed && this.#session?.isBlocked !== false) await this.#change();
  }

  /** Nothing may lie in the batch while there is a pause: who wants it now may be gone after it. */
  #change(): Promise<void> {
    this.#flush();
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    this.#session?.send(Buffer.concat(this.#batch, this.#batchBytes));
    this.#batch = [];
    this.#batchBytes = 0;
  }

  #remark(line: Buffer): void {
    if (line.length === 0 || this.#hasRemarked) return;
    this.#hasRemarked = true;
    this.#log.warn('the event log has lines that are no events which are counted; they are left out');
  }
}
