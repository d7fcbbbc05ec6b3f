/**
 * Lists of onion addresses (spec/counters.md, 7.5). An address matches a list that has it, or that has its MD5 form. An
 * address that stands plain in one list and as its MD5 in another is an overlap that the original does not see (quirk
 * Q29); here it is warned of, and the earlier list gets the events, as there.
 */
import { lowerCaseByte, toLatin1 } from '../../tor/events/ascii.js';
import { type ListFindings } from './list-file.js';
import {
  countedFindings,
  type OverlapRule,
  STAND_EARLIER,
  STAND_TWICE,
  toFindings,
} from './list-findings.js';
import { buildNameLists, listOfName, type NameLists, startOfName } from './name-lists.js';
import { type Names } from './names.js';

/** The MD5 of the bytes in lower-case hex, as bytes. From src/crypto: a pure layer has no hash of its own. */
export type Md5Hex = (bytes: Uint8Array) => Uint8Array;

export type OnionLists = {
  readonly names: NameLists;
  /** Undefined if no list has an MD5 form, so that no hash need be taken. */
  readonly md5Hex: Md5Hex | undefined;
};

const ADDRESS_BYTES = 16;
const MD5_BYTES = 32;
const SUFFIX = toLatin1('.onion');

export function buildOnionLists(
  lists: readonly Names[],
  rule: OverlapRule,
  md5Hex: Md5Hex,
): { readonly onions: OnionLists } & ListFindings {
  const { names, repeats, overlaps } = buildNameLists(lists);
  const hasMd5 = names.ends.some((end, name) => end - startOfName(names, name) === MD5_BYTES);
  const onions = { names, md5Hex: hasMd5 ? md5Hex : undefined };
  const findings = toFindings(rule, countedFindings(overlaps, STAND_EARLIER), [
    ...countedFindings(repeats, STAND_TWICE),
    ...countedFindings(
      countInBothForms(onions),
      'also stand in their MD5 form; the earlier list gets the events',
    ),
  ]);
  return { onions, ...findings };
}

/** The first list that has the address of 16 bytes in either form; NO_LIST if none. */
export function onionList(onions: OnionLists, bytes: Uint8Array, start: number, end: number): number {
  const plain = listOfName(onions.names, bytes, start, end);
  if (onions.md5Hex === undefined || plain === 0) return plain;
  const hash = onions.md5Hex(withSuffix(bytes, start, end));
  return Math.min(plain, listOfName(onions.names, hash, 0, hash.length));
}

function withSuffix(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const text = new Uint8Array(end - start + SUFFIX.length);
  for (let at = start; at < end; at += 1) text[at - start] = lowerCaseByte(bytes[at]!);
  text.set(SUFFIX, end - start);
  return text;
}

/** How many addresses, by list, stand in any list in their MD5 form too. */
function countInBothForms({ names, md5Hex }: OnionLists): Uint32Array {
  const counts = new Uint32Array(names.lists);
  if (md5Hex === undefined) return counts;
  names.ends.forEach((end, name) => {
    const start = startOfName(names, name);
    const list = names.listOf[name]!;
    if (end - start !== ADDRESS_BYTES || list >= names.lists) return;
    const hash = md5Hex(withSuffix(names.text, start, end));
    if (Number.isFinite(listOfName(names, hash, 0, hash.length))) counts[list]! += 1;
  });
  return counts;
}
