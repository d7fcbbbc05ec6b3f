/** The plain model of spec/counters.md 3.1, 3.2 and 3.4. */
import { type PlainEvent, plainIpVersion } from './plain-events.js';
import { plainExactList, type PlainLists, plainSuffixList } from './plain-lists.js';
import { plainRatio, type PlainTotals } from './plain-totals.js';

type Streams = { readonly port: string; readonly created: number }[];

export class PlainStreams {
  readonly #totals: PlainTotals;
  readonly #lists: PlainLists;
  readonly #circuits = new Map<string, Streams>();

  constructor(totals: PlainTotals, lists: PlainLists) {
    this.#totals = totals;
    this.#lists = lists;
  }

  streamEnded(event: PlainEvent): void {
    const read = event.int('read');
    const written = event.int('written');
    if (read < 0n || written < 0n || read + written === 0n) return;
    const port = plainPortClass(event.int('port'));
    const circuit = `${event.int('chan')} ${event.int('circ')}`;
    const streams = this.#circuits.get(circuit) ?? [];
    streams.push({ port, created: event.float('created') });
    this.#circuits.set(circuit, streams);

    const web = port === 'Web' ? 'Web' : 'NonWeb';
    const address = plainIpVersion(event.text('ip'));
    const literal = plainIpVersion(event.text('host'));
    const host = literal === 0 ? 'Hostname' : `IPv${literal}Literal`;
    const nth = event.int('number') === 1n ? 'Initial' : 'Subsequent';
    const subcategories = ['', port, host, nth, host + nth];
    if (address !== 0) subcategories.push(`IPv${address}`, `IPv${address}${nth}`);
    if (web === 'NonWeb') subcategories.push('NonWeb');
    if (host === 'Hostname') subcategories.push(host + web, host + web + nth);
    for (const sub of subcategories) {
      this.#totals.add(`Exit${sub}StreamCount`, 1n);
      this.#addBytes(`Exit${sub}Stream`, 'Count', event);
      this.#addHistograms(`Exit${sub}Stream`, event);
    }
    if (host === 'Hostname' && web === 'Web' && nth === 'Initial') this.#countDomain(event);
  }

  /** An exit circuit that counts streams (3.4). */
  exitClosed(event: PlainEvent): void {
    const circuit = `${event.int('PreviousChannelId')} ${event.int('PreviousCircuitId')}`;
    const streams = this.#circuits.get(circuit);
    if (streams === undefined) return;
    this.#circuits.delete(circuit);
    this.#countStreams('', streams);
    for (const port of ['Web', 'Interactive', 'P2P', 'OtherPort']) {
      const ofClass = streams.filter((stream) => stream.port === port);
      if (ofClass.length === 0) continue;
      this.#totals.add(`Exit${port}CircuitCount`, 1n);
      this.#countStreams(port, ofClass);
    }
  }

  #countStreams(port: string, streams: Streams): void {
    this.#totals.add(`ExitCircuit${port}StreamHistogram`, 1n, streams.length);
    const times = streams.map(({ created }) => created).sort((left, right) => left - right);
    times.slice(1).forEach((time, at) => {
      this.#totals.add(`ExitCircuit${port}InterStreamCreationTime`, 1n, time - times[at]!);
    });
  }

  #addBytes(prefix: string, suffix: string, event: PlainEvent, value?: number): void {
    const read = event.int('read');
    const written = event.int('written');
    this.#totals.add(`${prefix}Byte${suffix}`, read + written, value);
    this.#totals.add(`${prefix}OutboundByte${suffix}`, written, value);
    this.#totals.add(`${prefix}InboundByte${suffix}`, read, value);
  }

  #addHistograms(prefix: string, event: PlainEvent): void {
    const read = event.int('read');
    const written = event.int('written');
    this.#totals.add(`${prefix}ByteHistogram`, 1n, Number(read + written));
    this.#totals.add(`${prefix}OutboundByteHistogram`, 1n, Number(written));
    this.#totals.add(`${prefix}InboundByteHistogram`, 1n, Number(read));
    this.#totals.add(`${prefix}ByteRatio`, 1n, plainRatio(read, written));
    this.#totals.add(`${prefix}LifeTime`, 1n, event.float('ended') - event.float('created'));
  }

  #countDomain(event: PlainEvent): void {
    const host = event.text('host');
    const exact = plainExactList(this.#lists.domains, host);
    const suffix = exact === Infinity ? plainSuffixList(this.#lists.domains, host) : exact;
    for (const [match, list] of [
      ['Exact', exact],
      ['Suffix', suffix],
    ] as const) {
      this.#addHistograms(`ExitDomain${list === 0 ? '' : 'No'}${match}MatchWebInitialStream`, event);
      const prefix = `ExitDomain${match}MatchWebInitialStream`;
      this.#totals.add(`${prefix}CountList`, 1n, list);
      this.#addBytes(prefix, 'CountList', event, list);
    }
  }
}

function plainPortClass(port: bigint): string {
  const isIn = (first: number, last: number): boolean => port >= BigInt(first) && port <= BigInt(last);
  if ([80n, 443n].includes(port)) return 'Web';
  if ([22n, 194n, 994n, 6679n, 6697n, 7000n].includes(port) || isIn(6660, 6670)) return 'Interactive';
  const isShared = [1214n, 6699n, 45_682n, 51_413n].includes(port);
  return isShared || isIn(4661, 4666) || isIn(6346, 6429) || isIn(6881, 6999) ? 'P2P' : 'OtherPort';
}
