/** What the benches of counting share: event lines in one buffer, and how time and memory are taken. */
import { type Collection } from '../../src/collection/collection.js';

/** Lines in one buffer, as a socket gives them. */
export type Lines = {
  readonly bytes: Uint8Array;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
};

const MICROSECONDS = 1e6;

export function toLines(texts: readonly string[]): Lines {
  const starts: number[] = [];
  const ends: number[] = [];
  let length = 0;
  for (const text of texts) {
    starts.push(length);
    ends.push(length + text.length);
    length += text.length + 2;
  }
  return { bytes: Buffer.from(texts.map((text) => `${text}\r\n`).join(''), 'latin1'), starts, ends };
}

/** Counts so many lines, from the first again after the last. */
export function countLines(collection: Collection, { bytes, starts, ends }: Lines, lines: number): void {
  for (let line = 0; line < lines; line += 1) {
    const at = line % starts.length;
    collection.count(bytes, starts[at]!, ends[at]!);
  }
}

/** Processor time of this process, so that a busy machine counts less. */
export function secondsOf(task: () => void): number {
  const before = process.cpuUsage();
  task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / MICROSECONDS;
}

export function keptBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
