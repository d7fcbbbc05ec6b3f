/**
 * Before it ends, the tally tells the nodes of its rounds how these ended: a keeper wipes its seeds then, and a collector its
 * counts. Most are there when a round ends and are told at once. One whose connection was lost, or that was being restarted,
 * is usually back within seconds; without this it would look in vain for a tally that has ended, for days.
 */
import { Alarm } from './alarm.js';
import { type Clock } from './ports.js';
import { someNames } from './tally-readiness.js';

/**
 * A node tries again after 1, 2, 4 s, less up to half: three times in this. Longer would make everybody who starts a tally for
 * one round pay for each node that died in it.
 */
export const FAREWELL_MS_MAX = 10_000;

export class Farewell {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  /** Nodes that heard of the round under way. */
  readonly #asked = new Set<string>();
  /** Nodes that were in a round and away when it ended. */
  readonly #untold = new Set<string>();
  #onDone: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock, () => this.#end());
  }

  /** What it waits for before it ends; empty if all know. */
  get wish(): string {
    if (this.#untold.size === 0) return '';
    return `${someNames([...this.#untold])}, to be told that the rounds are over`;
  }

  /** The node is sent something of the round under way: it may take part in it. */
  noteAsked(name: string): void {
    this.#asked.add(name);
  }

  /** The round under way is over, and those that are connected have been told. */
  noteEnd(connected: ReadonlySet<string>): void {
    for (const name of this.#asked) if (!connected.has(name)) this.#untold.add(name);
    this.#asked.clear();
  }

  /** The node is back, and has been told the end of the round that it was in, if it was in one. */
  noteTold(name: string): void {
    this.#untold.delete(name);
    if (this.#untold.size === 0) this.#end();
  }

  /** There will be no other round. Calls back once: when all have been told, at once if they have, or when the time is up. */
  begin(onDone: () => void): void {
    this.#onDone = onDone;
    if (this.#untold.size === 0) this.#end();
    else this.#alarm.set(this.#clock.nowMs() + FAREWELL_MS_MAX);
  }

  get isUnderWay(): boolean {
    return this.#onDone !== undefined;
  }

  close(): void {
    this.#alarm.set(undefined);
    this.#onDone = undefined;
  }

  #end(): void {
    const onDone = this.#onDone;
    this.close();
    onDone?.();
  }
}
