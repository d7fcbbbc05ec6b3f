/**
 * One unambiguous byte string from several parts: each part is preceded by its length (4 bytes, big-endian), so that no
 * two lists of parts give the same bytes. Used wherever a hash, key or signature covers more than one thing.
 *
 * A text counts as its UTF-8, so which parts are texts and which are bytes must follow from the first part, the tag. Unpaired
 * surrogates have no UTF-8 and all count as U+FFFD: outside text is checked before it comes here.
 */

const encoder = new TextEncoder();

export function encodeParts(parts: readonly (string | Uint8Array)[]): Uint8Array {
  const encoded = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const bytes = new Uint8Array(encoded.reduce((length, part) => length + 4 + part.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of encoded) {
    view.setUint32(at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}
