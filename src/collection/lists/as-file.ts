/** Reading lists of autonomous systems and their prefixes (spec/counters.md, 7.1 and 7.4). */
import { fromLatin1 } from '../../tor/events/ascii.js';
import { type IpVersion, readAddress } from '../../tor/events/address.js';
import { ADDRESS_WORDS } from '../../tor/events/event-record.js';
import { forEachItem, lineCount, lineFaults, type ListFindings, NO_ITEM } from './list-file.js';

const AS_MAX = 0xffff_ffff;
const WRONG_AS = 'an autonomous system is a whole number from 1 to 4294967295';

/** Numbers of autonomous systems, in the order of the file. */
export function readAsFile(bytes: Uint8Array): { readonly numbers: Uint32Array } & ListFindings {
  const numbers: number[] = [];
  const wrongLines: number[] = [];
  forEachItem(bytes, (start, end, line) => {
    const number = wholeNumber(fromLatin1(bytes, start, end));
    if (number === undefined || number < 1 || number > AS_MAX) wrongLines.push(line);
    else numbers.push(number);
  });
  const isEmpty = numbers.length === 0 && wrongLines.length === 0;
  return {
    numbers: Uint32Array.from(numbers),
    faults: isEmpty ? [NO_ITEM] : lineFaults(wrongLines, WRONG_AS),
    warnings: [],
  };
}

/** The numbers one a line: the form in which a list travels. */
export function toAsListText(numbers: Uint32Array): Uint8Array {
  return Uint8Array.from(numbers.join('\n') + '\n', (character) => character.charCodeAt(0));
}

function wholeNumber(text: string): number | undefined {
  return /^\+?\d+$/.test(text) ? Number(text) : undefined;
}

/** Prefixes of one IP version and the systems that announce them. */
export type AsPrefixes = {
  readonly version: 4 | 6;
  /** Four words a prefix, as address.ts has them; the bits behind the prefix are 0. */
  readonly networks: Uint32Array;
  readonly lengths: Uint8Array;
  readonly systems: Uint32Array;
};

const PREFIX_LINE = /^(\S+)\/(\d+)\s+(\d+)/;

/**
 * Reads lines `network/length`, white space, system. What follows the system's digits is ignored, as the original does.
 * Host bits are masked.
 */
export function readAsPrefixFile(
  bytes: Uint8Array,
  version: 4 | 6,
): { readonly prefixes: AsPrefixes } & ListFindings {
  const lines = lineCount(bytes);
  const networks = new Uint32Array(lines * ADDRESS_WORDS);
  const lengths = new Uint8Array(lines);
  const systems = new Uint32Array(lines);
  const wrongLines: number[] = [];
  const longest = version === 4 ? 32 : 128;
  let used = 0;
  forEachItem(bytes, (start, end, line) => {
    const [, network, length, system] = PREFIX_LINE.exec(fromLatin1(bytes, start, end)) ?? [];
    const at = used * ADDRESS_WORDS;
    const size = Number(length);
    const found: IpVersion =
      network === undefined ? 0 : readAddress(bytes, start, start + network.length, networks, at);
    const isSystem = Number(system) >= 1 && Number(system) <= AS_MAX;
    if (found !== version || size < 1 || size > longest || !isSystem) {
      wrongLines.push(line);
      return;
    }
    maskHostBits(networks, at, size);
    lengths[used] = size;
    systems[used] = Number(system);
    used += 1;
  });
  return {
    prefixes: {
      version,
      networks: networks.slice(0, used * ADDRESS_WORDS),
      lengths: lengths.slice(0, used),
      systems: systems.slice(0, used),
    },
    faults:
      used === 0 && wrongLines.length === 0
        ? [NO_ITEM]
        : lineFaults(
            wrongLines,
            `a prefix is an IPv${version} network, /, its length from 1, a tab and a system`,
          ),
    warnings: [],
  };
}

function maskHostBits(networks: Uint32Array, at: number, length: number): void {
  for (let word = 0; word < ADDRESS_WORDS; word += 1) {
    const bits = Math.min(32, Math.max(0, length - 32 * word));
    const mask = bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
    networks[at + word] = networks[at + word]! & mask;
  }
}
