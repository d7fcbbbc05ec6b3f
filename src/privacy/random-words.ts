/** 32-bit words of a byte source, fetched in bulk: a call for each word costs more than the word. */

/** The operating system's generator; a seeded one in tests only. */
export type RandomBytes = (length: number) => Uint8Array;

/** 16 KiB: small enough for the processor's nearest cache, large enough that the calls don't count. */
export const BUFFERED_BYTES = 16_384;
const WORD_BYTES = 4;
const WORD_BITS = 32;
const WORD_VALUES = 2 ** WORD_BITS;

/** Hot path: `next` runs some twenty times for a sample of noise. */
export class RandomWords {
  readonly #random: RandomBytes;
  #words = new Uint32Array(0);
  #at = 0;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** A whole number uniform in [0, 2^32). Its word is erased, so that what stays in memory doesn't tell it. */
  next(): number {
    if (this.#at === this.#words.length) this.#refill();
    const word = this.#words[this.#at]!;
    this.#words[this.#at] = 0;
    this.#at += 1;
    return word;
  }

  /** Erases the words that nobody took; the next word comes from fresh bytes. */
  wipe(): void {
    this.#words.fill(0);
    this.#at = this.#words.length;
  }

  #refill(): void {
    const bytes = this.#random(BUFFERED_BYTES);
    if (bytes.length !== BUFFERED_BYTES) {
      throw new RangeError(`the random source gave ${bytes.length} bytes instead of ${BUFFERED_BYTES}`);
    }
    const words = new Uint32Array(BUFFERED_BYTES / WORD_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < words.length; at += 1) words[at] = view.getUint32(at * WORD_BYTES, true);
    bytes.fill(0);
    this.#words = words;
    this.#at = 0;
  }
}

/** A number uniform in [0, bound), for a whole 1 <= bound < 2^53, by rejection: exact. */
export function uniformBelow(bound: number, words: RandomWords): number {
  const highBound = Math.floor((bound - 1) / WORD_VALUES);
  const highUnused = Math.clz32(highBound);
  const lowUnused = highBound > 0 ? 0 : Math.clz32(bound - 1);
  for (;;) {
    const high = highBound > 0 ? words.next() >>> highUnused : 0;
    // A shift by 32 would be a shift by 0; the only number below 1 takes no chance at all.
    const low = lowUnused === WORD_BITS ? 0 : words.next() >>> lowUnused;
    const value = high * WORD_VALUES + low;
    if (value < bound) return value;
  }
}

/** The same for bounds of any size. */
export function uniformBigBelow(bound: bigint, words: RandomWords): bigint {
  const bits = (bound - 1n).toString(2).length;
  const wordsNeeded = Math.ceil(bits / WORD_BITS);
  for (;;) {
    let value = 0n;
    for (let word = 0; word < wordsNeeded; word += 1) {
      value = (value << BigInt(WORD_BITS)) | BigInt(words.next());
    }
    value >>= BigInt(wordsNeeded * WORD_BITS - bits);
    if (value < bound) return value;
  }
}
