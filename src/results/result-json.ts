/**
 * The JSON of result files. PrivCount 2.0 writes bare infinities, which JSON does not have, and whole numbers beyond 2^53,
 * which a double does not hold: both become strings, as this program writes them.
 */

/** A string (kept as it is), or a number or constant outside of strings. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_INTEGER = /^-?\d{16,}$/;

/** Throws SyntaxError if it is no JSON even so. */
export function parseResultJson(text: string): unknown {
  return JSON.parse(text.replace(TOKEN, toStrictToken));
}

function toStrictToken(token: string): string {
  const isForeign = token === 'Infinity' || token === '-Infinity' || LONG_INTEGER.test(token);
  return isForeign ? `"${token}"` : token;
}
