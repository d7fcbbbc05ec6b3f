/** Match-list files as the plain model has them: split into lines, comments left out (spec/counters.md, 7.1 and 7.5). */
import { type ListTextKind, type ListTexts } from '../../src/collection/match-lists.js';
import { lowerCase, type PlainLists } from './plain-lists.js';

const ONION_LINE = /([a-z2-7]{16}|[0-9a-f]{32})(\.onion)?\.?(\/.*)?$/;
const PREFIX_LINE = /^(?<network>.+)\/(?<length>\d+)\s+(?<system>\d+)/;

export function plainListsOf(texts: ListTexts): PlainLists {
  const named = (kind: ListTextKind): string[][] => (texts[kind] ?? []).map(itemsOf);
  return {
    domains: named('domains').map((items) => items.map((item) => item.replace(/^\.+|\.+$/g, ''))),
    countries: named('countries'),
    hsdirStores: named('hsdirStores'),
    hsdirFetches: named('hsdirFetches'),
    circuitFailures: named('circuitFailures'),
    onionAddresses: named('onionAddresses').map((items) =>
      items.map((item) => ONION_LINE.exec(item)?.[1] ?? item),
    ),
    autonomousSystems: named('autonomousSystems').map((items) => items.map(Number)),
    prefixes: named('asPrefixes')
      .flat()
      .map((line) => {
        const { network, length, system } = PREFIX_LINE.exec(line)!.groups!;
        return { network: network!, length: Number(length), system: Number(system) };
      }),
  };
}

function itemsOf(text: Uint8Array): string[] {
  return Buffer.from(text)
    .toString('latin1')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(#|;|\/\/)/.test(line))
    .map(lowerCase);
}
