/**
 * Event lines are bytes, never UTF-8 (spec/counters.md, 1.1): lengths are byte lengths and only ASCII letters have
 * case. What stands here works on a slice [start, end) of a line and allocates nothing but the text it is asked for.
 */

export const ZERO = 0x30;
export const NINE = 0x39;
export const SPACE = 0x20;
export const EQUALS = 0x3d;
export const COMMA = 0x2c;
export const DOT = 0x2e;
export const COLON = 0x3a;
export const PLUS = 0x2b;
export const MINUS = 0x2d;

const TAB = 0x09;
const VERTICAL_TAB = 0x0b;
const FORM_FEED = 0x0c;
const CARRIAGE_RETURN = 0x0d;

/** Space, tab, LF, VT, FF or CR: what the original strips from the ends of a line. */
function isBlank(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CARRIAGE_RETURN);
}

/** The end of the slice without the blanks at its end. */
export function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(bytes[at - 1]!)) at -= 1;
  return at;
}

/** The start of the slice without the blanks at its start. */
export function trimmedStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at]!)) at += 1;
  return at;
}

/** Tab, VT or FF: what may stand around a number (1.2). */
export function isTab(byte: number): boolean {
  return byte === TAB || byte === VERTICAL_TAB || byte === FORM_FEED;
}

/** True if the slice is exactly these bytes. */
export function isText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start !== text.length) return false;
  for (let at = 0; at < text.length; at += 1) {
    if (bytes[start + at] !== text[at]) return false;
  }
  return true;
}

/** The bytes of a latin1 text, one a character. Throws RangeError on a character above U+00FF. */
export function toLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    if (code > 0xff || character.length > 1)
      throw new RangeError('the text has a character that is not latin1');
    return code;
  });
}

/** The slice as text, one character a byte. Allocates: not for the hot path. */
export function fromLatin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** The byte in lower case, if it is an ASCII capital; other bytes, also those above 0x7f, are unchanged. */
export function lowerCaseByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** True for an ASCII letter or digit. */
export function isAlphanumeric(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= ZERO && byte <= NINE) || (lower >= 0x61 && lower <= 0x7a);
}
