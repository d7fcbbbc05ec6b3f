import { type Clock } from '../roles/ports.js';

/** setTimeout takes at most 2^31 - 1 ms, 24.8 days; rounds may be longer. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, task) => {
    let timer: NodeJS.Timeout;
    const wait = (restMs: number): void => {
      timer =
        restMs > TIMER_MS_MAX
          ? setTimeout(() => wait(restMs - TIMER_MS_MAX), TIMER_MS_MAX)
          : setTimeout(task, restMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
