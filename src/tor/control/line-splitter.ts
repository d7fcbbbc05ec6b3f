/**
 * Bytes of a control connection to lines (spec/tor-control.md, "Lines and replies"). Hot path: runs for every byte a
 * relay sends. Each byte is looked at once; a line that lies whole in a chunk is handed on where it lies; only a line cut
 * by a chunk's end is copied. Lines end in CR LF; a bare LF ends one too.
 */
import { Buffer } from 'node:buffer';

/** The longest line seen is 197,739 bytes (VITERBI_PACKETS); five times that, and still small against memory. */
export const LINE_BYTES_MAX = 1 << 20;

/** Enough for every line but those of the traffic model, so that the carry rarely grows. */
const CARRY_BYTES_FIRST = 4096;

const LF = 10;
const CR = 13;

/** The line is bytes [start, end), without its end. They are only valid during the call. */
export type OnLine = (bytes: Buffer, start: number, end: number) => void;

export class LineSplitter {
  readonly #onLine: OnLine;
  readonly #lineBytesMax: number;
  #carry = Buffer.alloc(CARRY_BYTES_FIRST);
  #carried = 0;
  #isOpen = true;

  constructor(onLine: OnLine, lineBytesMax = LINE_BYTES_MAX) {
    this.#onLine = onLine;
    this.#lineBytesMax = lineBytesMax;
  }

  /** Hands on every line that ends in this chunk. False if a line was too long, after which no line is handed on. */
  push(chunk: Uint8Array): boolean {
    // Buffer searches five times as fast as Uint8Array.
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let start = 0;
    while (this.#isOpen) {
      const end = bytes.indexOf(LF, start);
      if (end < 0) return this.#keep(bytes, start, bytes.length);
      const isWithinLimit =
        this.#carried === 0 ? this.#give(bytes, start, end) : this.#join(bytes, start, end);
      if (!isWithinLimit) return false;
      start = end + 1;
    }
    return false;
  }

  /** Hands on nothing more, also out of the chunk at hand, and erases what it kept. */
  close(): void {
    this.#isOpen = false;
    this.#carry.fill(0);
    this.#carried = 0;
  }

  #give(bytes: Buffer, start: number, end: number): boolean {
    const last = end > start && bytes[end - 1] === CR ? end - 1 : end;
    if (last - start > this.#lineBytesMax) return this.#fail();
    this.#onLine(bytes, start, last);
    return true;
  }

  #join(bytes: Buffer, start: number, end: number): boolean {
    if (!this.#keep(bytes, start, end)) return false;
    const length = this.#carried;
    this.#carried = 0;
    const isWithinLimit = this.#give(this.#carry, 0, length);
    // The line may tell of a client, and the next one that is cut may come much later.
    this.#carry.fill(0, 0, length);
    return isWithinLimit;
  }

  /** Appends to the carry, which doubles, so that a line in many pieces costs its length. */
  #keep(bytes: Buffer, start: number, end: number): boolean {
    const length = this.#carried + end - start;
    // One more than the limit, because the last byte may be the CR.
    if (length > this.#lineBytesMax + 1) return this.#fail();
    if (length > this.#carry.length) {
      const larger = Buffer.alloc(Math.min(Math.max(length, 2 * this.#carry.length), this.#lineBytesMax + 1));
      this.#carry.copy(larger, 0, 0, this.#carried);
      this.#carry.fill(0);
      this.#carry = larger;
    }
    bytes.copy(this.#carry, this.#carried, start, end);
    this.#carried = length;
    return true;
  }

  #fail(): false {
    this.close();
    return false;
  }
}
