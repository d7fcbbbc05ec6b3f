/** A log that knows how many warnings and errors it took. */
import { type OpenLog } from '../io/log.js';

export type CountedLog = OpenLog & {
  readonly counts: { readonly warnings: number; readonly errors: number };
};

export function countedLog(log: OpenLog): CountedLog {
  const counts = { warnings: 0, errors: 0 };
  return {
    ...log,
    counts,
    warn: (message) => {
      counts.warnings += 1;
      log.warn(message);
    },
    error: (message) => {
      counts.errors += 1;
      log.error(message);
    },
  };
}
