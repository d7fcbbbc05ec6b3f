/**
 * Quoted strings of the control protocol, both ways. Between the quotes stand bytes with the escapes of C: tor writes a
 * path's quotes, backslashes and bytes that are not printable ASCII that way.
 */

const LETTER_ESCAPES = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
]);
const OCTAL_FORM = /^[0-3]?[0-7]{1,2}/;

const encoder = new TextEncoder();

/** A text in quotes, as ASCII: what is not printable is written as octal bytes of its UTF-8. */
export function quoteText(text: string): string {
  const body = Array.from(encoder.encode(text), (byte) => {
    const letter = String.fromCharCode(byte);
    if (letter === '"' || letter === '\\') return `\\${letter}`;
    return byte >= 0x20 && byte < 0x7f ? letter : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${body.join('')}"`;
}

/** The bytes of the quoted string that begins at `from` in a latin1 line, and where it ends; undefined if it is none. */
export function parseQuotedBytes(
  line: string,
  from: number,
): { readonly bytes: Uint8Array; readonly end: number } | undefined {
  if (line.charAt(from) !== '"') return undefined;
  const bytes: number[] = [];
  let at = from + 1;
  while (at < line.length) {
    const letter = line.charAt(at);
    if (letter === '"') return { bytes: Uint8Array.from(bytes), end: at + 1 };
    if (letter !== '\\') {
      bytes.push(line.charCodeAt(at));
      at += 1;
      continue;
    }
    const octal = OCTAL_FORM.exec(line.slice(at + 1, at + 4))?.[0];
    const escaped = line.charAt(at + 1);
    bytes.push(
      octal === undefined ? (LETTER_ESCAPES.get(escaped) ?? escaped.charCodeAt(0)) : parseInt(octal, 8),
    );
    at += 1 + (octal?.length ?? 1);
  }
  return undefined;
}
