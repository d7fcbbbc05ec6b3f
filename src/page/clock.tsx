/** The tally's time, as far as the page knows it, each second. Only what shows a time is drawn again. */
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';

/** The tally's clock less this page's (performance.now). */
export const Clock = createContext(0);

const TICK_MS = 1_000;

export function useTallyTime(): number {
  const clockMs = useContext(Clock);
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return clockMs + performance.now();
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
