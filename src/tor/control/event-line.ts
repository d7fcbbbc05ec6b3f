/** The events that are counted among the lines of a relay. Hot path: runs for every line. */

/** What stands before the event's name. */
export const EVENT_MARK = '650 ';

const toStart = (text: string): Uint8Array =>
  Uint8Array.from(EVENT_MARK + text, (letter) => letter.charCodeAt(0));

/** The first that a line begins with; PrivCount's, of which there can be many thousands a second, come first. */
const PATCHED = toStart('PRIVCOUNT_');
const CONNECTION = toStart('ORCONN ');
const BANDWIDTH = toStart('BW ');

/** True if the line [start, end) is an event that may be counted, whose name begins at start + 4. */
export function isEventLine(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    beginsWith(PATCHED, bytes, start, end) ||
    isConnectionLine(bytes, start, end) ||
    beginsWith(BANDWIDTH, bytes, start, end)
  );
}

/** True if the line is ORCONN's, which may tell of a client. */
export function isConnectionLine(bytes: Uint8Array, start: number, end: number): boolean {
  return beginsWith(CONNECTION, bytes, start, end);
}

function beginsWith(text: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < text.length) return false;
  for (let at = 0; at < text.length; at++) {
    if (bytes[start + at] !== text[at]) return false;
  }
  return true;
}
