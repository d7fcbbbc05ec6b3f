/**
 * The text of a match list (spec/counters.md, 7.1): one item a line, white space around it stripped; empty lines and lines
 * that start with #, // or ; are comments. Works on bytes: a list may have a million lines.
 */
import { trimmedEnd, trimmedStart } from '../../tor/events/ascii.js';

const LF = 0x0a;
const HASH = 0x23;
const SEMICOLON = 0x3b;
const SLASH = 0x2f;

/** What reading a list found. `faults` forbid the list; `warnings` don't. Neither quotes an item, only its line. */
export type ListFindings = { readonly faults: string[]; readonly warnings: string[] };

export const NO_ITEM = 'the list has no item';

/** More than so many faults of a list help nobody; the rest is counted. */
const FAULTS_MAX = 20;

/** Calls `visit` with each item's slice and its line's number, counted from 1. */
export function forEachItem(
  bytes: Uint8Array,
  visit: (start: number, end: number, line: number) => void,
): void {
  let line = 0;
  for (let from = 0; from < bytes.length;) {
    line += 1;
    const lineFeed = bytes.indexOf(LF, from);
    const to = lineFeed < 0 ? bytes.length : lineFeed;
    const start = trimmedStart(bytes, from, to);
    const end = trimmedEnd(bytes, start, to);
    if (start < end && !isComment(bytes, start)) visit(start, end, line);
    from = to + 1;
  }
}

function isComment(bytes: Uint8Array, start: number): boolean {
  const first = bytes[start];
  return first === HASH || first === SEMICOLON || (first === SLASH && bytes[start + 1] === SLASH);
}

/** How many lines the text has at most. */
export function lineCount(bytes: Uint8Array): number {
  let lines = 1;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) lines += 1;
  return lines;
}

/** One sentence a line; of many lines the first few. */
export function lineFaults(lines: readonly number[], wrong: string): string[] {
  const faults = lines.slice(0, FAULTS_MAX).map((line) => `line ${line}: ${wrong}`);
  const rest = lines.length - faults.length;
  return rest > 0 ? [...faults, `and ${rest} more lines like these`] : faults;
}
