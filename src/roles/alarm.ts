/** One timer that a machine moves: only the last time that was set counts. */
import { type Clock } from './ports.js';

export class Alarm {
  readonly #clock: Clock;
  readonly #task: () => void;
  #atMs: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, task: () => void) {
    this.#clock = clock;
    this.#task = task;
  }

  /** Runs the task at this time, or at once if it is past; undefined: not at all. */
  set(atMs: number | undefined): void {
    if (atMs === this.#atMs) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#atMs = atMs;
    if (atMs === undefined) return;
    this.#cancel = this.#clock.after(Math.max(0, atMs - this.#clock.nowMs()), () => {
      this.#atMs = undefined;
      this.#cancel = undefined;
      this.#task();
    });
  }
}
