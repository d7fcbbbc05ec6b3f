/** The plain model of spec/counters.md 3.3 and 3.5: circuits, and the books of client addresses. */
import { type PlainEvent } from './plain-events.js';
import { addressBits, plainExactList, type PlainLists } from './plain-lists.js';
import { plainRatio, type PlainTotals } from './plain-totals.js';

type Client = { isActive: boolean; active: number; inactive: number };

export class PlainCircuits {
  readonly #totals: PlainTotals;
  readonly #lists: PlainLists;
  #rotatedAt: number;
  #current = new Map<string, Client>();
  #previous = new Map<string, Client>();

  constructor(totals: PlainTotals, lists: PlainLists, startedAtMs: number) {
    this.#totals = totals;
    this.#lists = lists;
    this.#rotatedAt = startedAtMs / 1000;
  }

  /** An entry circuit that counts clients (3.4). */
  noteClient(event: PlainEvent): void {
    const address = event.has('PreviousNodeIPAddress') ? event.text('PreviousNodeIPAddress') : '0.0.0.0';
    const isBusy = cellsOf(event, 'Inbound') + cellsOf(event, 'Outbound') >= 8n;
    const client = clientOf(this.#current, address);
    client.isActive ||= isBusy;
    client[isBusy ? 'active' : 'inactive'] += 1;
    if (event.float('CreatedTimestamp') < this.#rotatedAt)
      clientOf(this.#previous, address).isActive ||= isBusy;
  }

  rotate(nowMs: number): void {
    for (const { isActive, active, inactive } of this.#previous.values()) {
      this.#totals.add('EntryClientIPActiveCircuitHistogram', 1n, active);
      this.#totals.add('EntryClientIPInactiveCircuitHistogram', 1n, inactive);
      this.#totals.add('EntryClientIPCount', 1n);
      this.#totals.add(`Entry${isActive ? 'Active' : 'Inactive'}ClientIPCount`, 1n);
    }
    this.#previous = this.#current;
    this.#current = new Map();
    this.#rotatedAt = nowMs / 1000;
  }

  circuitClosed(event: PlainEvent): void {
    const is = (flag: string): boolean => event.int(`Is${flag}Flag`) === 1n;
    const isDirectoryOrOnion = ['Dir', 'HSDir', 'Intro', 'Rend'].some(is);
    const isExit = is('Exit') && !isDirectoryOrOnion;
    const inbound = cellsOf(event, 'Inbound');
    const outbound = cellsOf(event, 'Outbound');
    const hasVersion = event.has('HiddenServiceVersionNumber');
    let isActive = inbound + outbound >= 8n;
    if (isExit || is('Dir') || is('HSDir')) isActive = true;
    if ((is('Intro') || is('Rend')) && !hasVersion) isActive = false;
    const isFailure = event.has('FailureReasonString');
    const activity = isActive ? 'Active' : 'Inactive';
    const status = isFailure ? 'Failure' : 'Success';

    const parts = ['Origin', 'Entry', 'Mid', 'End'].filter(is);
    if (is('Entry') && is('End')) parts.push('SingleHop');
    if (isExit) parts.push('Exit');
    if (is('Dir')) parts.push('Dir');
    parts.push(...onionParts(event, is));
    for (const part of parts) {
      const subjects = [part, part + status];
      if (!/^(Exit|Dir|HSDir)/.test(part)) subjects.push(part + activity, part + activity + status);
      for (const subject of subjects) this.#count(`${subject}Circuit`, event, { isActive, isFailure });
    }
    if (isExit)
      for (const side of ['Client', 'Service']) this.#totals.add(`ExitAndRend2${side}CircuitCount`, 1n);
    if (is('Rend') && event.int('HiddenServiceVersionNumber') === 2n && event.has('IsHSClientSideFlag')) {
      this.#totals.add(`ExitAndRend2${is('HSClientSide') ? 'Client' : 'Service'}CircuitCount`, 1n);
    }
  }

  #count(prefix: string, event: PlainEvent, state: { isActive: boolean; isFailure: boolean }): void {
    const inbound = cellsOf(event, 'Inbound');
    const outbound = cellsOf(event, 'Outbound');
    const { isActive, isFailure } = state;
    this.#totals.add(`${prefix}Count`, 1n);
    this.#totals.add(`${prefix}InboundCellCount`, inbound);
    this.#totals.add(`${prefix}OutboundCellCount`, outbound);
    this.#totals.add(`${prefix}InboundCellHistogram`, 1n, Number(inbound));
    this.#totals.add(`${prefix}OutboundCellHistogram`, 1n, Number(outbound));
    if (isActive) this.#totals.add(`${prefix}CellRatio`, 1n, plainRatio(inbound, outbound));
    this.#totals.add(
      `${prefix}LifeTime`,
      1n,
      event.float('EventTimestamp') - event.float('CreatedTimestamp'),
    );
    if (isFailure) {
      const list = plainExactList(this.#lists.circuitFailures, event.text('FailureReasonString'));
      this.#totals.add(`${prefix}ReasonCountList`, 1n, list);
    }
  }
}

function onionParts(event: PlainEvent, is: (flag: string) => boolean): string[] {
  const end = ['HSDir', 'Intro', 'Rend'].find(is);
  if (end === undefined) return [];
  const version = event.has('HiddenServiceVersionNumber')
    ? String(event.int('HiddenServiceVersionNumber'))
    : 'U';
  const prefixes = [end, end + version];
  if (!event.has('IsHSClientSideFlag')) return prefixes;
  const role = is('HSClientSide') ? 'Client' : 'Service';
  const isSingleHop = is('Entry') && is('End');
  const hop = isSingleHop ? (role === 'Client' ? 'Tor2Web' : 'SingleOnion') : 'MultiHop';
  return prefixes.flatMap((prefix) => [prefix, prefix + role, prefix + hop + role]);
}

function cellsOf(event: PlainEvent, direction: string): bigint {
  const counts = ['Received', 'Sent', 'Exit'].map((end) => event.int(`${direction}${end}CellCount`));
  return counts.reduce((greatest, count) => (count > greatest ? count : greatest), 0n);
}

function clientOf(book: Map<string, Client>, address: string): Client {
  const key = addressBits(address);
  const client = book.get(key) ?? { isActive: false, active: 0, inactive: 0 };
  book.set(key, client);
  return client;
}
