/**
 * Reading a list of onion addresses (spec/counters.md, 7.5): addresses, URLs with them, or the MD5 of an address, in hex,
 * so that a list can be shown without showing what it lists. Unlike the original this also takes a port, user
 * information and an upper-case `.ONION` (quirk Q30).
 */
import { COLON, DOT, fromLatin1, lowerCaseByte } from '../../tor/events/ascii.js';
import { type ListFindings } from './list-file.js';
import { type Names, readNames, type Slice } from './names.js';

const SLASH = 0x2f;
const AT_SIGN = 0x40;
/** Only of version 2: version 3 addresses are not in any event. */
const ONION = /^[a-z2-7]{16}$/;
const MD5 = /^[0-9a-f]{32}$/;
const ONION_LABEL = 'onion';
const WRONG_ONION =
  'an onion address is 16 characters of a-z and 2-7, alone or in a URL, or 32 hex digits, the MD5 of one with .onion';

export function readOnionFile(bytes: Uint8Array): { readonly names: Names } & ListFindings {
  return readNames(bytes, toOnion);
}

function toOnion(bytes: Uint8Array, start: number, end: number): Slice | string {
  return (
    onionLabel(bytes, hostAsOriginal(bytes, start, end)) ??
    onionLabel(bytes, hostOfUrl(bytes, start, end)) ??
    WRONG_ONION
  );
}

/** The last label that is neither empty nor `onion`, if it is an address. */
function onionLabel(bytes: Uint8Array, host: Slice): Slice | undefined {
  for (let end = host.end; end > host.start;) {
    const start = afterLast(bytes, DOT, host.start, end);
    const label = lowerCaseText(bytes, start, end);
    if (label !== '' && label !== ONION_LABEL) {
      return ONION.test(label) || MD5.test(label) ? { start, end } : undefined;
    }
    end = start - 1;
  }
  return undefined;
}

/** The original's rule: what follows the first colon, if there is one, up to a slash. */
function hostAsOriginal(bytes: Uint8Array, itemStart: number, itemEnd: number): Slice {
  const colon = firstOf(bytes, COLON, itemStart, itemEnd);
  let start = colon < itemEnd ? colon + 1 : itemStart;
  while (start < itemEnd && bytes[start] === SLASH) start += 1;
  return { start, end: firstOf(bytes, SLASH, start, itemEnd) };
}

/** What stands between scheme or user information and port or path. */
function hostOfUrl(bytes: Uint8Array, itemStart: number, itemEnd: number): Slice {
  let start = itemStart;
  const slash = firstOf(bytes, SLASH, itemStart, itemEnd);
  if (slash > itemStart && bytes[slash - 1] === COLON) start = slash;
  while (start < itemEnd && bytes[start] === SLASH) start += 1;
  const path = firstOf(bytes, SLASH, start, itemEnd);
  start = afterLast(bytes, AT_SIGN, start, path);
  return { start, end: firstOf(bytes, COLON, start, path) };
}

/** The place of the first such byte, or the slice's end. */
function firstOf(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== byte) at += 1;
  return at;
}

/** The place after the last such byte, or the slice's start. */
function afterLast(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let at = end;
  while (at > start && bytes[at - 1] !== byte) at -= 1;
  return at;
}

function lowerCaseText(bytes: Uint8Array, start: number, end: number): string {
  return fromLatin1(bytes.subarray(start, end).map(lowerCaseByte), 0, end - start);
}
