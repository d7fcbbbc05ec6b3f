/** What the simulation gives to a node: a clock of its own, a line to the other side, and an end at any moment. */
import { type RoundMessage } from '../../src/protocol/messages.js';
import { type Self } from '../../src/protocol/round.js';
import { type RandomSource } from '../support/random-source.js';

/** Thrown where a node is killed in the middle of what it does; the simulation catches it. */
export class Killed extends Error {}

export type NodePorts = {
  readonly self: Self;
  readonly random: RandomSource;
  /** By this node's clock, which is not the others'. */
  nowMs(): number;
  /** Does the work after this time, unless the node is killed before. */
  after(ms: number, work: () => void): void;
  /** Something was just put on the disk: now and then the node is killed here, before anything that follows. */
  mayDie(): void;
};

export type SpeakingPorts = NodePorts & {
  /** To the tally, if there is a connection. */
  send(message: RoundMessage): void;
};

/** Wakes a machine when it wants to be woken. What is on the disk outlives a node, an alarm does not. */
export class SimulatedAlarm {
  readonly #ports: NodePorts;
  readonly #wake: () => void;
  #atMs: number | undefined;

  constructor(ports: NodePorts, wake: () => void) {
    this.#ports = ports;
    this.#wake = wake;
  }

  set(atMs: number | undefined): void {
    if (atMs === this.#atMs) return;
    this.#atMs = atMs;
    if (atMs === undefined) return;
    this.#ports.after(Math.max(0, atMs - this.#ports.nowMs()), () => {
      if (this.#atMs !== atMs) return;
      this.#atMs = undefined;
      this.#wake();
    });
  }
}
