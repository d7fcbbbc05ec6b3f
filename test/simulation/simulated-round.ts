/**
 * One whole round of the real machines over a simulated world: a mock clock, a network that delays, reorders, repeats and
 * drops messages, nodes that lose their connection or die. Everything follows from a seed.
 */
import { layOutCounters, COLLECTOR_COUNT } from '../../src/core/counters.js';
import { fromSigned, incrementCell, type RingVector } from '../../src/core/ring.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { beginCollectorRound } from '../../src/protocol/collector-deposit.js';
import { stepCollector } from '../../src/protocol/collector-round.js';
import {
  collectorWakeMs,
  type CollectorEffect,
  type CollectorInput,
  type CollectorRound,
} from '../../src/protocol/collector-state.js';
import { depositEntropyBytes } from '../../src/protocol/deposit.js';
import { holderSets } from '../../src/core/holder-sets.js';
import { beginKeeperRound, stepKeeper } from '../../src/protocol/keeper-round.js';
import { keeperWakeMs, type KeeperEffect, type KeeperRound } from '../../src/protocol/keeper-state.js';
import { type Message, type RoundMessage } from '../../src/protocol/messages.js';
import { type Plan } from '../../src/protocol/plan.js';
import { type Self } from '../../src/protocol/round.js';
import { beginTallyRound, stepTally } from '../../src/protocol/tally-round.js';
import {
  tallyWakeMs,
  type RoundOutcome,
  type TallyInput,
  type TallyRound,
  type TallyStep,
} from '../../src/protocol/tally-state.js';
import { type RandomSource } from '../support/random-source.js';
import { testPlan, testSelf } from '../support/test-network.js';

export type Faults = {
  /** Chance that a message is lost, or comes twice; and that a node loses its connection at a message. */
  readonly drop: number;
  readonly repeat: number;
  readonly disconnect: number;
  readonly delayMsMax: number;
  /** Names of nodes, and when they die for good. */
  readonly killAtMs: ReadonlyMap<string, number>;
};

/** What the simulation knows of a collector that no other node may learn. */
export type CollectorTruth = { noise: readonly bigint[]; counts: bigint[] };

export type SimulatedRound = {
  readonly plan: Plan;
  readonly outcome: RoundOutcome | undefined;
  readonly truths: ReadonlyMap<string, CollectorTruth>;
  /** Every message that a collector sent, as it left. */
  readonly fromCollectors: readonly { from: string; message: RoundMessage }[];
  readonly endedAtMs: number;
  readonly finalPhases: ReadonlyMap<string, string>;
};

type Task = { readonly atMs: number; readonly order: number; readonly run: () => void };

export class RoundSimulation {
  readonly #random: RandomSource;
  readonly #known: KnownNetwork;
  readonly #faults: Faults;
  readonly #plan: Plan;
  readonly #tasks: Task[] = [];
  readonly #selves = new Map<string, Self>();
  readonly #collectors = new Map<string, CollectorRound>();
  readonly #keepers = new Map<string, KeeperRound>();
  readonly #offline = new Set<string>();
  readonly #dead = new Set<string>();
  readonly #truths = new Map<string, CollectorTruth>();
  readonly #vectors = new Map<string, RingVector>();
  readonly #fromCollectors: { from: string; message: RoundMessage }[] = [];
  #tally: TallyRound | undefined;
  #outcome: RoundOutcome | undefined;
  #nowMs = 0;
  #order = 0;
  #endedAtMs = 0;

  constructor(known: KnownNetwork, random: RandomSource, faults: Faults) {
    this.#known = known;
    this.#random = random;
    this.#faults = faults;
    this.#plan = testPlan(known, { collectMs: 20_000, phaseMs: 20_000 });
    for (const { name } of [...known.network.keepers, ...known.network.collectors]) {
      this.#selves.set(name, testSelf(known, name));
    }
    for (const [name, atMs] of faults.killAtMs) this.#at(atMs, () => this.#kill(name));
  }

