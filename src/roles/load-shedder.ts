/**
 * A relay must never wait for its collector: tor keeps in memory what a slow reader of its control port does not take. So
 * when events come faster than they can be counted, some are dropped unread, and the socket goes on being read.
 *
 * That they come too fast shows in the event loop, which then has no pause: if it was busy for nearly a whole period, the
 * next period's events are dropped. Half of the time is counted still, and what waits is never more than a chunk. That
 * events were dropped is in the report; how many is a blinded counter.
 */
import { type Clock, type Load } from './ports.js';

const PERIOD_MS = 2000;
/** A loop this busy has not kept up; at full speed it shows 1.0, and at nine tenths of it 0.9. */
const BUSY = 0.99;

export class LoadShedder {
  readonly #load: Load;
  readonly #clock: Clock;
  readonly #onDropped: (events: number) => void;
  #cancel: () => void;
  #isShedding = false;
  #hasDropped = false;
  #dropped = 0;

  /** `onDropped` is told at each period's end how many events were dropped in it. */
  constructor({ load, clock }: { load: Load; clock: Clock }, onDropped: (events: number) => void) {
    this.#load = load;
    this.#clock = clock;
    this.#onDropped = onDropped;
    load.utilization();
    this.#cancel = clock.after(PERIOD_MS, () => this.#review());
  }

  get isShedding(): boolean {
    return this.#isShedding;
  }

  get hasDropped(): boolean {
    return this.#hasDropped;
  }

  /** Hot path. */
  drop(): void {
    this.#dropped += 1;
  }

  stop(): void {
    this.#cancel();
    this.#tell();
    this.#isShedding = false;
  }

  #review(): void {
    this.#tell();
    const isBusy = this.#load.utilization() > BUSY;
    this.#isShedding = isBusy && !this.#isShedding;
    this.#cancel = this.#clock.after(PERIOD_MS, () => this.#review());
  }

  #tell(): void {
    if (this.#dropped === 0) return;
    this.#hasDropped = true;
    this.#onDropped(this.#dropped);
    this.#dropped = 0;
  }
}
