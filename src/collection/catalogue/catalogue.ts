/** Every counter that events can be counted in, by name. A family adds itself here; its names come from its own file. */
import { CIRCUIT_ENTRIES } from '../families/circuit-names.js';
import { CLIENT_ENTRIES } from '../families/clients.js';
import { CONNECTION_ENTRIES } from '../families/connection-names.js';
import { EXIT_CIRCUIT_ENTRIES } from '../families/exit-circuits.js';
import { EXIT_DOMAIN_ENTRIES } from '../families/exit-domains.js';
import { EXIT_STREAM_ENTRIES } from '../families/exit-streams.js';
import { HSDIR_ENTRIES } from '../families/hsdir-names.js';
import { METRICS_ENTRIES } from '../families/metrics-names.js';
import { REJECTION_ENTRIES } from '../families/rejections.js';
import { STANDARD_ENTRIES } from '../families/standard-names.js';
import { modelCounters, TRAFFIC_ENTRIES } from '../traffic/model-counters.js';
import { type TrafficModel } from '../traffic/traffic-model.js';
import { type CatalogueEntry, entry } from './entry.js';

const FAMILIES: readonly (readonly CatalogueEntry[])[] = [
  EXIT_STREAM_ENTRIES,
  EXIT_DOMAIN_ENTRIES,
  EXIT_CIRCUIT_ENTRIES,
  CLIENT_ENTRIES,
  CIRCUIT_ENTRIES,
  CONNECTION_ENTRIES,
  HSDIR_ENTRIES,
  TRAFFIC_ENTRIES,
  REJECTION_ENTRIES,
  METRICS_ENTRIES,
  STANDARD_ENTRIES,
];

export const CATALOGUE: ReadonlyMap<string, CatalogueEntry> = new Map(
  FAMILIES.flat().map((entry) => [entry.name, entry]),
);

/** Counters that every round has, that nobody configures and no event adds to. */
export const CHECK_ENTRIES: readonly CatalogueEntry[] = [
  entry(
    { family: 'check counters', events: [] },
    'nothing',
    { text: 'Zero', says: 'nothing: a total other than 0 means that masks and reports do not match' },
    { text: 'Count', says: 'Number of' },
  ),
  entry(
    { family: 'check counters', events: [] },
    'collectors',
    { text: 'Collector', says: 'collectors whose reports are in the total' },
    { text: 'Count', says: 'Number of' },
  ),
];

/** The catalogue with the counters that a traffic model adds to it. */
export function catalogueWith(model: TrafficModel | undefined): ReadonlyMap<string, CatalogueEntry> {
  if (model === undefined) return CATALOGUE;
  return new Map([
    ...CATALOGUE,
    ...modelCounters(model).map((entry): [string, CatalogueEntry] => [entry.name, entry]),
  ]);
}
