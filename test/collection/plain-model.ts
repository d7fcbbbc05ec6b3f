/**
 * The plain model of counting: spec/counters.md word by word, with names put together for each event, bigint and maps. It
 * is what the compiled collection must agree with, and what the bench measures it against.
 */
import { type Bin } from '../../src/core/bins.js';
import { parsePlain, type PlainEvent } from './plain-events.js';
import { type PlainLists, PlainStreams } from './plain-streams.js';
import { PlainTotals } from './plain-totals.js';

export class PlainModel {
  readonly totals: PlainTotals;
  readonly #streams: PlainStreams;

  constructor(
    counters: Iterable<{ readonly name: string; readonly bins: readonly Bin[] }>,
    lists: PlainLists,
  ) {
    this.totals = new PlainTotals(counters);
    this.#streams = new PlainStreams(this.totals, lists);
  }

  /** Counts a line; false if it is no valid event. */
  count(line: string): boolean {
    const event = parsePlain(line);
    if (event === undefined) return false;
    this.#apply(event);
    return true;
  }

  #apply(event: PlainEvent): void {
    if (event.name === 'PRIVCOUNT_STREAM_ENDED') this.#streams.streamEnded(event);
    if (event.name === 'PRIVCOUNT_CIRCUIT_CLOSE') this.#streams.circuitClosed(event);
  }
}
