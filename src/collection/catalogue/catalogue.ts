/** Every counter that events can be counted in, by name. A family adds itself here; its names come from its own file. */
import { EXIT_CIRCUIT_ENTRIES } from '../families/exit-circuits.js';
import { EXIT_DOMAIN_ENTRIES } from '../families/exit-domains.js';
import { EXIT_STREAM_ENTRIES } from '../families/exit-streams.js';
import { type CatalogueEntry } from './entry.js';

export const CATALOGUE: ReadonlyMap<string, CatalogueEntry> = new Map(
  [...EXIT_STREAM_ENTRIES, ...EXIT_DOMAIN_ENTRIES, ...EXIT_CIRCUIT_ENTRIES].map((entry) => [
    entry.name,
    entry,
  ]),
);
