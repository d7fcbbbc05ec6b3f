/**
 * What outcomes say about a match list, for the labels of charts: the name of its file, and how it begins. Both are published
 * with the totals. Which domains and onion addresses are of interest may be nobody's business: of those lists only the length is told.
 */
import { type ListTextKind } from '../collection/match-lists.js';

export type ListLabel = { readonly name: string; readonly content: string };

const KEPT_BACK: ReadonlySet<ListTextKind> = new Set(['domains', 'onionAddresses', 'asPrefixes']);
const ITEMS_SHOWN = 3;
/** Of a label under a bar, of which a chart may have hundreds. */
const ITEM_LENGTH_MAX = 30;
const NAME_LENGTH_MAX = 80;
/** Enough for the first items, which are a kilobyte at most each. */
const HEAD_BYTES = 4096;
const LF = 0x0a;

/** `text`: the list as it travels, an item a line. `fileName` without its folder. */
export function toListLabel(kind: ListTextKind, fileName: string, text: Uint8Array): ListLabel {
  const name = shortened(fileName.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '_'), NAME_LENGTH_MAX);
  const count = text.reduce((lines, byte) => (byte === LF ? lines + 1 : lines), 0);
  const items = `${count} ${count === 1 ? 'item' : 'items'}`;
  if (KEPT_BACK.has(kind)) return { name, content: items };
  const head = new TextDecoder().decode(text.subarray(0, HEAD_BYTES)).split('\n');
  const shown = head.slice(0, Math.min(ITEMS_SHOWN, count)).map((item) => shortened(item, ITEM_LENGTH_MAX));
  return { name, content: count > ITEMS_SHOWN ? `${shown.join(', ')} ... (${items})` : shown.join(', ') };
}

function shortened(text: string, lengthMax: number): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax - 3)}...` : text;
}
