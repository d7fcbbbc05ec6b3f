/** The plain model's match lists (spec/counters.md, section 7): sets, a tree of labels, and prefixes tried one by one. */
import { createHash } from 'node:crypto';

/** The items of each kind's lists, lower case; prefixes in the order of their file. */
export type PlainLists = {
  readonly domains?: readonly (readonly string[])[];
  readonly countries?: readonly (readonly string[])[];
  readonly hsdirStores?: readonly (readonly string[])[];
  readonly hsdirFetches?: readonly (readonly string[])[];
  readonly circuitFailures?: readonly (readonly string[])[];
  readonly onionAddresses?: readonly (readonly string[])[];
  readonly autonomousSystems?: readonly (readonly number[])[];
  readonly prefixes?: readonly {
    readonly network: string;
    readonly length: number;
    readonly system: number;
  }[];
};

export const lowerCase = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** 7.2: the number of the first list that has the text. */
export function plainExactList(lists: readonly (readonly string[])[] | undefined, text: string): number {
  const list = (lists ?? []).findIndex((items) => toSet(items).has(lowerCase(text)));
  return list < 0 ? Infinity : list;
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function toSet(items: readonly string[]): ReadonlySet<string> {
  const set = sets.get(items) ?? new Set(items);
  sets.set(items, set);
  return set;
}

/** 7.3, with a tree: a map of labels from right to left, whose leaves are list numbers. */
export function plainSuffixList(lists: readonly (readonly string[])[] | undefined, host: string): number {
  let node: PlainTree | number | undefined = suffixTree(lists ?? NO_LISTS);
  const labels = lowerCase(host)
    .replace(/^\.+|\.+$/g, '')
    .split('.');
  while (typeof node === 'object' && labels.length > 0) node = node.get(labels.pop()!);
  return typeof node === 'number' ? node : Infinity;
}

type PlainTree = Map<string, PlainTree | number>;

const NO_LISTS: readonly (readonly string[])[] = [];
const trees = new WeakMap<readonly (readonly string[])[], PlainTree>();

function suffixTree(lists: readonly (readonly string[])[]): PlainTree {
  const known = trees.get(lists);
  if (known !== undefined) return known;
  const root: PlainTree = new Map();
  lists.forEach((items, list) => items.forEach((item) => insertSuffix(root, item.split('.'), list)));
  trees.set(lists, root);
  return root;
}

function insertSuffix(root: PlainTree, labels: string[], list: number): void {
  let node = root;
  for (let label = labels.length - 1; label > 0; label -= 1) {
    const next = node.get(labels[label]!) ?? new Map<string, PlainTree | number>();
    if (typeof next === 'number') return;
    node.set(labels[label]!, next);
    node = next;
  }
  if (typeof node.get(labels[0]!) !== 'number') node.set(labels[0]!, list);
}

/** 7.5: lists in their order, each in both forms. */
export function plainOnionList(lists: readonly (readonly string[])[] | undefined, address: string): number {
  const plain = lowerCase(address);
  const md5 = createHash('md5').update(`${plain}.onion`, 'latin1').digest('hex');
  const list = (lists ?? []).findIndex((items) => toSet(items).has(plain) || toSet(items).has(md5));
  return list < 0 ? Infinity : list;
}

/** 7.4: the system of the longest prefix, the last of equal ones, and the first list that has it. */
export function plainAsList(lists: PlainLists, address: string): number {
  const bits = addressBits(address);
  const matching = (lists.prefixes ?? []).filter(
    ({ network, length }) =>
      addressBits(network).length === bits.length &&
      addressBits(network).slice(0, length) === bits.slice(0, length),
  );
  const longest = matching.reduce(
    (best, prefix) => (best === undefined || prefix.length >= best.length ? prefix : best),
    matching[0],
  );
  const list = (lists.autonomousSystems ?? []).findIndex(
    (systems) => longest !== undefined && systems.includes(longest.system),
  );
  return list < 0 ? Infinity : list;
}

/** The address as 32 or 128 characters 0 and 1. */
export function addressBits(address: string): string {
  if (!address.includes(':')) {
    return address
      .split('.')
      .map((octet) => Number(octet).toString(2).padStart(8, '0'))
      .join('');
  }
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex =
    dotted === null
      ? address
      : `${dotted[1]!}${(Number(dotted[2]) * 256 + Number(dotted[3])).toString(16)}:${(
          Number(dotted[4]) * 256 +
          Number(dotted[5])
        ).toString(16)}`;
  const [head = '', tail = ''] = hex.split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = tail.split(':').filter((group) => group !== '');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after]
    .map((group) => parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}
