/** The part that PrivCount's bins, noise and sigmas files share: a map from names of counters to what is said of each. */
import { z } from 'zod';
import { isCheckCounter } from '../core/counters.js';

/** PrivCount has 5,314 counters, and a traffic model adds its own. */
const COUNTERS_MAX = 20_000;
/** A traffic model's counters hold two names of states, of at most 63 characters each; `<` and `>` are in templates. */
const COUNTER_NAME = /^[A-Za-z][\x21-\x7e]{0,254}$/;

const nameWanted = 'the name of a counter: a letter, then up to 254 printable characters without spaces';
const mapWanted = `a map from 1 to ${COUNTERS_MAX} names of counters to their values`;

/**
 * Check counters are left out, whatever is said of them: PrivCount's files list ZeroCount with zeros, and the round adds
 * its own.
 */
export function countersOf<Entry>(entry: z.ZodType<Entry>): z.ZodType<Record<string, Entry>> {
  const counters = z
    .record(z.string().regex(COUNTER_NAME), entry, {
      error: ({ code }) => (code === 'invalid_key' ? nameWanted : mapWanted),
    })
    .refine(isRightSize, { error: mapWanted });
  return z.preprocess(withoutCheckCounters, counters);
}

function withoutCheckCounters(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !isCheckCounter(name)));
}

function isRightSize(counters: object): boolean {
  const count = Object.keys(counters).length;
  return count >= 1 && count <= COUNTERS_MAX;
}
