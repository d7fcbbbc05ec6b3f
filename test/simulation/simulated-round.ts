/**
 * One whole round of the real machines over a simulated world: a network that delays, reorders, repeats and loses messages,
 * connections that break, nodes whose clocks differ, and nodes that are killed at any moment and go on from their disks.
 * Everything follows from a seed.
 */
import { layOutCounters, COLLECTOR_COUNT } from '../../src/core/counters.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { type Plan } from '../../src/protocol/plan.js';
import { toRoundFacts } from '../../src/protocol/round.js';
import { type RoundOutcome } from '../../src/protocol/tally-state.js';
import { type RandomSource } from '../support/random-source.js';
import { testPlan, testSelf } from '../support/test-network.js';
import { SimulatedCollector } from './simulated-collector.js';
import { SimulatedKeeper } from './simulated-keeper.js';
import { Killed, type NodePorts } from './simulated-node.js';
import { SimulatedTally } from './simulated-tally.js';

export type Kill = {
  readonly name: string;
  readonly atMs: number;
  /** How long it is away; infinite if it never comes back. */
  readonly awayMs: number;
  /** How far its clock is off when it comes back, beyond what it was before. */
  readonly jumpMs: number;
  /** It is told to end, and not killed. */
  readonly isOrderly: boolean;
};

export type Faults = {
  /** Chance that a message is lost, or comes twice; and that a node loses its connection at a message. */
  readonly drop: number;
  readonly repeat: number;
  readonly disconnect: number;
  readonly delayMsMax: number;
  /** How far clocks are off. */
  readonly skewMsMax: number;
  readonly kills: readonly Kill[];
  /** Chance that a node is killed right after it has put something on its disk; and how often that may happen. */
  readonly die: number;
  readonly deathsMax: number;
  /** Who may be killed so. */
  readonly mortals: readonly string[];
  /** Undefined: collectors make no reserve. */
  readonly checkpointMs: number | undefined;
  /** How long drawing noise takes; a plan gives 1,000 ms. */
  readonly drawMsMax: number;
};

export type SimulatedRound = {
  readonly plan: Plan;
  readonly outcome: RoundOutcome | undefined;
  readonly collectors: ReadonlyMap<string, SimulatedCollector>;
  readonly keepers: ReadonlyMap<string, SimulatedKeeper>;
  /** How long the round took, by the world's clock. */
  readonly tookMs: number;
  /** How often the tally was killed. */
  readonly tallyDeaths: number;
};

type Task = { readonly atMs: number; readonly order: number; readonly run: () => void };
type Machine = { die(): void; boot(): void };
type Node = {
  readonly name: string;
  machine: Machine;
  /** Counts its lives; undefined while it is dead. */
  life: number | undefined;
  lives: number;
  skewMs: number;
  /** Counts its connections; undefined while it has none. The tally has none of its own. */
  line: number | undefined;
  lines: number;
};

const START_MS = 100_000_000;
const AWAY_MS_MAX = 5_000;
const STEPS_MAX = 100_000;
const TALLY = 'tally';

export class RoundSimulation {
  readonly #random: RandomSource;
  readonly #known: KnownNetwork;
  readonly #faults: Faults;
  readonly #plan: Plan;
  readonly #tasks: Task[] = [];
  readonly #nodes = new Map<string, Node>();
  readonly #collectors = new Map<string, SimulatedCollector>();
  readonly #keepers = new Map<string, SimulatedKeeper>();
  readonly #tally: SimulatedTally;
  #outcome: RoundOutcome | undefined;
  #nowMs = 0;
  #order = 0;
  #tookMs = 0;
  #deaths = 0;

