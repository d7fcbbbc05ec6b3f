/** The match lists of a round (spec/counters.md, section 7), checked together and ready for look-up. */
import { type AsLists, buildAsLists } from './lists/as-lists.js';
import { readAsFile, readAsPrefixFile } from './lists/as-file.js';
import { buildDomainLists } from './lists/domain-lists.js';
import { type ListFindings } from './lists/list-file.js';
import { type OverlapRule } from './lists/list-findings.js';
import { type ListKind, NAME_READERS, type NameListKind } from './lists/list-texts.js';
import { type NameLists } from './lists/name-lists.js';
import { type Names } from './lists/names.js';
import { buildOnionLists, type Md5Hex, type OnionLists } from './lists/onion-lists.js';
import { buildWordLists } from './lists/word-lists.js';

/** A kind of list that is not configured is absent: everything is then in no list. */
export type MatchLists = {
  readonly domains?: NameLists | undefined;
  readonly countries?: NameLists | undefined;
  readonly autonomousSystems?: AsLists | undefined;
  readonly hsdirStores?: NameLists | undefined;
  readonly hsdirFetches?: NameLists | undefined;
  readonly circuitFailures?: NameLists | undefined;
  readonly onionAddresses?: OnionLists | undefined;
};

/** AS prefixes are no lists of their own, but come with those of autonomous systems. */
export type ListTextKind = ListKind | 'asPrefixes';

/** The texts of each kind's lists in their order; of AS prefixes two, IPv4 and IPv6. */
export type ListTexts = Readonly<Partial<Record<ListTextKind, readonly Uint8Array[]>>>;

/** What is wrong with a kind of lists: with one, by number, or with all together. */
export type ListFinding = {
  readonly kind: ListTextKind;
  readonly list: number | undefined;
  readonly problem: string;
};

export type BuiltLists = {
  readonly lists: MatchLists;
  readonly faults: readonly ListFinding[];
  readonly warnings: readonly ListFinding[];
};

const PREFIXES_MISSING =
  'lists of autonomous systems need two files of prefixes, IPv4 and IPv6, and those need lists';

/** Reads and checks all lists; the lists must not be used if there are faults. */
export function buildMatchLists(
  texts: ListTexts,
  options: OverlapRule & { readonly md5Hex: Md5Hex },
): BuiltLists {
  const findings = new Findings();
  const namesOf = (kind: NameListKind): Names[] =>
    (texts[kind] ?? []).map((text, list) => findings.note(kind, list, NAME_READERS[kind](text)).names);
  const wordsOf = (kind: NameListKind): NameLists | undefined => {
    const names = namesOf(kind);
    if (names.length === 0) return undefined;
    return findings.note(kind, undefined, buildWordLists(names, options)).words;
  };
  const domains = namesOf('domains');
  const onions = namesOf('onionAddresses');
  const lists: MatchLists = {
    domains:
      domains.length === 0
        ? undefined
        : findings.note('domains', undefined, buildDomainLists(domains, options)).domains,
    countries: wordsOf('countries'),
    autonomousSystems: readSystems(texts, options, findings),
    hsdirStores: wordsOf('hsdirStores'),
    hsdirFetches: wordsOf('hsdirFetches'),
    circuitFailures: wordsOf('circuitFailures'),
    onionAddresses:
      onions.length === 0
        ? undefined
        : findings.note('onionAddresses', undefined, buildOnionLists(onions, options, options.md5Hex)).onions,
  };
  return { lists, faults: findings.faults, warnings: findings.warnings };
}

function readSystems(texts: ListTexts, rule: OverlapRule, findings: Findings): AsLists | undefined {
  const files = texts.autonomousSystems ?? [];
  const [ipv4, ipv6, ...others] = texts.asPrefixes ?? [];
  if (files.length === 0 && ipv4 === undefined) return undefined;
  if (files.length === 0 || ipv4 === undefined || ipv6 === undefined || others.length > 0) {
    findings.note('asPrefixes', undefined, { faults: [PREFIXES_MISSING], warnings: [] });
    return undefined;
  }
  const numbers = files.map(
    (text, list) => findings.note('autonomousSystems', list, readAsFile(text)).numbers,
  );
  const prefixes = {
    ipv4: findings.note('asPrefixes', 0, readAsPrefixFile(ipv4, 4)).prefixes,
    ipv6: findings.note('asPrefixes', 1, readAsPrefixFile(ipv6, 6)).prefixes,
  };
  return findings.note('autonomousSystems', undefined, buildAsLists(numbers, prefixes, rule)).systems;
}

class Findings {
  readonly faults: ListFinding[] = [];
  readonly warnings: ListFinding[] = [];

  /** Keeps what was found, and hands on what was read. */
  note<Read extends ListFindings>(kind: ListTextKind, list: number | undefined, read: Read): Read {
    this.faults.push(...read.faults.map((problem) => ({ kind, list, problem })));
    this.warnings.push(...read.warnings.map((problem) => ({ kind, list, problem })));
    return read;
  }
}
