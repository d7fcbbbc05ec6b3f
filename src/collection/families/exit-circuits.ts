/**
 * Family "streams per exit circuit" (spec/counters.md, 2.2 and 3.4): how many streams a circuit that leaves here carried, and
 * how far apart they began. Streams are remembered when they end and counted when their circuit closes, so the family
 * needs both events.
 */
import { CIRCUIT_CLOSE } from '../../tor/events/circuit-close.js';
import { type EventRecord } from '../../tor/events/event-record.js';
import { STREAM_ENDED } from '../../tor/events/stream-ended.js';
import { Adder, type AdderTarget, NO_VALUE, ONE, type Program } from '../adder.js';
import { type CatalogueEntry, entriesOf, histogram, total } from '../catalogue/entry.js';
import { optional, sequence, word } from '../catalogue/grammar.js';
import { OpenCircuits } from '../state/open-circuits.js';
import { PORT_CLASSES, PORT_TERM } from './port-classes.js';

const VALUES = { streams: 0, interval: 1 } as const;
const VALUE_COUNT = 2;

const CIRCUIT_COUNT = total('CircuitCount', ONE, 'circuits', 'Number of');
const STREAMS = histogram('StreamHistogram', VALUES.streams, 'streams', 'Streams per circuit');
const INTERVALS = histogram(
  'InterStreamCreationTime',
  VALUES.interval,
  'seconds',
  'Seconds from the creation of one stream to that of the next on the same circuit',
);

const FAMILY = {
  family: 'streams per exit circuit',
  events: ['PRIVCOUNT_CIRCUIT_CLOSE', 'PRIVCOUNT_STREAM_ENDED'],
} as const;
const SAYS = 'closed exit circuits with streams';

export const EXIT_CIRCUIT_ENTRIES: readonly CatalogueEntry[] = [
  ...entriesOf(FAMILY, sequence([word('Exit', SAYS)], PORT_TERM), [CIRCUIT_COUNT]),
  ...entriesOf(FAMILY, sequence([word('ExitCircuit', SAYS)], optional(PORT_TERM)), [STREAMS, INTERVALS]),
];

/** What is counted of all streams of a circuit, or of those of one port class. */
type Programs = { readonly circuits: Program; readonly streams: Program; readonly intervals: Program };

export class ExitCircuits {
  readonly #adder: Adder;
  readonly #open: OpenCircuits;
  readonly #all: Programs;
  readonly #byClass: readonly Programs[];
  readonly #key = new Uint32Array(4);
  /** Start times of the circuit that is closing, by port class. */
  readonly #times: number[][] = PORT_CLASSES.map(() => []);
  readonly #note = (portClass: number, startTime: number): void =>
    void this.#times[portClass]!.push(startTime);

  /** Undefined if the plan has no counter of this family. */
  static compile(target: AdderTarget, hashSeed: number): ExitCircuits | undefined {
    const isNeeded = EXIT_CIRCUIT_ENTRIES.some(({ name }) => target.layout.byName.has(name));
    return isNeeded ? new ExitCircuits(target, new OpenCircuits(hashSeed)) : undefined;
  }

  private constructor(target: AdderTarget, open: OpenCircuits) {
    this.#adder = new Adder(target, { amounts: 1, values: VALUE_COUNT });
    this.#open = open;
    this.#all = compilePrograms(this.#adder, '');
    this.#byClass = PORT_CLASSES.map((portClass) => compilePrograms(this.#adder, portClass));
  }

  /** Remembers a stream that has ended. */
  remember(stream: EventRecord, portClass: number): void {
    const { at } = STREAM_ENDED;
    if (!this.#readKey(stream, at.channelId, at.circuitId)) return;
    this.#open.remember(this.#key, portClass, stream.numbers[at.createdTime]!);
  }

  /** Counts the streams of an exit circuit that has closed, and forgets it. */
  close(circuit: EventRecord): void {
    const { at } = CIRCUIT_CLOSE;
    if (!this.#readKey(circuit, at.PreviousChannelId, at.PreviousCircuitId)) return;
    const streams = this.#open.close(this.#key, this.#note);
    if (streams === 0) return;
    this.#byClass.forEach((programs, portClass) => {
      this.#count(programs, this.#times[portClass]!);
    });
    this.#count(this.#all, this.#times.flat());
    for (const times of this.#times) times.length = 0;
  }

  wipe(): void {
    this.#open.wipe();
    this.#adder.wipe();
    this.#key.fill(0);
  }

  #count(programs: Programs, times: number[]): void {
    if (times.length === 0) return;
    this.#adder.run(programs.circuits);
    this.#adder.place(VALUES.streams, times.length);
    this.#adder.run(programs.streams);
    if (programs.intervals.length === 0) return;
    times.sort((left, right) => left - right);
    for (let at = 1; at < times.length; at += 1) {
      this.#adder.place(VALUES.interval, times[at]! - times[at - 1]!);
      this.#adder.run(programs.intervals);
    }
  }

  /** Takes the circuit's ids from two fields of the record. False if one is negative, which no closing circuit's is. */
  #readKey(record: EventRecord, channel: number, circuit: number): boolean {
    this.#key[0] = record.low[channel]!;
    this.#key[1] = record.high[channel]!;
    this.#key[2] = record.low[circuit]!;
    this.#key[3] = record.high[circuit]!;
    return record.numbers[channel]! >= 0 && record.numbers[circuit]! >= 0;
  }
}

function compilePrograms(adder: Adder, portClass: string): Programs {
  const compile = (name: string, at: number): Program => adder.compile([{ name, adds: ONE, at }]);
  return {
    // There is no count of circuits of all classes together: `ExitCircuitCount` is of another family.
    circuits: portClass === '' ? adder.compile([]) : compile(`Exit${portClass}CircuitCount`, NO_VALUE),
    streams: compile(`ExitCircuit${portClass}${STREAMS.suffix}`, STREAMS.at),
    intervals: compile(`ExitCircuit${portClass}${INTERVALS.suffix}`, INTERVALS.at),
  };
}
