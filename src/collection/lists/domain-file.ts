/** Reading a domain list (spec/counters.md, 7.1), compactly: a list of a million names is two typed arrays. */
import { DOT, lowerCaseByte, MINUS, NINE, ZERO } from '../../tor/events/ascii.js';
import { forEachItem, lineCount, lineFaults, type ListFindings, NO_ITEM } from './list-file.js';

/** Domain names, lower case, without dots at their ends. Name i is text[ends[i - 1] .. ends[i]]; for i = 0 from 0. */
export type DomainNames = { readonly text: Uint8Array; readonly ends: Uint32Array };

const LF = 0x0a;
const UNDERSCORE = 0x5f;
const WRONG_BYTE =
  'a domain is made of letters, digits, dots, hyphens and underscores; a URL, wildcard or comment may not stand here';
const WRONG_LABEL = 'a domain must have a label, and no label between two dots may be empty';

/** Reads the list's text. If there are faults, the names are those of the other lines. */
export function readDomainFile(bytes: Uint8Array): { readonly names: DomainNames } & ListFindings {
  const text = new Uint8Array(bytes.length);
  const ends = new Uint32Array(lineCount(bytes));
  const wrongBytes: number[] = [];
  const wrongLabels: number[] = [];
  let items = 0;
  let names = 0;
  let used = 0;
  forEachItem(bytes, (itemStart, itemEnd, line) => {
    items += 1;
    const { start, end } = withoutEndDots(bytes, itemStart, itemEnd);
    if (!areDomainBytes(bytes, start, end)) wrongBytes.push(line);
    else if (start === end || hasEmptyLabel(bytes, start, end)) wrongLabels.push(line);
    else {
      for (let at = start; at < end; at += 1) text[used++] = lowerCaseByte(bytes[at]!);
      ends[names++] = used;
    }
  });
  return {
    names: { text: text.slice(0, used), ends: ends.slice(0, names) },
    faults: [
      ...lineFaults(wrongBytes, WRONG_BYTE),
      ...lineFaults(wrongLabels, WRONG_LABEL),
      ...(items === 0 ? [NO_ITEM] : []),
    ],
    warnings: [],
  };
}

/** The names one a line: the form in which a list travels and of which its digest is taken. */
export function toListText({ text, ends }: DomainNames): Uint8Array {
  const lines = new Uint8Array(text.length + ends.length);
  let from = 0;
  ends.forEach((end, name) => {
    lines.set(text.subarray(from, end), from + name);
    lines[end + name] = LF;
    from = end;
  });
  return lines;
}

/** The slice without the dots at both its ends. */
export function withoutEndDots(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly start: number; readonly end: number } {
  let from = start;
  let to = end;
  while (from < to && bytes[from] === DOT) from += 1;
  while (to > from && bytes[to - 1] === DOT) to -= 1;
  return { start: from, end: to };
}

function areDomainBytes(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = lowerCaseByte(bytes[at]!);
    const isLetter = byte >= 0x61 && byte <= 0x7a;
    const isDigit = byte >= ZERO && byte <= NINE;
    if (!isLetter && !isDigit && byte !== DOT && byte !== MINUS && byte !== UNDERSCORE) return false;
  }
  return true;
}

function hasEmptyLabel(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at += 1) if (bytes[at] === DOT && bytes[at - 1] === DOT) return true;
  return false;
}
