/**
 * IP addresses of events (spec/counters.md, 1.2), as numbers, so that two ways of writing one address are the same.
 * IPv4: four decimal octets of 1 to 3 digits, a leading zero only if the octet's value is at most 7. IPv6: the standard
 * text, without brackets or zone; its last two groups may be an IPv4 address. Hot path.
 */
import { COLON, DOT, NINE, ZERO } from './ascii.js';
import { ADDRESS_WORDS } from './event-record.js';

export type IpVersion = 0 | 4 | 6;

const OCTETS = 4;
const OCTET_MAX = 255;
/** `01` to `07` are the same in octal and decimal; above, an octet with a leading zero is ambiguous and refused. */
const LEADING_ZERO_OCTET_MAX = 7;
const GROUPS = 8;
const GROUP_DIGITS_MAX = 4;
/** Longest texts: 255.255.255.255, and six full groups before such an IPv4 address. */
const IPV4_BYTES_MAX = 15;
const IPV6_BYTES_MAX = 45;

const groups = new Uint16Array(GROUPS);

/**
 * Writes the address's 32-bit words at `words[at]` and on, most significant first (an IPv4 address is one word and
 * three zeros), and answers its version; 0, with the words cleared, if the slice is no address.
 */
export function readAddress(
  bytes: Uint8Array,
  start: number,
  end: number,
  words: Uint32Array,
  at: number,
): IpVersion {
  words.fill(0, at, at + ADDRESS_WORDS);
  const ipv4 = toIpv4(bytes, start, end);
  if (ipv4 >= 0) {
    words[at] = ipv4;
    return 4;
  }
  if (!readGroups(bytes, start, end)) return 0;
  for (let word = 0; word < ADDRESS_WORDS; word += 1) {
    words[at + word] = groups[2 * word]! * 0x1_0000 + groups[2 * word + 1]!;
  }
  return 6;
}

/** The address as a number, or -1. */
function toIpv4(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > IPV4_BYTES_MAX) return -1;
  let address = 0;
  let at = start;
  for (let octet = 0; octet < OCTETS; octet += 1) {
    if (octet > 0 && bytes[at++] !== DOT) return -1;
    const from = at;
    let value = 0;
    while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) value = value * 10 + (bytes[at++]! - ZERO);
    const digits = at - from;
    if (digits < 1 || digits > 3 || value > OCTET_MAX) return -1;
    if (digits > 1 && bytes[from] === ZERO && value > LEADING_ZERO_OCTET_MAX) return -1;
    address = address * (OCTET_MAX + 1) + value;
  }
  return at === end ? address : -1;
}

/** Fills `groups`; false if the slice is no IPv6 address. */
function readGroups(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > IPV6_BYTES_MAX || end - start < 2) return false;
  let count = 0;
  let gap = -1;
  let at = start;
  if (bytes[at] === COLON) {
    if (bytes[at + 1] !== COLON) return false;
    gap = 0;
    at += 2;
  }
  while (at < end) {
    const groupEnd = endOfGroup(bytes, at, end);
    const added = readGroup(bytes, at, groupEnd, { end, count });
    if (added === 0) return false;
    count += added;
    if (groupEnd === end || added === 2) break;
    at = groupEnd + 1;
    if (at === end) return false;
    if (bytes[at] !== COLON) continue;
    if (gap >= 0) return false;
    gap = count;
    at += 1;
  }
  if (gap < 0) return count === GROUPS;
  if (count >= GROUPS) return false;
  groups.copyWithin(GROUPS - (count - gap), gap, count);
  groups.fill(0, gap, GROUPS - (count - gap));
  return true;
}

function endOfGroup(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== COLON) at += 1;
  return at;
}

/** Stores one group, or the two of an IPv4 address that ends the text; answers how many, 0 if it is neither. */
function readGroup(
  bytes: Uint8Array,
  start: number,
  groupEnd: number,
  text: { readonly end: number; readonly count: number },
): number {
  if (groupEnd === text.end && text.count + 2 <= GROUPS) {
    const ipv4 = toIpv4(bytes, start, groupEnd);
    if (ipv4 >= 0) {
      groups[text.count] = ipv4 >>> 16;
      groups[text.count + 1] = ipv4;
      return 2;
    }
  }
  if (text.count >= GROUPS || groupEnd === start || groupEnd - start > GROUP_DIGITS_MAX) return 0;
  let value = 0;
  for (let at = start; at < groupEnd; at += 1) {
    const digit = hexDigit(bytes[at]!);
    if (digit < 0) return 0;
    value = value * 16 + digit;
  }
  groups[text.count] = value;
  return 1;
}

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
