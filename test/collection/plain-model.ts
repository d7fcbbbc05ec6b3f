/**
 * The plain model of counting: spec/counters.md word by word, with names put together for each event, bigint and maps. It
 * is what the compiled collection must agree with, and what the bench measures it against.
 */
import { type SubModelKind } from '../../src/collection/traffic/traffic-model.js';
import { type Bin } from '../../src/core/bins.js';
import { PlainCircuits } from './plain-circuits.js';
import { parsePlain, type PlainEvent } from './plain-events.js';
import { type PlainLists } from './plain-lists.js';
import { countConnection, countHsdir } from './plain-others.js';
import { plainPath } from './plain-paths.js';
import { PlainStandard } from './plain-standard.js';
import { PlainStreams } from './plain-streams.js';
import { PlainTotals } from './plain-totals.js';

const LEGACY_KEYS = [
  'PreviousChannelId',
  'PreviousCircuitId',
  'InboundExitByteCount',
  'OutboundExitByteCount',
];

export class PlainModel {
  readonly totals: PlainTotals;
  readonly #lists: PlainLists;
  readonly #streams: PlainStreams;
  readonly #circuits: PlainCircuits;
  readonly #standard: PlainStandard;
  readonly #subModels: readonly SubModelKind[];

  constructor(
    counters: Iterable<{ readonly name: string; readonly bins: readonly Bin[] }>,
    lists: PlainLists,
    startedAtMs = 0,
    subModels: readonly SubModelKind[] = [],
    nowMs: () => number = () => startedAtMs,
  ) {
    this.#lists = lists;
    this.#subModels = subModels;
    this.totals = new PlainTotals(counters);
    this.#streams = new PlainStreams(this.totals, lists);
    this.#circuits = new PlainCircuits(this.totals, lists, startedAtMs);
    this.#standard = new PlainStandard(this.totals, lists, nowMs);
  }

  /** Counts a line; false if it is no valid event. */
  count(line: string): boolean {
    const [, name, rest] = /^(ORCONN|BW) (.*?)[ \t\n\v\f\r]*$/s.exec(line) ?? [];
    if (name === 'ORCONN') return this.#standard.connection(rest!);
    if (name === 'BW') return this.#standard.bandwidth(rest!);
    const event = parsePlain(line);
    if (event === undefined) return false;
    return this.#apply(event);
  }

  rotate(nowMs: number): void {
    this.#circuits.rotate(nowMs);
    this.#standard.rotate();
  }

  #apply(event: PlainEvent): boolean {
    switch (event.name) {
      case 'PRIVCOUNT_STREAM_ENDED':
        this.#streams.streamEnded(event);
        break;
      case 'PRIVCOUNT_CIRCUIT_CLOSE':
        this.#applyLegacy(event);
        this.#circuits.circuitClosed(event);
        break;
      case 'PRIVCOUNT_CONNECTION_CLOSE':
        countConnection(this.totals, this.#lists, event);
        break;
      case 'PRIVCOUNT_HSDIR_CACHE_STORE':
      case 'PRIVCOUNT_HSDIR_CACHE_FETCH':
        countHsdir(this.totals, this.#lists, event);
        break;
      case 'PRIVCOUNT_VITERBI_PACKETS':
        return this.#applyPath('packets', event.text('ViterbiPathPackets'));
      case 'PRIVCOUNT_VITERBI_STREAMS':
        return this.#applyPath('streams', event.text('ViterbiPathStreams'));
    }
    return true;
  }

  /** Without a model of the kind a path is not looked at. */
  #applyPath(kind: SubModelKind, payload: string): boolean {
    if (!this.#subModels.includes(kind)) return true;
    const increments = plainPath(payload, kind);
    for (const [name, amount] of increments ?? []) this.totals.add(name, amount);
    return increments !== undefined;
  }

  /** 3.4: which circuits count clients, and which streams. */
  #applyLegacy(event: PlainEvent): void {
    if (event.int('IsLegacyCircuitEndEventFlag') !== 1n) return;
    if (!LEGACY_KEYS.every((key) => event.has(key))) return;
    const isOnionOrDir = ['Dir', 'HSDir', 'Intro', 'Rend'].some((end) => event.int(`Is${end}Flag`) === 1n);
    if (event.int('IsEntryFlag') === 1n) this.#circuits.noteClient(event);
    else if (event.int('IsExitFlag') === 1n && !isOnionOrDir) this.#streams.exitClosed(event);
  }
}
