/**
 * One round of the real machines in lock step, which a test stops anywhere and meddles with: nothing is lost or late
 * unless the test says so. When no message is under way, the clock jumps to the next time that a machine waits for.
 */
import { fromSigned, type RingVector, incrementCell, toBytes } from '../../src/core/ring.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { addReserve } from '../../src/protocol/collector-checkpoint.js';
import {
  collectorWakeMs,
  type CollectorEffect,
  type CollectorInput,
  type CollectorRound,
} from '../../src/protocol/collector-state.js';
import { depositEntropyBytes } from '../../src/protocol/deposit.js';
import { sumsOfMasks } from '../../src/protocol/keeper-answer.js';
import { keeperWakeMs, type KeeperInput, type KeeperRound } from '../../src/protocol/keeper-state.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { type Plan } from '../../src/protocol/plan.js';
import { toRoundFacts, type Self } from '../../src/protocol/round.js';
import {
  tallyWakeMs,
  type InPhase,
  type RoundOutcome,
  type TallyEffect,
  type TallyInput,
  type TallyPhase,
  type TallyRound,
} from '../../src/protocol/tally-state.js';
import { RandomSource } from '../support/random-source.js';
import { runOut } from '../support/run-out.js';
import { testNetwork, testPlan, testSelf } from '../support/test-network.js';
import { watched } from './purely.js';

export type Sent = { readonly from: string; readonly to: string; readonly message: RoundMessage };

export type SceneOptions = {
  readonly known?: KnownNetwork;
  readonly plan?: Partial<Plan>;
  /** What becomes of a message on its way: it, others, or nothing. */
  readonly meddle?: (sent: Sent, scene: Scene) => readonly Sent[];
  /** Nodes that are not connected. */
  readonly away?: readonly string[];
  /** The time between checkpoints. Left out, collectors are given no randomness for a reserve, and make none. */
  readonly checkpointMs?: number;
};

/** Each collector draws noise of 3 in every cell that has any, and counts its number in cell 0. */
const NOISE = 3n;

export class Scene {
  readonly known: KnownNetwork;
  readonly plan: Plan;
  readonly keepers = new Map<string, KeeperRound>();
  readonly collectors = new Map<string, CollectorRound>();
  readonly sent: Sent[] = [];
  readonly logs: string[] = [];
  readonly #meddle: NonNullable<SceneOptions['meddle']>;
  readonly #checkpointMs: number | undefined;
  readonly #random = new RandomSource(1);
  readonly #vectors = new Map<string, RingVector>();
  readonly #queue: Sent[] = [];
  nowMs = 0;
  tally: TallyRound;
  outcome: RoundOutcome | undefined;

  constructor(options: SceneOptions = {}) {
    const { known = testNetwork(), plan = {}, away = [] } = options;
    this.known = known;
    this.#checkpointMs = options.checkpointMs;
    this.plan = testPlan(known, plan);
    this.#meddle = options.meddle ?? ((sent) => [sent]);
    const nodes = [...known.network.keepers, ...known.network.collectors].map(({ name }) => name);
    const connected = new Set(nodes.filter((name) => !away.includes(name)));
    const begun = watched.tallyBegins(this.self('tally'), this.plan, { connected, nowMs: 0 });
    this.tally = begun.state;
    this.#performTally(begun.effects);
  }

  self(name: string): Self {
    return testSelf(this.known, name);
  }

  /** Goes on until the tally is in this phase, its requests under way; or until nothing more happens. */
  run(until?: TallyPhase): this {
    const STEPS_MAX = 10_000;
    for (let step = 0; step < STEPS_MAX && this.tally.phase !== until; step += 1) if (!this.step()) break;
    return this;
  }

  /** Delivers a message, or wakes who waits; false if nothing more happens. */
  step(): boolean {
    const sent = this.#queue.shift();
    if (sent === undefined) return this.#wakeNext();
    this.#deliver(sent);
    return true;
  }

  /** The tally's state, which must be in this phase. */
  tallyIn<P extends TallyPhase>(phase: P): InPhase<P> {
    if (this.tally.phase !== phase)
      throw new Error(`the tally is in phase ${this.tally.phase}, not ${phase}`);
    return this.tally as InPhase<P>;
  }

  /** What was last sent of this kind, by or to the named node. */
  last<K extends RoundMessage['kind']>(kind: K, name?: string): Extract<RoundMessage, { kind: K }> {
    const found = this.sent.findLast(
      ({ from, to, message }) =>
        message.kind === kind && (name === undefined || from === name || to === name),
    );
    if (found === undefined) throw new Error(`no ${kind} was sent`);
    return found.message as Extract<RoundMessage, { kind: K }>;
  }

  tellTally(input: TallyInput): readonly TallyEffect[] {
    const { state, effects } = watched.tallyTakes(this.self('tally'), this.tally, input, this.nowMs);
    this.tally = state;
    this.#performTally(effects);
    return effects;
  }

