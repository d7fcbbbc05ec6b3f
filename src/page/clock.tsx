/** The tally's time, as far as the page knows it, each second. Only what shows a time is drawn again. */
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';

export type TallyClock = {
  /** The tally's clock less this page's (performance.now). */
  readonly aheadMs: number;
  /** The tally's time when it was heard last, if it is lost: what nobody knows does not go on. */
  readonly stoppedAtMs: number | undefined;
};

export const Clock = createContext<TallyClock>({ aheadMs: 0, stoppedAtMs: undefined });

const TICK_MS = 1_000;

/** Now, by the tally's clock. */
export function timeOf({ aheadMs, stoppedAtMs }: TallyClock): number {
  return stoppedAtMs ?? aheadMs + performance.now();
}

export function useTallyTime(): number {
  const clock = useContext(Clock);
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return timeOf(clock);
}

const DAY: Intl.DateTimeFormatOptions = { year: 'numeric', month: 'short', day: 'numeric' };
const TIME: Intl.DateTimeFormatOptions = {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
};

/** By the reader's own clock and zone; the machine-readable time is in UTC. */
export function Time({ atMs, withDay = true }: { readonly atMs: number; readonly withDay?: boolean }) {
  const at = new Date(atMs);
  const text = at.toLocaleString('en-GB', withDay ? { ...DAY, ...TIME } : TIME);
  return <time dateTime={at.toISOString()}>{text}</time>;
}
