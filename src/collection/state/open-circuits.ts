/**
 * Circuit info (spec/counters.md, 4.1): for each circuit that streams were counted on, the class and start time of each of
 * them, until the circuit closes. The original keeps circuits whose close never comes for ever; here the number of
 * circuits and of streams is bounded, and when either is reached the circuit whose first stream was counted longest ago
 * is forgotten with all its streams. Hot path: everything lives in typed arrays, made once a round.
 */

/** Far above what a busy exit has open at once, some tens of thousands of circuits; together 20 MB. */
const CIRCUITS_MAX = 2 ** 17;
const STREAMS_MAX = 2 ** 20;

const NONE = -1;
/** A channel's and a circuit's id, each as low and high half. */
const KEY_WORDS = 4;

export class OpenCircuits {
  readonly #seed: number;
  readonly #circuitsMax: number;
  readonly #streamsMax: number;

  // Circuits, by number: a hash table with chains, and a doubly linked list from the oldest to the newest.
  readonly #buckets: Int32Array;
  readonly #keys: Uint32Array;
  readonly #nextInBucket: Int32Array;
  readonly #newer: Int32Array;
  readonly #older: Int32Array;
  readonly #firstStream: Int32Array;
  // Streams, by number, each circuit's in a chain.
  readonly #nextStream: Int32Array;
  readonly #portClasses: Uint8Array;
  readonly #startTimes: Float64Array;

  #oldest = NONE;
  #newest = NONE;
  /** Numbers never used yet start at these; numbers used before are in the free chains. */
  #circuitsUsed = 0;
  #streamsUsed = 0;
  #freeCircuit = NONE;
  #freeStream = NONE;

  /** `seed` is secret and random: clients choose the ids of their circuits, and shall not choose a bucket for all of them. */
  constructor(seed: number, limits = { circuits: CIRCUITS_MAX, streams: STREAMS_MAX }) {
    this.#seed = seed;
    this.#circuitsMax = limits.circuits;
    this.#streamsMax = limits.streams;
    let buckets = 1;
    while (buckets < limits.circuits) buckets *= 2;
    this.#buckets = new Int32Array(buckets).fill(NONE);
    this.#keys = new Uint32Array(limits.circuits * KEY_WORDS);
    this.#nextInBucket = new Int32Array(limits.circuits);
    this.#newer = new Int32Array(limits.circuits);
    this.#older = new Int32Array(limits.circuits);
    this.#firstStream = new Int32Array(limits.circuits);
    this.#nextStream = new Int32Array(limits.streams);
    this.#portClasses = new Uint8Array(limits.streams);
    this.#startTimes = new Float64Array(limits.streams);
  }

  /** Remembers a stream of the circuit with this key (four words: channel low, high, circuit low, high). */
  remember(key: Uint32Array, portClass: number, startTime: number): void {
    const stream = this.#takeStream();
    let circuit = this.#find(key);
    if (circuit === NONE) circuit = this.#open(key);
    this.#portClasses[stream] = portClass;
    this.#startTimes[stream] = startTime;
    this.#nextStream[stream] = this.#firstStream[circuit]!;
    this.#firstStream[circuit] = stream;
  }

  /** Forgets the circuit; before, calls `visit` with each of its streams, in no order. Answers how many there were. */
  close(key: Uint32Array, visit: (portClass: number, startTime: number) => void): number {
    const circuit = this.#find(key);
    if (circuit === NONE) return 0;
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
    this.#buckets.fill(NONE);
    this.#keys.fill(0);
    for (const links of [this.#nextInBucket, this.#newer, this.#older, this.#firstStream, this.#nextStream]) {
      links.fill(0);
    }
    this.#portClasses.fill(0);
    this.#startTimes.fill(0);
    this.#oldest = this.#newest = this.#freeCircuit = this.#freeStream = NONE;
    this.#circuitsUsed = this.#streamsUsed = 0;
  }

  #takeStream(): number {
    if (this.#freeStream === NONE && this.#streamsUsed === this.#streamsMax) this.#forget(this.#oldest);
    if (this.#freeStream === NONE) return this.#streamsUsed++;
    const stream = this.#freeStream;
    this.#freeStream = this.#nextStream[stream]!;
    return stream;
  }

  #takeCircuit(): number {
    if (this.#freeCircuit === NONE && this.#circuitsUsed === this.#circuitsMax) this.#forget(this.#oldest);
    if (this.#freeCircuit === NONE) return this.#circuitsUsed++;
    const circuit = this.#freeCircuit;
    this.#freeCircuit = this.#nextInBucket[circuit]!;
    return circuit;
  }

  #open(key: Uint32Array): number {
    const circuit = this.#takeCircuit();
    const bucket = this.#bucketOf(key, 0);
    this.#keys.set(key, circuit * KEY_WORDS);
    this.#firstStream[circuit] = NONE;
    this.#nextInBucket[circuit] = this.#buckets[bucket]!;
    this.#buckets[bucket] = circuit;
    this.#older[circuit] = this.#newest;
    this.#newer[circuit] = NONE;
    if (this.#newest === NONE) this.#oldest = circuit;
    else this.#newer[this.#newest] = circuit;
    this.#newest = circuit;
    return circuit;
  }

  #forget(circuit: number): void {
    this.#unlink(circuit);
    const first = this.#firstStream[circuit]!;
    let last = first;
    while (this.#nextStream[last] !== NONE) last = this.#nextStream[last]!;
    this.#nextStream[last] = this.#freeStream;
    this.#freeStream = first;
    this.#nextInBucket[circuit] = this.#freeCircuit;
    this.#freeCircuit = circuit;
  }

  /** Takes the circuit out of its bucket and out of the order of age. */
  #unlink(circuit: number): void {
    const bucket = this.#bucketOf(this.#keys, circuit * KEY_WORDS);
    const next = this.#nextInBucket[circuit]!;
    if (this.#buckets[bucket] === circuit) this.#buckets[bucket] = next;
    else {
      let before = this.#buckets[bucket]!;
      while (this.#nextInBucket[before] !== circuit) before = this.#nextInBucket[before]!;
      this.#nextInBucket[before] = next;
    }
    const older = this.#older[circuit]!;
    const newer = this.#newer[circuit]!;
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
  }

  #find(key: Uint32Array): number {
    const keys = this.#keys;
    let circuit = this.#buckets[this.#bucketOf(key, 0)]!;
    for (; circuit !== NONE; circuit = this.#nextInBucket[circuit]!) {
      const at = circuit * KEY_WORDS;
      if (
        keys[at + 2] === key[2] &&
        keys[at] === key[0] &&
        keys[at + 1] === key[1] &&
        keys[at + 3] === key[3]
      ) {
        return circuit;
      }
    }
    return NONE;
  }

  #bucketOf(words: Uint32Array, at: number): number {
    let hash = this.#seed;
    for (let word = at; word < at + KEY_WORDS; word += 1) {
      hash = Math.imul(hash ^ words[word]!, 0x9e37_79b1);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ this.#seed, 0x85eb_ca6b);
    return (hash ^ (hash >>> 13)) & (this.#buckets.length - 1);
  }
}
