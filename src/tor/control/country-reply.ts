/** `GETINFO ip-to-country/ADDRESS` (spec/tor-metrics.md, "Standard control events"): tor looks it up in its own geoip files. */
import { type Reply } from './reply-reader.js';

/** Two letters, or `??` for an address that no country has; the address that comes before is not looked at. */
const ANSWER_FORM = /^ip-to-country\/[^=]{2,64}=([a-z0-9?]{2})$/i;

/** Undefined if tor refuses (`551 GeoIP data not loaded`). */
export function countryOf(reply: Reply): string | undefined {
  return reply.code === 250 ? ANSWER_FORM.exec(reply.lines[0]!.text)?.[1] : undefined;
}

/** `target` is the address and port of an ORCONN event; tor takes an IPv6 address with brackets and without. */
export function countryQuestion(target: string): string {
  return `GETINFO ip-to-country/${target.slice(0, target.lastIndexOf(':'))}`;
}
