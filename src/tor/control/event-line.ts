/** PrivCount's events among the lines of a relay. Hot path: runs for every line. */

/** What stands before the event's name. */
export const EVENT_MARK = '650 ';

const EVENT_START = Uint8Array.from('650 PRIVCOUNT_', (letter) => letter.charCodeAt(0));

/** True if the line [start, end) is an event of PrivCount, whose name begins at start + 4. */
export function isEventLine(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < EVENT_START.length) return false;
  for (let at = 0; at < EVENT_START.length; at++) {
    if (bytes[start + at] !== EVENT_START[at]) return false;
  }
  return true;
}
