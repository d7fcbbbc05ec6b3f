/** Reading lists of countries and of reasons (spec/counters.md, 7.1). */
import { isAlphanumeric } from '../../tor/events/ascii.js';
import { type ListFindings } from './list-file.js';
import { type Names, readNames, type Slice } from './names.js';

const COUNTRY_BYTES = 2;
/** `??`: the relay's database does not know the address. `!!`: the relay has no database. */
const UNKNOWN_COUNTRIES = ['??', '!!'];
const WRONG_COUNTRY = 'a country is two letters or digits, ?? or !!';
const WRONG_REASON = 'a reason is made of letters and digits';

export function readCountryFile(bytes: Uint8Array): { readonly names: Names } & ListFindings {
  return readNames(bytes, (text, start, end) => {
    const isUnknown = UNKNOWN_COUNTRIES.includes(String.fromCharCode(...text.subarray(start, start + 2)));
    const isCountry = end - start === COUNTRY_BYTES && (isUnknown || areAlphanumeric(text, start, end));
    return isCountry ? { start, end } : WRONG_COUNTRY;
  });
}

/** Reasons of cache events and of circuit failures. */
export function readReasonFile(bytes: Uint8Array): { readonly names: Names } & ListFindings {
  return readNames(bytes, (text, start, end): Slice | string =>
    areAlphanumeric(text, start, end) ? { start, end } : WRONG_REASON,
  );
}

function areAlphanumeric(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (!isAlphanumeric(bytes[at]!)) return false;
  return true;
}
