/**
 * The honest nodes of a network whose tally is hostile: the real machines, in shells that do what the roles' shells do. A
 * message goes in, what the node sends back comes out.
 */
import { expandMask } from '../../src/core/masks.js';
import { fromSigned, type RingVector, toBytes, toSigned } from '../../src/core/ring.js';
import { nodePrimitives } from '../../src/crypto/primitives.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { addReserve } from '../../src/protocol/collector-checkpoint.js';
import { beginCollectorRound, resumeCollectorRound } from '../../src/protocol/collector-deposit.js';
import { stepCollector } from '../../src/protocol/collector-round.js';
import {
  type CollectorInput,
  type CollectorRecord,
  type CollectorStep,
} from '../../src/protocol/collector-state.js';
import { depositEntropyBytes } from '../../src/protocol/deposit.js';
import { sumsOfMasks } from '../../src/protocol/keeper-answer.js';
import { beginKeeperRound } from '../../src/protocol/keeper-begin.js';
import { type stepKeeper } from '../../src/protocol/keeper-round.js';
import { type KeeperRound, type KeeperStep } from '../../src/protocol/keeper-state.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { maskContext, type RoundFacts, type Self } from '../../src/protocol/round.js';
import { readStatement, statementDigest } from '../../src/protocol/statements.js';
import { holderSets, type HolderSets } from '../../src/core/holder-sets.js';
import { type RandomSource } from '../support/random-source.js';
import { runOut } from '../support/run-out.js';
import { testSelf } from '../support/test-network.js';

/** What only the test knows of a deposit: the first cell of each holder set's mask. */
export type DealtMasks = {
  readonly roundId: string;
  readonly collector: string;
  readonly generation: number;
  readonly digest: string;
  readonly maskOf: readonly bigint[];
};

export type Reply = { readonly from: string; readonly message: RoundMessage };

type CollectorShell = {
  state: CollectorStep['state'];
  readonly roundId: string;
  /** What it was given last, to deal with. */
  entropy: Uint8Array;
  vector?: RingVector;
  /** What is on its disk. */
  record?: CollectorRecord;
};

/** So soon that some are made in every round. */
const CHECKPOINT_MS = 200;

export class HonestNodes {
  readonly #known: KnownNetwork;
  readonly #random: RandomSource;
  readonly #keeperStep: typeof stepKeeper;
  readonly #holders: HolderSets;
  readonly #keepers = new Map<string, KeeperRound>();
  readonly #collectors = new Map<string, CollectorShell>();
  readonly #dealt: DealtMasks[] = [];
  #nowMs = 0;

  constructor(known: KnownNetwork, random: RandomSource, keeperStep: typeof stepKeeper) {
    this.#known = known;
    this.#random = random;
    this.#keeperStep = keeperStep;
    const { keepers, threshold } = known.network;
    this.#holders = holderSets({ keepers: keepers.length, threshold });
  }

  /** Every deposit that was ever dealt, in the order of dealing. */
  get dealt(): readonly DealtMasks[] {
    return this.#dealt;
  }

  send(to: string, message: RoundMessage): Reply[] {
    return this.#known.network.keepers.some(({ name }) => name === to)
      ? this.#toKeeper(to, message)
      : this.#toCollector(to, { kind: 'message', message });
  }