  #performTally(effects: readonly TallyEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.#send({ from: 'tally', to: effect.to, message: effect.message });
      if (effect.kind === 'finish') this.outcome = effect.outcome;
      if (effect.kind === 'log') this.logs.push(effect.text);
    }
  }

  #send(sent: Sent): void {
    this.sent.push(sent);
    this.#queue.push(...this.#meddle(sent, this));
  }

  #deliver({ from, to, message }: Sent): void {
    if (to === 'tally') this.tellTally({ kind: 'message', from, message });
    else if (this.plan.keepers.includes(to)) this.#tellKeeper(to, { kind: 'message', message });
    else this.#tellCollector(to, { kind: 'message', message });
  }

  #tellKeeper(name: string, input: KeeperInput): void {
    const state = this.keepers.get(name);
    const plan = input.kind === 'message' && input.message.kind === 'plan' ? input.message : undefined;
    if (state === undefined && plan === undefined) return;
    const given = {
      secretKey: this.#random.bytes(32),
      sigmaFloor: undefined,
      isSeen: false,
      nowMs: this.nowMs,
    };
    const step =
      state === undefined
        ? watched.keeperBegins(this.self(name), plan!, given)
        : watched.keeperTakes(this.self(name), state, input, this.nowMs);
    this.keepers.set(name, step.state);
    for (const effect of step.effects) {
      if (effect.kind === 'send') this.#send({ from: name, to: 'tally', message: effect.message });
      if (effect.kind === 'sum')
        this.#tellKeeper(name, { kind: 'summed', sums: runOut(sumsOfMasks(effect.state)) });
    }
  }

  #tellCollector(name: string, input: CollectorInput): void {
    const state = this.collectors.get(name);
    if (state !== undefined) {
      const step = watched.collectorTakes(this.self(name), state, input, this.nowMs);
      this.collectors.set(name, step.state);
      this.#performCollector(name, step.effects);
    } else if (input.kind === 'message' && input.message.kind === 'plan') {
      const { nowMs } = this;
      const checkpointMs = this.#checkpointMs ?? Infinity;
      const given = { entropy: this.#entropy(), checkpointMs, sigmaFloor: undefined, nowMs };
      const step = watched.collectorBegins(this.self(name), input.message, given);
      this.collectors.set(name, step.state);
      this.#performCollector(name, step.effects);
    }
  }

  #entropy(): Uint8Array {
    return this.#random.bytes(depositEntropyBytes(toRoundFacts(this.plan, '', this.known)));
  }

  #performCollector(name: string, effects: readonly CollectorEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.#send({ from: name, to: 'tally', message: effect.message });
      if (effect.kind === 'draw') {
        const noise = fromSigned([...effect.sigmas].map((sigma) => (sigma === 0 ? 0n : NOISE)));
        this.#tellCollector(name, { kind: 'noise-drawn', noise });
      }
      if (effect.kind === 'count') {
        const vector = effect.vector.slice();
        for (let event = 0; event < Number(name.split('-')[1]); event += 1) incrementCell(vector, 0);
        this.#vectors.set(name, vector);
      }
      if (effect.kind === 'draw-entropy' && this.#checkpointMs !== undefined)
        this.#tellCollector(name, { kind: 'entropy-drawn', entropy: this.#entropy() });
      const vector = this.#vectors.get(name);
      if (effect.kind === 'take-image')
        this.#tellCollector(name, { kind: 'image-taken', cells: toBytes(vector!), countedMs: 0 });
      if (effect.kind === 'add-masks') addReserve(this.self(name), vector!, effect);
      if (effect.kind === 'stop-counting' && vector !== undefined) {
        const countedMs = this.plan.collectMs;
        this.#tellCollector(name, { kind: 'counted', vector, countedMs, isIncomplete: false });
      }
    }
  }

  /** False if nobody waits for anything. */
  #wakeNext(): boolean {
    const times = [
      tallyWakeMs(this.tally),
      ...[...this.collectors.values()].map(collectorWakeMs),
      ...[...this.keepers.values()].map(keeperWakeMs),
    ].filter((time) => time !== undefined);
    if (times.length === 0) return false;
    this.nowMs = Math.max(this.nowMs, Math.min(...times));
    if ((tallyWakeMs(this.tally) ?? Infinity) <= this.nowMs) this.tellTally({ kind: 'wake' });
    for (const [name, state] of this.collectors) {
      if ((collectorWakeMs(state) ?? Infinity) <= this.nowMs) this.#tellCollector(name, { kind: 'wake' });
    }
    for (const [name, state] of this.keepers) {
      if ((keeperWakeMs(state) ?? Infinity) > this.nowMs) continue;
      this.keepers.set(name, watched.keeperTakes(this.self(name), state, { kind: 'wake' }, this.nowMs).state);
    }
    return true;
  }
}
