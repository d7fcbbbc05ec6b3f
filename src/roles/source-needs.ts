/**
 * Whether a collector's sources can give what the counters of a plan need. A counter that none of them feeds would be 0 in
 * the total, and nobody could tell that from a true 0: so the collector takes no part in such a round.
 */
import { type Provision, provisionsFor } from '../collection/catalogue/provisions.js';
import { isMetricName } from '../tor/metrics/metrics-names.js';

/** The first counter that lacks something, what that is, and what would give it; undefined if there is none. */
export function unmetNeed(counters: readonly string[], provided: ReadonlySet<Provision>): string | undefined {
  for (const name of counters) {
    const lacking = provisionsFor(name).find((provision) => !provided.has(provision));
    if (lacking !== undefined)
      return `no event source of this collector gives ${name}: ${remedy(lacking, provided)}`;
  }
  return undefined;
}

function remedy(lacking: Provision, provided: ReadonlySet<Provision>): string {
  if (lacking === 'patched-events') return "it needs the control port of a tor with PrivCount's patch";
  if (lacking === 'standard-events') return "it needs the relay's control port as an event source";
  return [...provided].some(isMetricName)
    ? `it needs ${lacking}, which the metrics page of this relay does not have: a later tor has it`
    : "it needs the relay's MetricsPort: add its address to event_source, as metrics";
}
