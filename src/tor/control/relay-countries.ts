/** `GETINFO ip-to-country/ADDRESS` on the relay's side, as tor 0.4.9.11 answers it. */
import { readAddress } from '../events/address.js';
import { toLatin1 } from '../events/ascii.js';
import { ADDRESS_WORDS } from '../events/event-record.js';

export const COUNTRY_KEY = 'ip-to-country/';

/** `countries` is by address as it is asked for; undefined for a relay without geoip files. */
export function countryLine(key: string, countries: ReadonlyMap<string, string> | undefined): string {
  const asked = key.slice(COUNTRY_KEY.length);
  const address = asked.startsWith('[') && asked.endsWith(']') ? asked.slice(1, -1) : asked;
  if (!isAddress(address)) return '551 Invalid address family';
  if (countries === undefined) return '551 GeoIP data not loaded';
  return `250-${key}=${countries.get(address) ?? '??'}`;
}

function isAddress(text: string): boolean {
  return readAddress(toLatin1(text), 0, text.length, new Uint32Array(ADDRESS_WORDS), 0) !== 0;
}
