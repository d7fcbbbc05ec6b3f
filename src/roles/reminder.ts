/** Says now and then in the log what is waited for, so that an operator who looks there knows whom to ask. */
import { Alarm } from './alarm.js';
import { type Clock, type Log } from './ports.js';

/** How often, and first when nodes have had time to connect. */
const REMIND_MS = 60_000;
const FIRST_MS = 5_000;

export class Reminder {
  readonly #clock: Clock;
  readonly #alarm: Alarm;

  /** `waitingFor` is empty while nothing is waited for. */
  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }, waitingFor: () => string) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock, () => {
      const what = waitingFor();
      if (what !== '') log.info(`waiting for ${what}`);
      this.#alarm.set(clock.nowMs() + REMIND_MS);
    });
  }

  start(): void {
    this.#alarm.set(this.#clock.nowMs() + FIRST_MS);
  }

  close(): void {
    this.#alarm.set(undefined);
  }
}
