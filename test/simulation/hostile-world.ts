/**
 * The honest nodes of a network whose tally is hostile: the real machines, in shells that do what the roles' shells do. A
 * message goes in, what the node sends back comes out.
 */
import { expandMask } from '../../src/core/masks.js';
import { fromSigned, type RingVector, toSigned } from '../../src/core/ring.js';
import { nodePrimitives } from '../../src/crypto/primitives.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { beginCollectorRound } from '../../src/protocol/collector-deposit.js';
import { stepCollector } from '../../src/protocol/collector-round.js';
import { type CollectorInput, type CollectorStep } from '../../src/protocol/collector-state.js';
import { depositEntropyBytes } from '../../src/protocol/deposit.js';
import { beginKeeperRound, type stepKeeper } from '../../src/protocol/keeper-round.js';
import { type KeeperRound } from '../../src/protocol/keeper-state.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { maskContext, type RoundFacts } from '../../src/protocol/round.js';
import { statementDigest } from '../../src/protocol/statements.js';
import { holderSets, type HolderSets } from '../../src/core/holder-sets.js';
import { type RandomSource } from '../support/random-source.js';
import { testSelf } from '../support/test-network.js';

/** What only the test knows of a deposit: the first cell of each holder set's mask. */
export type DealtMasks = {
  readonly roundId: string;
  readonly collector: string;
  readonly digest: string;
  readonly maskOf: readonly bigint[];
};

export type Reply = { readonly from: string; readonly message: RoundMessage };

type CollectorShell = {
  state: CollectorStep['state'];
  readonly roundId: string;
  readonly entropy: Uint8Array;
  vector?: RingVector;
};

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
        : this.#keeperStep(self, state!, { kind: 'message', message }, this.#nowMs);
    // A plan that was declined leaves nothing behind.
    if (state !== undefined || step.state.phase !== 'ended') this.#keepers.set(key, step.state);
    return step.effects.flatMap((effect) =>
      effect.kind === 'send' ? [{ from: name, message: effect.message }] : [],
    );
  }

  /** A collector is in one round; a plan of another one, or of one that is over, begins anew. */
  #toCollector(name: string, input: CollectorInput): Reply[] {
    const shell = this.#collectors.get(name);
    const plan = input.kind === 'message' && input.message.kind === 'plan' ? input.message : undefined;
    const isOther = plan !== undefined && plan.roundId !== shell?.roundId;
    if (shell === undefined || isOther || shell.state.phase === 'ended') {
      if (plan === undefined) return [];
      const entropy = this.#random.bytes(depositEntropyBytes({ holders: this.#holders }));
      const given = { entropy: entropy.slice(), sigmaFloor: undefined, nowMs: this.#nowMs };
      const step = beginCollectorRound(testSelf(this.#known, name), plan, given);
      if (step.state.phase === 'ended') return [];
      this.#collectors.set(name, { state: step.state, roundId: plan.roundId, entropy });
      return this.#perform(name, step);
    }
    return this.#perform(name, stepCollector(testSelf(this.#known, name), shell.state, input, this.#nowMs));
  }

  #perform(name: string, { state, effects }: CollectorStep): Reply[] {
    const shell = this.#collectors.get(name)!;
    const before = shell.state.phase;
    shell.state = state;
    if (state.phase === 'deposited' && before === 'drawing') {
      this.#note(name, { facts: state.facts, entropy: shell.entropy, signed: state.deposit.parts[0]! });
    }
    return effects.flatMap((effect): Reply[] => {
      switch (effect.kind) {
        case 'send':
          return [{ from: name, message: effect.message }];
        case 'draw': {
          const noise = fromSigned([...effect.sigmas].map((sigma) => (sigma === 0 ? 0n : 1n)));
          return this.#toCollector(name, { kind: 'noise-drawn', noise });
        }
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
        case 'persist':
          return [];
      }
    });
  }

  #note(
    collector: string,
    { facts, entropy, signed }: { facts: RoundFacts; entropy: Uint8Array; signed: Uint8Array },
  ): void {
    const context = maskContext(facts, collector, 1);
    const maskOf = this.#holders.sets.map((_, set) => {
      const seed = { set, seed: entropy.subarray(32 * set, 32 * (set + 1)) };
      return toSigned(expandMask(nodePrimitives, seed, { context, cells: 1 }))[0]!;
    });
    this.#dealt.push({ roundId: facts.plan.roundId, collector, digest: statementDigest(signed), maskOf });
  }
}
