/** How often a node may connect: two nodes with one key, or a broken one, would otherwise come and go for ever. */

/** A node whose line is bad comes back at most once a second (tally-link.ts); in tests it is killed more often. */
const CONNECTS_AT_ONCE_MAX = 60;
const CONNECTS_PER_MS = 1 / 1000;

export class ConnectRate {
  readonly #nodes = new Map<string, { left: number; atMs: number }>();

  /** Whether this node, which has proven who it is, may come in now. There are as many entries as nodes in network.yaml. */
  mayConnect(name: string, nowMs: number): boolean {
    const { left, atMs } = this.#nodes.get(name) ?? { left: CONNECTS_AT_ONCE_MAX, atMs: nowMs };
    const gained = Math.max(0, nowMs - atMs) * CONNECTS_PER_MS;
    const now = Math.min(CONNECTS_AT_ONCE_MAX, left + gained);
    const may = now >= 1;
    this.#nodes.set(name, { left: may ? now - 1 : now, atMs: nowMs });
    return may;
  }
}
