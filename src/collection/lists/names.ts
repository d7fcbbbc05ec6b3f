/** The names of a match list, compactly: a list of a million is two typed arrays. */
import { lowerCaseByte } from '../../tor/events/ascii.js';
import { forEachItem, lineCount, lineFaults, type ListFindings, NO_ITEM } from './list-file.js';

/** Names in ASCII lower case. Name i is text[ends[i - 1] .. ends[i]]; for i = 0 from 0. */
export type Names = { readonly text: Uint8Array; readonly ends: Uint32Array };

export type Slice = { readonly start: number; readonly end: number };

/** The part of an item that is its name, or a sentence that says what an item must be. */
export type NameRule = (bytes: Uint8Array, start: number, end: number) => Slice | string;

const LF = 0x0a;

/** Reads the text of a list, each item by the rule. If there are faults, the names are those of the other lines. */
export function readNames(bytes: Uint8Array, rule: NameRule): { readonly names: Names } & ListFindings {
  const text = new Uint8Array(bytes.length);
  const ends = new Uint32Array(lineCount(bytes));
  const wrongLines = new Map<string, number[]>();
  let names = 0;
  let used = 0;
  forEachItem(bytes, (start, end, line) => {
    const name = rule(bytes, start, end);
    if (typeof name === 'string') {
      const lines = wrongLines.get(name);
      if (lines === undefined) wrongLines.set(name, [line]);
      else lines.push(line);
      return;
    }
    for (let at = name.start; at < name.end; at += 1) text[used++] = lowerCaseByte(bytes[at]!);
    ends[names++] = used;
  });
  const faults = [...wrongLines].flatMap(([wrong, lines]) => lineFaults(lines, wrong));
  return {
    names: { text: text.slice(0, used), ends: ends.slice(0, names) },
    faults: names === 0 && faults.length === 0 ? [NO_ITEM] : faults,
    warnings: [],
  };
}

/** The names one a line: the form in which a list travels and of which its digest is taken. */
export function toListText({ text, ends }: Names): Uint8Array {
  const lines = new Uint8Array(text.length + ends.length);
  let from = 0;
  ends.forEach((end, name) => {
    lines.set(text.subarray(from, end), from + name);
    lines[end + name] = LF;
    from = end;
  });
  return lines;
}
