/** Warnings about strangers: whoever is refused may come again at once, and must not wash everything else out of the log. */
import { type Clock, type Log } from './ports.js';

/** Enough to see what is wrong; 20 MB in a week, of the 300 MB that a log keeps. */
const LINES_MAX = 20;
const PERIOD_MS = 60_000;

export class LimitedWarnings {
  readonly #log: Log;
  readonly #clock: Clock;
  #beganAtMs = -Infinity;
  #lines = 0;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  warn(message: string): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#beganAtMs >= PERIOD_MS) {
      const dropped = this.#lines - LINES_MAX;
      this.#beganAtMs = nowMs;
      this.#lines = 0;
      if (dropped > 0) this.#log.warn(`${dropped} more warnings about strangers were left out`);
    }
    this.#lines += 1;
    if (this.#lines <= LINES_MAX) this.#log.warn(message);
  }
}
