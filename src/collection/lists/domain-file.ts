/** Reading a domain list (spec/counters.md, 7.1). */
import { DOT, isAlphanumeric, MINUS } from '../../tor/events/ascii.js';
import { type ListFindings } from './list-file.js';
import { type Names, readNames, type Slice } from './names.js';

const UNDERSCORE = 0x5f;
const WRONG_BYTE =
  'a domain is made of letters, digits, dots, hyphens and underscores; a URL, wildcard or comment may not stand here';
const WRONG_LABEL = 'a domain must have a label, and no label between two dots may be empty';

/** Domains without dots at their ends. */
export function readDomainFile(bytes: Uint8Array): { readonly names: Names } & ListFindings {
  return readNames(bytes, toDomain);
}

function toDomain(bytes: Uint8Array, itemStart: number, itemEnd: number): Slice | string {
  const { start, end } = withoutEndDots(bytes, itemStart, itemEnd);
  if (!areDomainBytes(bytes, start, end)) return WRONG_BYTE;
  return start === end || hasEmptyLabel(bytes, start, end) ? WRONG_LABEL : { start, end };
}

/** The slice without the dots at both its ends. */
export function withoutEndDots(bytes: Uint8Array, start: number, end: number): Slice {
  let from = start;
  let to = end;
  while (from < to && bytes[from] === DOT) from += 1;
  while (to > from && bytes[to - 1] === DOT) to -= 1;
  return { start: from, end: to };
}

function areDomainBytes(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (!isAlphanumeric(byte) && byte !== DOT && byte !== MINUS && byte !== UNDERSCORE) return false;
  }
  return true;
}

function hasEmptyLabel(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at += 1) if (bytes[at] === DOT && bytes[at - 1] === DOT) return true;
  return false;
}