  /** Time passes at the collectors: who drew noise deals, who counted reports. */
  pass(ms: number): Reply[] {
    this.#nowMs += ms;
    return [...this.#collectors.keys()].flatMap((name) => this.#toCollector(name, { kind: 'wake' }));
  }

  /** A collector is killed, and goes on from its disk. */
  restart(name: string): Reply[] {
    const shell = this.#collectors.get(name);
    if (shell?.record === undefined || shell.state.phase === 'ended') return [];
    const step = resumeCollectorRound(testSelf(this.#known, name), shell.record, this.#given(shell));
    return this.#perform(name, step);
  }

  /** Randomness to deal with, of which the shell keeps a copy: the machine wipes its own. */
  #given(shell: Pick<CollectorShell, 'entropy'>) {
    shell.entropy = this.#random.bytes(depositEntropyBytes({ holders: this.#holders }));
    return { entropy: shell.entropy.slice(), checkpointMs: CHECKPOINT_MS, nowMs: this.#nowMs };
  }

  /** A keeper has a machine a round, and never takes up a round id again. */
  #toKeeper(name: string, message: RoundMessage): Reply[] {
    const self = testSelf(this.#known, name);
    const key = `${name} ${message.roundId}`;
    const state = this.#keepers.get(key);
    if (state === undefined && message.kind !== 'plan') return [];
    const given = {
      secretKey: this.#random.bytes(32),
      sigmaFloor: undefined,
      isSeen: false,
      nowMs: this.#nowMs,
    };
    const step =
      state === undefined && message.kind === 'plan'
        ? beginKeeperRound(self, message, given)
        : this.#stepAndSum(self, state!, message);
    // A plan that was declined leaves nothing behind.
    if (state !== undefined || step.state.phase !== 'ended') this.#keepers.set(key, step.state);
    return step.effects.flatMap((effect) =>
      effect.kind === 'send' ? [{ from: name, message: effect.message }] : [],
    );
  }

  /** Sums that are wanted are made at once. */
  #stepAndSum(self: Self, state: KeeperRound, message: RoundMessage): KeeperStep {
    const step = this.#keeperStep(self, state, { kind: 'message', message }, this.#nowMs);
    const sum = step.effects.find((effect) => effect.kind === 'sum');
    if (sum === undefined) return step;
    const summed = { kind: 'summed', sums: runOut(sumsOfMasks(sum.state)) } as const;
    return this.#keeperStep(self, step.state, summed, this.#nowMs);
  }

  /** A collector is in one round; a plan of another one, or of one that is over, begins anew. */
  #toCollector(name: string, input: CollectorInput): Reply[] {
    const shell = this.#collectors.get(name);
    const plan = input.kind === 'message' && input.message.kind === 'plan' ? input.message : undefined;
    const isOther = plan !== undefined && plan.roundId !== shell?.roundId;
    if (shell === undefined || isOther || shell.state.phase === 'ended') {
      if (plan === undefined) return [];
      const drawn = { entropy: new Uint8Array(0) };
      const given = { ...this.#given(drawn), sigmaFloor: undefined };
      const step = beginCollectorRound(testSelf(this.#known, name), plan, given);
      if (step.state.phase === 'ended') return [];
      this.#collectors.set(name, { state: step.state, roundId: plan.roundId, ...drawn });
      return this.#perform(name, step);
    }
    return this.#perform(name, stepCollector(testSelf(this.#known, name), shell.state, input, this.#nowMs));
  }

  #perform(name: string, { state, effects }: CollectorStep): Reply[] {
    const shell = this.#collectors.get(name)!;
    shell.state = state;
    if (state.phase === 'deposited' || state.phase === 'counting')
      this.#note(name, { facts: state.facts, entropy: shell.entropy, signed: state.deposit.parts[0]! });
    return effects.flatMap((effect): Reply[] => {
      switch (effect.kind) {
        case 'send':
          return [{ from: name, message: effect.message }];
        case 'draw': {
          const noise = fromSigned([...effect.sigmas].map((sigma) => (sigma === 0 ? 0n : 1n)));
          return this.#toCollector(name, { kind: 'noise-drawn', noise });
        }
        case 'draw-entropy': {
          // Not always: what is not dealt need not be opened, and each box takes its time.
          if (this.#random.isLikely(0.4)) return [];
          const { entropy } = this.#given(shell);
          return this.#toCollector(name, { kind: 'entropy-drawn', entropy });
        }
        case 'take-image':
          return this.#toCollector(name, {
            kind: 'image-taken',
            cells: toBytes(shell.vector!),
            countedMs: 0,
          });
        case 'add-masks':
          addReserve(testSelf(this.#known, name), shell.vector!, effect);
          return [];
        case 'persist':
          shell.record = effect.record;
          return [];
        case 'count':
          shell.vector = effect.vector;
          return [];
        case 'stop-counting': {
          if (shell.vector === undefined) return [];
          const counted = { vector: shell.vector, countedMs: 0, isIncomplete: false };
          return this.#toCollector(name, { kind: 'counted', ...counted });
        }
        case 'wipe':
        case 'log':
          return [];
      }
    });
  }

  #note(
    collector: string,
    { facts, entropy, signed }: { facts: RoundFacts; entropy: Uint8Array; signed: Uint8Array },
  ): void {
    const digest = statementDigest(signed);
    if (this.#dealt.some((dealt) => dealt.digest === digest)) return;
    const { publicKey } = testSelf(this.#known, collector).identity;
    const speaker = { publicKey, networkId: this.#known.id };
    const { generation } = readStatement('deposit', signed, speaker)!;
    const context = maskContext(facts, collector, generation);
    const maskOf = this.#holders.sets.map((_, set) => {
      const seed = { set, seed: entropy.subarray(32 * set, 32 * (set + 1)) };
      return toSigned(expandMask(nodePrimitives, seed, { context, cells: 1 }))[0]!;
    });
    this.#dealt.push({ roundId: facts.plan.roundId, collector, generation, digest, maskOf });
  }
}
