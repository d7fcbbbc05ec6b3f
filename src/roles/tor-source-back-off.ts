/** How long to wait before the next try to connect to a relay. */
import { type RandomBytes } from './ports.js';

/** Tor is back within seconds of a restart. */
export const BACK_OFF_FIRST_MS = 1000;
const BACK_OFF_FACTOR = 2;
/** Each minute without a relay is lost to the count, and a try costs next to nothing. */
export const BACK_OFF_MAX_MS = 60_000;
/** The part of a delay that is left to chance, so that collectors of one machine do not try together. */
export const BACK_OFF_JITTER = 0.5;

/** The delay after `failures` (1 or more) tries that failed one after the other. */
export function backOffMs(failures: number, randomBytes: RandomBytes): number {
  const longest = Math.min(BACK_OFF_FIRST_MS * BACK_OFF_FACTOR ** (failures - 1), BACK_OFF_MAX_MS);
  const bytes = randomBytes(4);
  const chance = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32;
  return Math.round(longest * (1 - BACK_OFF_JITTER * chance));
}
