/** What all channels together hold in memory: each has a limit of its own, but thousands of nodes at theirs are too much. */
import { type OpenChannel } from './frame-channel.js';

/** Half-received frames and what waits to be sent. A proposal to 4,096 collectors or their reports stay below. */
export const HELD_BYTES_MAX = 2 ** 30;
const CHECK_MS = 1_000;

type Held = Pick<OpenChannel, 'heldBytes' | 'cutOff'>;

export class ChannelMemory {
  readonly #channels = new Set<Held>();
  readonly #timer = setInterval(() => this.#check(), CHECK_MS).unref();

  add(channel: Held): void {
    this.#channels.add(channel);
  }

  remove(channel: Held): void {
    this.#channels.delete(channel);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Those that hold most go until the rest is within the limit. */
  #check(): void {
    const held = [...this.#channels].map((channel) => ({ channel, bytes: channel.heldBytes() }));
    let sum = held.reduce((total, { bytes }) => total + bytes, 0);
    if (sum <= HELD_BYTES_MAX) return;
    held.sort((a, b) => b.bytes - a.bytes);
    for (const { channel, bytes } of held) {
      if (sum <= HELD_BYTES_MAX) return;
      channel.cutOff('it holds more memory than the tally has for all nodes');
      sum -= bytes;
    }
  }
}
