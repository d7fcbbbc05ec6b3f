/** JSON with one form for one value: keys sorted, no space. Digests of structures are taken over it. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Throws RangeError on a number that JSON can't hold. */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`JSON has no ${value}`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`);
  return `{${members.join(',')}}`;
}

function isArray(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
