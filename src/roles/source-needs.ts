/**
 * Whether a collector's sources can give what the counters of a plan need. A counter that none of them feeds would be 0 in
 * the total, and one that only some relays feed too small, and nobody could tell that from a true value: so the collector
 * takes no part in such a round. Sources of different kinds may be of one relay, those of one kind are relays of their own.
 */
import { type Provision, provisionsFor } from '../collection/catalogue/provisions.js';
import { isMetricName } from '../tor/metrics/metrics-names.js';
import { type EventSource } from './event-source.js';

type Giver = Pick<EventSource, 'kind' | 'provides'>;

/** The first counter that lacks something, what that is, and what would give it; undefined if there is none. */
export function unmetNeed(counters: readonly string[], sources: readonly Giver[]): string | undefined {
  for (const name of counters) {
    const lacking = provisionsFor(name).find((provision) => !isGiven(provision, sources));
    if (lacking === undefined) continue;
    const isOfSome = sources.some(({ provides }) => provides.has(lacking));
    const which = isOfSome ? 'not every event source' : 'no event source';
    return `${which} of this collector gives ${name}: ${remedy(lacking, sources)}`;
  }
  return undefined;
}

/** By all sources of one kind. */
function isGiven(provision: Provision, sources: readonly Giver[]): boolean {
  const givers = sources.filter(({ provides }) => provides.has(provision));
  return givers.some(({ kind }) => sources.every((other) => other.kind !== kind || givers.includes(other)));
}

function remedy(lacking: Provision, sources: readonly Giver[]): string {
  if (lacking === 'patched-events') return "it needs the control port of a tor with PrivCount's patch";
  if (lacking === 'standard-events') return "it needs the relay's control port as an event source";
  return sources.some(({ provides }) => [...provides].some(isMetricName))
    ? `it needs ${lacking}, which the metrics page of this relay does not have: a later tor has it`
    : "it needs the relay's MetricsPort: add its address to event_source, as metrics";
}