  constructor(known: KnownNetwork, random: RandomSource, faults: Faults) {
    this.#random = random;
    this.#known = known;
    this.#faults = faults;
    this.#tally = this.#openTally();
    const createdAtMs = START_MS + this.#nodes.get(TALLY)!.skewMs;
    this.#plan = testPlan(known, { createdAtMs, collectMs: 20_000, phaseMs: 20_000 });
    const facts = toRoundFacts(this.#plan, '', known);
    for (const { name } of known.network.keepers) {
      const ports = { ...this.#portsOf(name), send: (message: RoundMessage) => this.#reply(name, message) };
      this.#keepers.set(name, new SimulatedKeeper(ports));
      this.#nodes.get(name)!.machine = this.#keepers.get(name)!;
    }
    for (const { name } of known.network.collectors) {
      const ports = { ...this.#portsOf(name), send: (message: RoundMessage) => this.#reply(name, message) };
      const { checkpointMs, drawMsMax } = faults;
      this.#collectors.set(name, new SimulatedCollector(ports, { facts, checkpointMs, drawMsMax }));
      this.#nodes.get(name)!.machine = this.#collectors.get(name)!;
    }
    for (const kill of faults.kills) this.#at(kill.atMs, () => this.#killAsPlanned(kill));
  }

  #openTally(): SimulatedTally {
    const tally = new SimulatedTally({
      ...this.#portsOf(TALLY),
      send: (to, message) => this.#carry(to, message, (delivered) => this.#deliver(to, delivered)),
      onFinish: (outcome) => {
        this.#outcome = outcome;
        this.#tookMs = this.#nowMs;
      },
    });
    this.#nodes.get(TALLY)!.machine = tally;
    return tally;
  }

  #portsOf(name: string): NodePorts {
    const { skewMsMax, die, deathsMax, mortals } = this.#faults;
    const isMortal = mortals.includes(name);
    const skewMs = this.#random.below(2 * skewMsMax + 1) - skewMsMax;
    const machine = { die: () => undefined, boot: () => undefined };
    const node: Node = { name, machine, life: 0, lives: 0, skewMs, line: undefined, lines: 0 };
    this.#nodes.set(name, node);
    return {
      self: testSelf(this.#known, name),
      random: this.#random,
      nowMs: () => START_MS + this.#nowMs + node.skewMs,
      after: (ms, work) => {
        const { life } = node;
        this.#at(this.#nowMs + ms, () => {
          if (node.life === life) this.#as(node, work);
        });
      },
      mayDie: () => {
        if (!isMortal || this.#deaths >= deathsMax || !this.#random.isLikely(die)) return;
        this.#deaths += 1;
        throw new Killed();
      },
    };
  }

  run(): SimulatedRound {
    const tally = this.#nodes.get(TALLY)!;
    for (const node of this.#nodes.values()) {
      if (node === tally) continue;
      node.machine.boot();
      if (this.#random.isLikely(0.9)) this.#openLine(node);
      else this.#reconnect(node);
    }
    const connected = [...this.#nodes.values()].filter(({ line }) => line !== undefined);
    this.#as(tally, () => this.#tally.begin(this.#plan, new Set(connected.map(({ name }) => name))));
    for (let step = 0; step < STEPS_MAX && this.#tasks.length > 0; step += 1) {
      const task = this.#tasks.pop()!;
      this.#nowMs = task.atMs;
      task.run();
    }
    return {
      plan: this.#plan,
      outcome: this.#outcome,
      collectors: this.#collectors,
      keepers: this.#keepers,
      tookMs: this.#tookMs,
      tallyDeaths: tally.lives,
    };
  }

  /** Tasks stand in the order of time, the next one last. */
  #at(atMs: number, run: () => void): void {
    const task = { atMs, order: (this.#order += 1), run };
    let [low, high] = [0, this.#tasks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#tasks[middle]!.atMs > atMs) low = middle + 1;
      else high = middle;
    }
    this.#tasks.splice(low, 0, task);
  }

  /** What a node does; it may be killed on the way. */
  #as(node: Node, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.#kill(node, { awayMs: this.#random.below(AWAY_MS_MAX), jumpMs: 0 });
    }
  }

  #killAsPlanned(kill: Kill): void {
    const node = this.#nodes.get(kill.name)!;
    const { life } = node;
    if (life === undefined) return;
    const collector = this.#collectors.get(kill.name);
    if (kill.isOrderly && collector !== undefined) this.#as(node, () => collector.suspend());
    // It may have been killed while it wrote down what it has.
    if (life === node.life) this.#kill(node, kill);
  }

  #kill(node: Node, { awayMs, jumpMs }: Pick<Kill, 'awayMs' | 'jumpMs'>): void {
    node.machine.die();
    node.life = undefined;
    node.lives += 1;
    const cut = node.name === TALLY ? [...this.#nodes.values()] : [node];
    for (const other of cut) this.#cut(other);
    if (awayMs === Infinity) return;
    this.#at(this.#nowMs + awayMs, () => {
      node.life = node.lives;
      node.skewMs += jumpMs;
      this.#as(node, () => node.machine.boot());
      if (node.name !== TALLY) this.#reconnect(node);
    });
  }

  #cut(node: Node): void {
    if (node.line === undefined) return;
    node.line = undefined;
    this.#tell({ kind: 'disconnected', name: node.name });
    if (node.life !== undefined) this.#reconnect(node);
  }

  #reconnect(node: Node): void {
    const { lives } = node;
    this.#at(this.#nowMs + this.#random.below(AWAY_MS_MAX), () => {
      if (node.lives !== lives || node.line !== undefined) return;
      if (this.#nodes.get(TALLY)!.life === undefined) this.#reconnect(node);
      else {
        this.#openLine(node);
        this.#tell({ kind: 'connected', name: node.name });
      }
    });
  }

  #openLine(node: Node): void {
    node.lines += 1;
    node.line = node.lines;
  }

  #tell(input: Parameters<SimulatedTally['take']>[0]): void {
    const tally = this.#nodes.get(TALLY)!;
    if (tally.life !== undefined) this.#as(tally, () => this.#tally.take(input));
  }

  /** Lost, repeated and late as the faults say; and gone with the connection that it is under way on. */
  #carry(name: string, message: RoundMessage, deliver: (message: RoundMessage) => void): void {
    const node = this.#nodes.get(name)!;
    const { line } = node;
    if (line === undefined || this.#random.isLikely(this.#faults.drop)) return;
    // Through the codec, as on the wire.
    const frame = encodeMessage(message);
    const copies = this.#random.isLikely(this.#faults.repeat) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#at(this.#nowMs + this.#random.below(this.#faults.delayMsMax), () => {
        if (node.line !== line) return;
        const decoded = decodeMessage(frame);
        if ('fault' in decoded) throw new Error(decoded.fault);
        deliver(decoded.message as RoundMessage);
      });
    }
    if (this.#random.isLikely(this.#faults.disconnect)) this.#at(this.#nowMs, () => this.#cut(node));
  }

  #deliver(name: string, message: RoundMessage): void {
    const receiver = this.#keepers.get(name) ?? this.#collectors.get(name)!;
    this.#as(this.#nodes.get(name)!, () => receiver.receive(message));
  }

  #reply(from: string, message: RoundMessage): void {
    this.#carry(from, message, (delivered) => this.#tell({ kind: 'message', from, message: delivered }));
  }
}

/** The total that a released set must have: counts and noise of its collectors, and one each in the check counter. */
export function expectedTotals({ plan, collectors }: SimulatedRound, names: readonly string[]): bigint[] {
  const { byName, cells } = layOutCounters(plan.counters);
  const totals = Array.from({ length: cells }, () => 0n);
  for (const name of names) {
    const { noise, counts } = collectors.get(name)!.reported!;
    totals.forEach((_, cell) => (totals[cell]! += noise[cell]! + counts[cell]!));
    totals[byName.get(COLLECTOR_COUNT)!.firstCell]! += 1n;
  }
  return totals;
}
