/**
 * The clock of a node: the wall clock when the process began, and from then on what has passed since.
 *
 * Deadlines, windows of budgets and ages of plans must not move when somebody sets the clock, or a time server corrects it
 * at one stroke: so the wall clock is read once. What passes is counted by a clock that nobody can set. That one stands
 * still while a machine sleeps, which the uptime does not: the difference is time asleep, and counted too. A wall clock that
 * was wrong at the start stays wrong until the process is started again; `wallOffsetMs` tells, so that the operator can be.
 */
import { performance } from 'node:perf_hooks';
import { uptime } from 'node:os';
import { type Clock } from '../roles/ports.js';

export type NodeClock = Clock & {
  /** How far the wall clock is ahead of this one by now. */
  wallOffsetMs(): number;
};

export type TimeSources = {
  /** The wall clock, which may be set. */
  readonly wallMs: () => number;
  /** Never goes back, and may stand still while the machine sleeps. */
  readonly steadyMs: () => number;
  /** Since the machine was started, sleep included; to hundredths of a second. */
  readonly uptimeMs: () => number;
};

/** Uptime and steady clock may differ by rounding and by how a time server trims them; a nap is longer. */
const SLEEP_MS_MIN = 2_000;
/** Reading the uptime costs a system call or two. */
const SLEEP_CHECK_MS = 1_000;
/**
 * The longest timer: a timer stands still while the machine sleeps, and must be looked at again when it is awake. It is below
 * the 2^31 - 1 ms that setTimeout takes, too; rounds may be longer.
 */
const TIMER_MS_MAX = 30_000;

export function createClock({ wallMs, steadyMs, uptimeMs }: TimeSources): NodeClock {
  const start = { wallMs: wallMs(), steadyMs: steadyMs(), uptimeMs: uptimeMs() };
  let asleepMs = 0;
  let checkedAtMs = start.steadyMs;

  const nowMs = (): number => {
    const awakeMs = steadyMs();
    if (awakeMs - checkedAtMs >= SLEEP_CHECK_MS) {
      checkedAtMs = awakeMs;
      const missedMs = uptimeMs() - start.uptimeMs - (awakeMs - start.steadyMs);
      if (missedMs - asleepMs >= SLEEP_MS_MIN) asleepMs = missedMs;
    }
    return Math.floor(start.wallMs + (awakeMs - start.steadyMs) + asleepMs);
  };

  return {
    nowMs,
    after: (delayMs, task) => {
      const dueMs = steadyMs() + asleepMs + delayMs;
      let timer: NodeJS.Timeout;
      const wait = (): void => {
        nowMs();
        const restMs = dueMs - steadyMs() - asleepMs;
        timer =
          restMs <= 0
            ? setTimeout(task, 0)
            : setTimeout(restMs > TIMER_MS_MAX ? wait : task, Math.min(restMs, TIMER_MS_MAX));
      };
      wait();
      return () => clearTimeout(timer);
    },
    wallOffsetMs: () => wallMs() - nowMs(),
  };
}

export const systemClock: NodeClock = createClock({
  wallMs: () => Date.now(),
  steadyMs: () => performance.now(),
  uptimeMs: () => uptime() * 1000,
});
