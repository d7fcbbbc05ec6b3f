/**
 * Family "exit streams" (spec/counters.md, 2.2 and 3.1): what each stream that leaves through this exit carried, overall
 * and for sub-categories by port, address, host and place on the circuit. Hot path: one program a kind of stream.
 */
import { type IpVersion } from '../../tor/events/address.js';
import { type Adder, type Program } from '../adder.js';
import { additionsOf, type CatalogueEntry, entriesOf } from '../catalogue/entry.js';
import { optional, sequence, type Term, word } from '../catalogue/grammar.js';
import { PORT_CLASSES, PORT_TERM } from './port-classes.js';
import { STREAM_COUNTS, STREAM_HISTOGRAMS } from './stream-measures.js';

/** What the remote address is, by its IP version: none, 4 and 6. */
const ADDRESSES = ['', 'IPv4', 'IPv6'] as const;
/** How the client named the host, by the IP version of that name. */
const HOSTS = ['Hostname', 'IPv4Literal', 'IPv6Literal'] as const;
/** By whether the stream is the first on its circuit. */
const PLACES = ['Subsequent', 'Initial'] as const;
const KINDS = PORT_CLASSES.length * ADDRESSES.length * HOSTS.length * PLACES.length;

const NTH: Term = [
  word('Initial', 'first exit stream of its circuit'),
  word('Subsequent', 'not the first exit stream of its circuit'),
];
const HOST: Term = [
  word('IPv4', 'to an IPv4 address'),
  word('IPv6', 'to an IPv6 address'),
  word('IPv4Literal', 'host given as an IPv4 address'),
  word('IPv6Literal', 'host given as an IPv6 address'),
  word('Hostname', 'host given as a name'),
];
const NON_WEB = word('NonWeb', 'to any port but 80 and 443');
const NAMED_HOST = word('Hostname', 'host given as a name');
const WEB_OR_NOT: Term = [word('Web', 'to ports 80 and 443'), NON_WEB];

const SUBCATEGORIES: Term = [
  word(''),
  ...PORT_TERM,
  NON_WEB,
  ...NTH,
  ...sequence(HOST, optional(NTH)),
  ...sequence([NAMED_HOST], WEB_OR_NOT, optional(NTH)),
];

const MEASURES = [...STREAM_COUNTS, ...STREAM_HISTOGRAMS];

export const EXIT_STREAM_ENTRIES: readonly CatalogueEntry[] = entriesOf(
  { family: 'exit streams', events: ['PRIVCOUNT_STREAM_ENDED'] },
  sequence([word('Exit', 'exit streams')], SUBCATEGORIES, [word('Stream')]),
  MEASURES,
);

/**
 * The number of the kind of a stream, by which its program is found; the versions are those of the remote address and of
 * the host, 0 for a host name.
 */
export function streamKind(
  portClass: number,
  addressVersion: IpVersion,
  hostVersion: IpVersion,
  isFirst: boolean,
): number {
  const address = portClass * ADDRESSES.length + versionPlace(addressVersion);
  const host = address * HOSTS.length + versionPlace(hostVersion);
  return host * PLACES.length + (isFirst ? 1 : 0);
}

function versionPlace(version: IpVersion): number {
  return version === 0 ? 0 : version === 4 ? 1 : 2;
}

/** One program for each kind of stream; the amounts and values are those of stream-measures.ts. */
export function compileExitStreams(adder: Adder): readonly Program[] {
  return Array.from({ length: KINDS }, (_, kind) =>
    adder.compile(
      additionsOf(
        subcategoriesOf(kind).map((sub) => `Exit${sub}Stream`),
        MEASURES,
      ),
    ),
  );
}

/** The sub-categories that a stream of the kind belongs to (3.1, step 6). */
function subcategoriesOf(kind: number): string[] {
  const [hostKind, place] = divide(kind, PLACES);
  const [addressKind, host] = divide(hostKind, HOSTS);
  const [portKind, address] = divide(addressKind, ADDRESSES);
  const port = PORT_CLASSES[portKind]!;
  const web = port === 'Web' ? 'Web' : 'NonWeb';
  return [
    '',
    port,
    ...(address === '' ? [] : [address, address + place]),
    host,
    place,
    host + place,
    ...(web === 'NonWeb' ? [web] : []),
    ...(host === 'Hostname' ? [host + web, host + web + place] : []),
  ];
}

function divide<Name>(kind: number, names: readonly Name[]): [rest: number, name: Name] {
  return [Math.floor(kind / names.length), names[kind % names.length]!];
}
