/** Which counters see only a part of what happens where relays sample circuits (spec/counters.md, 4.3). */
import { CATALOGUE } from '../collection/catalogue/catalogue.js';

const SAMPLED_EVENTS: ReadonlySet<string> = new Set([
  'PRIVCOUNT_STREAM_ENDED',
  'PRIVCOUNT_CIRCUIT_CLOSE',
  'PRIVCOUNT_CIRCUIT_CELL',
  'PRIVCOUNT_STREAM_BYTES_TRANSFERRED',
]);

/** True if relays report only a part of the counter's events where circuits are sampled. */
export function isSampled(name: string): boolean {
  return CATALOGUE.get(name)?.events.some((event) => SAMPLED_EVENTS.has(event)) ?? false;
}
