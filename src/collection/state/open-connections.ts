/**
 * Connections that have begun since counting did, until they close: since when each is open, and what is counted of it at
 * its end. tor does not tell the end of every connection, so their number is bounded: when it is reached, the one that has
 * been open longest is forgotten. Hot path: everything lives in typed arrays, made once a round; no address is among it.
 */
import { AgedKeys, NO_KEY } from './aged-keys.js';

/** Far above what a busy guard has open at once, some tens of thousands; together 6 MB. */
const CONNECTIONS_MAX = 2 ** 17;

/** tor's id of the connection, low and high, and a hash of the other side (see `ConnectionKey`). */
const KEY_WORDS = 3;

/**
 * tor's ids begin anew when tor does, and are another relay's where a collector has several: the other side tells most of
 * these connections apart, but not those with one relay.
 */
export type ConnectionKey = Uint32Array;

export class OpenConnections {
  readonly #keys: AgedKeys;
  readonly #openedAtMs: Float64Array;
  readonly #kinds: Uint8Array;

  /** `seed` is secret and random: nobody shall choose what falls into one bucket. */
  constructor(seed: number, max = CONNECTIONS_MAX) {
    this.#keys = new AgedKeys({ seed, max, words: KEY_WORDS });
    this.#openedAtMs = new Float64Array(max);
    this.#kinds = new Uint8Array(max);
  }

  /**
   * Remembers a connection. tor tells once that one is open: if this one is already, that was another, of a tor that has
   * ended or of another relay, and is forgotten.
   */
  open(key: ConnectionKey, openedAtMs: number, kind: number): void {
    const known = this.#keys.find(key);
    if (known !== NO_KEY) this.#keys.remove(known);
    if (this.#keys.isFull) this.#keys.remove(this.#keys.oldest);
    const connection = this.#keys.add(key);
    this.#openedAtMs[connection] = openedAtMs;
    this.#kinds[connection] = kind;
  }

  /** Forgets the connection, after it was handed to `visit`; one that is not known is passed over. */
  close(key: ConnectionKey, visit: (openedAtMs: number, kind: number) => void): void {
    const connection = this.#keys.find(key);
    if (connection === NO_KEY) return;
    visit(this.#openedAtMs[connection]!, this.#kinds[connection]!);
    this.#keys.remove(connection);
  }

  /** Forgets everything, and leaves no trace of it in memory. */
  wipe(): void {
    this.#keys.wipe();
    this.#openedAtMs.fill(0);
    this.#kinds.fill(0);
  }
}
