/** What a counter needs that some relays can give and others can't. */
import { type MetricName } from '../../tor/metrics/metrics-names.js';
import { CATALOGUE } from './catalogue.js';

/** Events of PrivCount's patched tor, events that any tor has, or a metric of the relay's page. */
export type Provision = 'patched-events' | 'standard-events' | MetricName;

const PATCHED = 'PRIVCOUNT_';

/** Of a counter of this name; those of a traffic model's states are in the catalogue without their states. */
export function provisionsFor(name: string): Provision[] {
  const entry = CATALOGUE.get(name) ?? CATALOGUE.get(name.split('_', 1)[0]!);
  if (entry === undefined) return [];
  const ofEvents = entry.events.map((event) =>
    event.startsWith(PATCHED) ? ('patched-events' as const) : ('standard-events' as const),
  );
  return [...ofEvents, ...(entry.metric === undefined ? [] : [entry.metric])];
}
