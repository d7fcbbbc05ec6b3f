/** The plain model of tor's own events: ORCONN and BW as the head of handlers/or-connection.ts says, with maps and strings. */
import { plainInt, plainIpVersion } from './plain-events.js';
import { plainExactList, type PlainLists } from './plain-lists.js';
import { type PlainTotals } from './plain-totals.js';

const STATUSES = ['NEW', 'LAUNCHED', 'CONNECTED', 'FAILED', 'CLOSED'];
const KEYWORDS = ['REASON', 'NCIRCS', 'ID', 'COUNTRY'];
const TARGET_BYTES_MAX = 64;

/** An address in one way of writing it; undefined for a relay. */
type Target = { readonly address: string | undefined };

function plainTarget(text: string): Target | undefined {
  if (text.startsWith('$')) return /^\$[0-9a-f]{40}(~|$)/i.test(text) ? { address: undefined } : undefined;
  const [, host, port] = /^(.*):(\d{1,5})$/s.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  const bracketed = /^\[(.*)\]$/s.exec(host)?.[1];
  if (bracketed === undefined && plainIpVersion(host) === 4)
    return { address: host.split('.').map(Number).join('.') };
  const ipv6 = bracketed ?? host;
  return plainIpVersion(ipv6) === 6 ? { address: new URL(`http://[${ipv6}]`).hostname } : undefined;
}

function plainCount(text: string): bigint | undefined {
  const value = plainInt(text);
  return value !== undefined && value >= 0n ? value : undefined;
}

/** The keywords among the words; undefined if one stands twice. */
function keywordsOf(words: readonly string[]): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  for (const word of words) {
    const [key, ...values] = word.split('=');
    if (values.length === 0 || !KEYWORDS.includes(key!)) continue;
    if (found.has(key!)) return undefined;
    found.set(key!, values.join('='));
  }
  return found;
}

type Open = { readonly openedAtMs: number; readonly subjects: readonly string[] };

export class PlainStandard {
  readonly #totals: PlainTotals;
  readonly #lists: PlainLists;
  readonly #nowMs: () => number;
  readonly #open = new Map<string, Open>();
  readonly #addresses = new Set<string>();

  constructor(totals: PlainTotals, lists: PlainLists, nowMs: () => number) {
    this.#totals = totals;
    this.#lists = lists;
    this.#nowMs = nowMs;
  }

  /** Counts a line of which the name is taken off; false if it is not valid. */
  bandwidth(rest: string): boolean {
    const [read, written] = rest.split(' ').map(plainCount);
    if (read === undefined || written === undefined) return false;
    for (const [what, bytes] of [
      ['Byte', read + written],
      ['ReadByte', read],
      ['WrittenByte', written],
    ] as const) {
      this.#totals.add(`Bandwidth${what}Count`, bytes);
      this.#totals.add(`Bandwidth${what}Histogram`, 1n, Number(bytes));
    }
    return true;
  }

  connection(rest: string): boolean {
    const [text = '', status = '', ...words] = rest.split(' ');
    const keywords = keywordsOf(words);
    const id = plainCount(keywords?.get('ID') ?? '');
    const target = text.length > TARGET_BYTES_MAX ? undefined : plainTarget(text);
    if (keywords === undefined || id === undefined || target === undefined) return false;
    if (!STATUSES.includes(status)) return false;
    if (keywords.has('NCIRCS') && plainCount(keywords.get('NCIRCS')!) === undefined) return false;
    const country = keywords.get('COUNTRY') ?? '??';
    if (country.length !== 2) return false;
    const key = `${id} ${target.address === undefined ? text.slice(0, 41) : text}`;
    if (status === 'CONNECTED') this.#opened(key, target, country);
    if (status === 'CLOSED' || status === 'FAILED') this.#closed(key);
    return true;
  }

  rotate(): void {
    this.#addresses.clear();
  }

  #opened(key: string, { address }: Target, country: string): void {
    const openedAtMs = this.#nowMs();
    if (address === undefined) {
      this.#open.set(key, { openedAtMs, subjects: ['ORConnectionRelay'] });
      this.#totals.add('ORConnectionRelayCount', 1n);
      return;
    }
    const list = plainExactList(this.#lists.countries, country);
    const match = list === 0 ? 'CountryMatch' : 'CountryNoMatch';
    this.#open.set(key, { openedAtMs, subjects: ['ORConnectionClient', `ORConnectionClient${match}`] });
    this.#totals.add('ORConnectionClientCount', 1n);
    this.#totals.add('ORConnectionClientCountryMatchCountList', 1n, list);
    if (this.#addresses.has(address)) return;
    this.#addresses.add(address);
    this.#totals.add('ORConnectionClientIPCount', 1n);
    this.#totals.add('ORConnectionClientIPCountryMatchCountList', 1n, list);
  }

  #closed(key: string): void {
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#open.delete(key);
    const seconds = Math.max(0, this.#nowMs() - open.openedAtMs) / 1000;
    for (const subject of open.subjects) this.#totals.add(`${subject}LifeTime`, 1n, seconds);
  }
}