  run(): SimulatedRound {
    const connected = new Set(this.#selves.keys());
    this.#applyTally(beginTallyRound(this.#tallySelf(), this.#plan, { connected, nowMs: 0 }));
    const STEPS_MAX = 100_000;
    for (let step = 0; step < STEPS_MAX && this.#tasks.length > 0; step += 1) {
      this.#tasks.sort((left, right) => left.atMs - right.atMs || left.order - right.order);
      const task = this.#tasks.shift()!;
      this.#nowMs = task.atMs;
      task.run();
    }
    return {
      plan: this.#plan,
      outcome: this.#outcome,
      truths: this.#truths,
      fromCollectors: this.#fromCollectors,
      endedAtMs: this.#endedAtMs,
      finalPhases: new Map(
        [...this.#collectors, ...this.#keepers]
          .filter(([name]) => !this.#dead.has(name))
          .map(([name, state]) => [name, state.phase]),
      ),
    };
  }

  #tallySelf(): Self {
    return testSelf(this.#known, 'tally');
  }

  #at(atMs: number, run: () => void): void {
    this.#tasks.push({ atMs, order: (this.#order += 1), run });
  }

  #kill(name: string): void {
    this.#dead.add(name);
    this.#stepTally({ kind: 'disconnected', name });
  }

  /** Through the codec, as on the wire; lost, repeated and late as the faults say. */
  #carry(node: string, message: Message, deliver: (message: RoundMessage) => void): void {
    if (this.#offline.has(node) || this.#dead.has(node) || this.#random.isLikely(this.#faults.drop)) return;
    if (this.#random.isLikely(this.#faults.disconnect)) this.#disconnect(node);
    const frame = encodeMessage(message);
    const copies = this.#random.isLikely(this.#faults.repeat) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#at(this.#nowMs + this.#random.below(this.#faults.delayMsMax), () => {
        if (this.#dead.has(node)) return;
        const decoded = decodeMessage(frame);
        if ('fault' in decoded) throw new Error(decoded.fault);
        deliver(decoded.message as RoundMessage);
      });
    }
  }

