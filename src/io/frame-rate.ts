/**
 * How many frames a peer may send: each may cost a signature to check, and whoever sends without end would have all of the
 * tally's time. What is above is not lost; the peer is not listened to until its time has come.
 */

/** Twice the collectors of a network: a keeper acknowledges each one's seeds, in one breath. */
export const FRAMES_AT_ONCE_MAX = 8_192;
/** Honest nodes need a few a minute. At 0.2 ms for a signature this is a twentieth of a core. */
export const FRAMES_PER_S_MAX = 256;

export class FrameRate {
  #left = FRAMES_AT_ONCE_MAX;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Counts a frame, and answers how long its sender must wait before the next. */
  take(nowMs: number): number {
    const gained = ((nowMs - this.#atMs) / 1000) * FRAMES_PER_S_MAX;
    this.#left = Math.min(FRAMES_AT_ONCE_MAX, this.#left + gained) - 1;
    this.#atMs = nowMs;
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / FRAMES_PER_S_MAX) * 1000);
  }
}
