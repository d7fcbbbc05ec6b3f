/**
 * Circuit info (spec/counters.md, 4.1): for each circuit that streams were counted on, the class and start time of each of
 * them, until the circuit closes. The original keeps circuits whose close never comes for ever; here the number of
 * circuits and of streams is bounded, and when either is reached the circuit whose first stream was counted longest ago
 * is forgotten with all its streams. Hot path: everything lives in typed arrays, made once a round.
 */
import { AgedKeys, NO_KEY } from './aged-keys.js';

/** Far above what a busy exit has open at once, some tens of thousands of circuits; together 20 MB. */
const CIRCUITS_MAX = 2 ** 17;
const STREAMS_MAX = 2 ** 20;

const NONE = -1;
/** A channel's and a circuit's id, each as low and high half. */
const KEY_WORDS = 4;

export class OpenCircuits {
  readonly #streamsMax: number;

  // Circuits, by the number of their keys.
  readonly #circuits: AgedKeys;
  readonly #firstStream: Int32Array;
  // Streams, by number, each circuit's in a chain.
  readonly #nextStream: Int32Array;
  readonly #portClasses: Uint8Array;
  readonly #startTimes: Float64Array;

  /** Numbers never used yet start at this; numbers used before are in the free chain. */
  #streamsUsed = 0;
  #freeStream = NONE;

  /** `seed` is secret and random: clients choose the ids of their circuits, and shall not choose a bucket for all of them. */
  constructor(seed: number, limits = { circuits: CIRCUITS_MAX, streams: STREAMS_MAX }) {
    this.#streamsMax = limits.streams;
    this.#circuits = new AgedKeys({ seed, max: limits.circuits, words: KEY_WORDS });
    this.#firstStream = new Int32Array(limits.circuits);
    this.#nextStream = new Int32Array(limits.streams);
    this.#portClasses = new Uint8Array(limits.streams);
    this.#startTimes = new Float64Array(limits.streams);
  }

  /** Remembers a stream of the circuit with this key (four words: channel low, high, circuit low, high). */
  remember(key: Uint32Array, portClass: number, startTime: number): void {
    const stream = this.#takeStream();
    let circuit = this.#circuits.find(key);
    if (circuit === NO_KEY) circuit = this.#open(key);
    this.#portClasses[stream] = portClass;
    this.#startTimes[stream] = startTime;
    this.#nextStream[stream] = this.#firstStream[circuit]!;
    this.#firstStream[circuit] = stream;
  }

  /** Forgets the circuit; before, calls `visit` with each of its streams, in no order. Answers how many there were. */
  close(key: Uint32Array, visit: (portClass: number, startTime: number) => void): number {
    const circuit = this.#circuits.find(key);
    if (circuit === NO_KEY) return 0;
    let streams = 0;
    for (let stream = this.#firstStream[circuit]!; stream !== NONE; stream = this.#nextStream[stream]!) {
      visit(this.#portClasses[stream]!, this.#startTimes[stream]!);
      streams += 1;
    }
    this.#forget(circuit);
    return streams;
  }

  /** Forgets everything, and leaves no trace of it in memory. */
  wipe(): void {
    this.#circuits.wipe();
    this.#firstStream.fill(0);
    this.#nextStream.fill(0);
    this.#portClasses.fill(0);
    this.#startTimes.fill(0);
    this.#freeStream = NONE;
    this.#streamsUsed = 0;
  }

  #takeStream(): number {
    if (this.#freeStream === NONE && this.#streamsUsed === this.#streamsMax)
      this.#forget(this.#circuits.oldest);
    if (this.#freeStream === NONE) return this.#streamsUsed++;
    const stream = this.#freeStream;
    this.#freeStream = this.#nextStream[stream]!;
    return stream;
  }

  #open(key: Uint32Array): number {
    if (this.#circuits.isFull) this.#forget(this.#circuits.oldest);
    const circuit = this.#circuits.add(key);
    this.#firstStream[circuit] = NONE;
    return circuit;
  }

  #forget(circuit: number): void {
    this.#circuits.remove(circuit);
    const first = this.#firstStream[circuit]!;
    let last = first;
    while (this.#nextStream[last] !== NONE) last = this.#nextStream[last]!;
    this.#nextStream[last] = this.#freeStream;
    this.#freeStream = first;
  }
}