  #disconnect(node: string): void {
    this.#offline.add(node);
    this.#at(this.#nowMs, () => this.#stepTally({ kind: 'disconnected', name: node }));
    this.#at(this.#nowMs + this.#random.below(5_000), () => {
      this.#offline.delete(node);
      if (!this.#dead.has(node)) this.#stepTally({ kind: 'connected', name: node });
    });
  }

  #stepTally(input: TallyInput): void {
    if (this.#tally === undefined) return;
    this.#applyTally(stepTally(this.#tallySelf(), this.#tally, input, this.#nowMs));
  }

  #applyTally({ state, effects }: TallyStep): void {
    this.#tally = state;
    for (const effect of effects) {
      if (effect.kind === 'finish') {
        this.#outcome = effect.outcome;
        this.#endedAtMs = this.#nowMs;
      }
      if (effect.kind === 'send') {
        const { to } = effect;
        this.#carry(to, effect.message, (message) => this.#deliver(to, message));
      }
    }
    const wakeMs = tallyWakeMs(state);
    if (wakeMs !== undefined) this.#at(Math.max(wakeMs, this.#nowMs), () => this.#wakeTally(wakeMs));
  }

  #wakeTally(wakeMs: number): void {
    if (this.#tally !== undefined && tallyWakeMs(this.#tally) === wakeMs) this.#stepTally({ kind: 'wake' });
  }

  #deliver(to: string, message: RoundMessage): void {
    if (this.#known.network.keepers.some(({ name }) => name === to)) this.#toKeeper(to, message);
    else this.#toCollector(to, { kind: 'message', message });
  }

  #reply(from: string, message: RoundMessage): void {
    this.#carry(from, message, (delivered) => this.#stepTally({ kind: 'message', from, message: delivered }));
  }

  #toKeeper(name: string, message: RoundMessage): void {
    const self = this.#selves.get(name)!;
    const state = this.#keepers.get(name);
    if (state !== undefined) {
      const step = stepKeeper(self, state, { kind: 'message', message }, this.#nowMs);
      this.#keepers.set(name, step.state);
      this.#performKeeper(name, step.effects);
    } else if (message.kind === 'plan') {
      const given = {
        secretKey: this.#random.bytes(32),
        sigmaFloor: undefined,
        isSeen: false,
        nowMs: this.#nowMs,
      };
      const step = beginKeeperRound(self, message, given);
      this.#keepers.set(name, step.state);
      this.#performKeeper(name, step.effects);
      this.#at(keeperWakeMs(step.state) ?? this.#nowMs, () => {
        const woken = stepKeeper(self, this.#keepers.get(name)!, { kind: 'wake' }, this.#nowMs);
        this.#keepers.set(name, woken.state);
      });
    }
  }

  #performKeeper(name: string, effects: readonly KeeperEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.#reply(name, effect.message);
      if (effect.kind === 'wipe') for (const secret of effect.secrets) secret.fill(0);
    }
  }

  #toCollector(name: string, input: CollectorInput): void {
    if (this.#dead.has(name)) return;
    const self = this.#selves.get(name)!;
    const state = this.#collectors.get(name);
    if (state !== undefined) {
      const step = stepCollector(self, state, input, this.#nowMs);
      this.#collectors.set(name, step.state);
      this.#performCollector(name, step.effects);
    } else if (input.kind === 'message' && input.message.kind === 'plan') {
      const { network } = this.#known;
      const holders = holderSets({ keepers: network.keepers.length, threshold: network.threshold });
      const entropy = this.#random.bytes(depositEntropyBytes({ holders }));
      const step = beginCollectorRound(self, input.message, {
        entropy,
        sigmaFloor: undefined,
        nowMs: this.#nowMs,
      });
      this.#collectors.set(name, step.state);
      this.#performCollector(name, step.effects);
    }
    const wakeMs = collectorWakeMs(this.#collectors.get(name) ?? { phase: 'ended', outcome: 'declined' });
    if (wakeMs !== undefined)
      this.#at(Math.max(wakeMs, this.#nowMs), () => this.#wakeCollector(name, wakeMs));
  }

  #wakeCollector(name: string, wakeMs: number): void {
    const state = this.#collectors.get(name)!;
    if (collectorWakeMs(state) === wakeMs) this.#toCollector(name, { kind: 'wake' });
  }

  #performCollector(name: string, effects: readonly CollectorEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          // A copy: what leaves is wiped here later.
          this.#fromCollectors.push({ from: name, message: structuredClone(effect.message) });
          this.#reply(name, effect.message);
          break;
        case 'draw':
          this.#draw(name, effect.sigmas);
          break;
        case 'count':
          this.#count(name, effect.vector);
          break;
        case 'stop-counting':
          this.#at(this.#nowMs, () => this.#finishCounting(name));
          break;
        case 'wipe':
          for (const secret of effect.secrets) secret.fill(0);
          break;
        case 'log':
        case 'persist':
          break;
      }
    }
  }

  #draw(name: string, sigmas: Float64Array): void {
    const noise = [...sigmas].map((sigma) => (sigma === 0 ? 0n : BigInt(this.#random.below(201) - 100)));
    this.#truths.set(name, { noise, counts: noise.map(() => 0n) });
    this.#at(this.#nowMs + this.#random.below(800), () =>
      this.#toCollector(name, { kind: 'noise-drawn', noise: fromSigned(noise) }),
    );
  }

  /** A few events, spread over the time. */
  #count(name: string, vector: RingVector): void {
    this.#vectors.set(name, vector);
    const { counts } = this.#truths.get(name)!;
    const cells = layOutCounters(this.#plan.counters).byName.get(COLLECTOR_COUNT)!.firstCell - 1;
    for (let event = 0; event < this.#random.below(20); event += 1) {
      this.#at(this.#nowMs + this.#random.below(this.#plan.collectMs), () => {
        const live = this.#vectors.get(name);
        if (live === undefined || this.#dead.has(name)) return;
        const cell = this.#random.below(cells);
        incrementCell(live, 4 * cell);
        counts[cell]! += 1n;
      });
    }
  }

  #finishCounting(name: string): void {
    const vector = this.#vectors.get(name);
    if (vector === undefined) return;
    this.#vectors.delete(name);
    this.#toCollector(name, {
      kind: 'counted',
      vector,
      countedMs: this.#plan.collectMs,
      isIncomplete: false,
    });
  }
}

/** The total that a released set must have: counts and noise of its collectors, and one each in the check counter. */
export function expectedTotals({ plan, truths }: SimulatedRound, collectors: readonly string[]): bigint[] {
  const { byName, cells } = layOutCounters(plan.counters);
  const totals = Array.from({ length: cells }, () => 0n);
  for (const name of collectors) {
    const { noise, counts } = truths.get(name)!;
    totals.forEach((_, cell) => (totals[cell]! += noise[cell]! + counts[cell]!));
    totals[byName.get(COLLECTOR_COUNT)!.firstCell]! += 1n;
  }
  return totals;
}
