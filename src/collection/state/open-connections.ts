/**
 * Connections that have begun since counting did, until they close: since when each is open, and what is counted of it at
 * its end. tor does not tell the end of every connection, so their number is bounded: when it is reached, the one that has
 * been open longest is forgotten. Hot path: everything lives in typed arrays, made once a round; no address is among it.
 */

/** Far above what a busy guard has open at once, some tens of thousands; together 6 MB. */
const CONNECTIONS_MAX = 2 ** 17;

const NONE = -1;
/** tor's id of the connection, low and high, and a hash of the other side (see `ConnectionKey`). */
const KEY_WORDS = 3;

/**
 * tor's ids begin anew when tor does, and are another relay's where a collector has several: the other side tells most of
 * these connections apart, but not those with one relay.
 */
export type ConnectionKey = Uint32Array;

export class OpenConnections {
  readonly #seed: number;
  readonly #max: number;
  // A hash table with chains, and a doubly linked list from the oldest to the newest.
  readonly #buckets: Int32Array;
  readonly #keys: Uint32Array;
  readonly #nextInBucket: Int32Array;
  readonly #newer: Int32Array;
  readonly #older: Int32Array;
  readonly #openedAtMs: Float64Array;
  readonly #kinds: Uint8Array;
  #oldest = NONE;
  #newest = NONE;
  /** Numbers never used yet start at this; numbers used before are in the free chain. */
  #used = 0;
  #free = NONE;

  /** `seed` is secret and random: nobody shall choose what falls into one bucket. */
  constructor(seed: number, max = CONNECTIONS_MAX) {
    this.#seed = seed;
    this.#max = max;
    let buckets = 1;
    while (buckets < max) buckets *= 2;
    this.#buckets = new Int32Array(buckets).fill(NONE);
    this.#keys = new Uint32Array(max * KEY_WORDS);
    this.#nextInBucket = new Int32Array(max);
    this.#newer = new Int32Array(max);
    this.#older = new Int32Array(max);
    this.#openedAtMs = new Float64Array(max);
    this.#kinds = new Uint8Array(max);
  }

  /**
   * Remembers a connection. tor tells once that one is open: if this one is already, that was another, of a tor that has
   * ended or of another relay, and is forgotten.
   */
  open(key: ConnectionKey, openedAtMs: number, kind: number): void {
    const known = this.#find(key);
    if (known !== NONE) this.#forget(known);
    const connection = this.#take();
    const bucket = this.#bucketOf(key, 0);
    this.#keys.set(key, connection * KEY_WORDS);
    this.#openedAtMs[connection] = openedAtMs;
    this.#kinds[connection] = kind;
    this.#nextInBucket[connection] = this.#buckets[bucket]!;
    this.#buckets[bucket] = connection;
    this.#older[connection] = this.#newest;
    this.#newer[connection] = NONE;
    if (this.#newest === NONE) this.#oldest = connection;
    else this.#newer[this.#newest] = connection;
    this.#newest = connection;
  }

  /** Forgets the connection, after it was handed to `visit`; one that is not known is passed over. */
  close(key: ConnectionKey, visit: (openedAtMs: number, kind: number) => void): void {
    const connection = this.#find(key);
    if (connection === NONE) return;
    visit(this.#openedAtMs[connection]!, this.#kinds[connection]!);
    this.#forget(connection);
  }

  /** Forgets everything, and leaves no trace of it in memory. */
  wipe(): void {
    this.#buckets.fill(NONE);
    this.#keys.fill(0);
    for (const links of [this.#nextInBucket, this.#newer, this.#older]) links.fill(0);
    this.#openedAtMs.fill(0);
    this.#kinds.fill(0);
    this.#oldest = this.#newest = this.#free = NONE;
    this.#used = 0;
  }

  #take(): number {
    if (this.#free === NONE && this.#used === this.#max) this.#forget(this.#oldest);
    if (this.#free === NONE) return this.#used++;
    const connection = this.#free;
    this.#free = this.#nextInBucket[connection]!;
    return connection;
  }

  /** Takes the connection out of its bucket and out of the order of age. */
  #forget(connection: number): void {
    const bucket = this.#bucketOf(this.#keys, connection * KEY_WORDS);
    const next = this.#nextInBucket[connection]!;
    if (this.#buckets[bucket] === connection) this.#buckets[bucket] = next;
    else {
      let before = this.#buckets[bucket]!;
      while (this.#nextInBucket[before] !== connection) before = this.#nextInBucket[before]!;
      this.#nextInBucket[before] = next;
    }
    const older = this.#older[connection]!;
    const newer = this.#newer[connection]!;
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
    this.#nextInBucket[connection] = this.#free;
    this.#free = connection;
  }

  #find(key: ConnectionKey): number {
    const keys = this.#keys;
    let connection = this.#buckets[this.#bucketOf(key, 0)]!;
    for (; connection !== NONE; connection = this.#nextInBucket[connection]!) {
      const at = connection * KEY_WORDS;
      if (keys[at] === key[0] && keys[at + 1] === key[1] && keys[at + 2] === key[2]) break;
    }
    return connection;
  }

  #bucketOf(words: Uint32Array, at: number): number {
    let hash = this.#seed;
    for (let word = at; word < at + KEY_WORDS; word += 1) {
      hash = Math.imul(hash ^ words[word]!, 0x9e37_79b1);
      hash ^= hash >>> 15;
    }
    return (hash ^ (hash >>> 13)) & (this.#buckets.length - 1);
  }
}
