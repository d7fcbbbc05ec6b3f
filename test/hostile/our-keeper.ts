/**
 * A whole keeper of this project with its state on a disk, alone with a hostile tally: it can be ended and started anew. Its
 * network has one keeper, one collector, a delay of a day and a budget.
 */
import { join } from 'node:path';
import { openStore } from '../../src/io/sqlite-store.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { dealSeeds, depositEntropyBytes } from '../../src/protocol/deposit.js';
import { type Message, type MessageOf } from '../../src/protocol/messages.js';
import { type Plan } from '../../src/protocol/plan.js';
import { readRoster } from '../../src/protocol/roster.js';
import { toRoundFacts } from '../../src/protocol/round.js';
import { Keeper } from '../../src/roles/keeper.js';
import { PrivacyMemory } from '../../src/roles/privacy-memory.js';
import { storeMemory } from '../../src/roles/store-memory.js';
import { DIGEST } from '../protocol/sample-statements.js';
import { FakeTally } from '../roles/fake-tally.js';
import { RandomSource } from '../support/random-source.js';
import { testNetwork, testSelf } from '../support/test-network.js';

const KEEPER = 'keeper-1';
const COLLECTOR = 'collector-1';
export const DAY_MS = 86_400_000;

/** `budgetEpsilon` is for 30 days; a round costs (0.3, 1e-3). */
export function smallNetwork({ id = 'ab'.repeat(32), budgetEpsilon = 10 } = {}): KnownNetwork {
  const { network } = testNetwork({ keepers: 1, threshold: 1, collectors: 1 });
  const budget = { epsilon: budgetEpsilon, delta: 1e-3, windowDays: 30 };
  const privacy = { ...network.privacy, epsilon: 0.3, delta: 1e-3, budget };
  return { network: { ...network, privacy, delayPeriodMs: DAY_MS }, id, isTest: true };
}

export class KeeperOnDisk {
  readonly tally: FakeTally;
  readonly #store: ReturnType<typeof openStore>;
  readonly #keeper: Keeper;
  readonly #random = new RandomSource(8);

  /** `nowMs` is what the clock says, from the fake one's start on. */
  constructor(folder: string, known: KnownNetwork, nowMs = 0) {
    this.tally = new FakeTally(known);
    this.tally.clock.advance(nowMs);
    this.#store = openStore(join(folder, 'state.db'), { key: new Uint8Array(32).fill(4) });
    const ports = {
      ...this.tally.ports,
      randomBytes: (length: number) => this.#random.bytes(length),
      store: this.#store,
      memory: new PrivacyMemory(storeMemory(this.#store)),
    };
    this.#keeper = new Keeper(testSelf(known, KEEPER), 'software', { ownDelay: {} }, ports);
    this.#keeper.start();
    this.tally.connect().taken();
  }

  end(): void {
    this.#keeper.close();
    this.#store.close();
  }

  plan(round: number, { sigma = 10 } = {}): Plan {
    const plan = this.tally.plan({ roundId: round.toString(16).padStart(32, '0') });
    const counters = plan.counters.map((counter) => (counter.sigma === 0 ? counter : { ...counter, sigma }));
    return { ...plan, counters };
  }

  /** What the keeper says to this, but for its status: the message, or the code and reason of its refusal. */
  ask(message: Message): Message | undefined {
    this.tally.say(message).clock.advance(1);
    return this.tally.taken().find(({ kind }) => kind !== 'status');
  }

  refusal(message: Message): Pick<MessageOf<'decline'>, 'code' | 'reason'> | undefined {
    const said = this.ask(message);
    return said?.kind === 'decline' ? { code: said.code, reason: said.reason } : undefined;
  }

  /** A round up to the keeper's key and the seeds that it takes; the digest of the roster. */
  deal(plan: Plan): string {
    const { known } = this.tally;
    const roundKey = this.ask(this.tally.planMessage(plan));
    const planDigest = this.tally.digestOf(plan);
    const roster = readRoster([roundKey!.parts[0]!], planDigest, known)!;
    const facts = toRoundFacts(plan, planDigest, known);
    const entropy = this.#random.bytes(depositEntropyBytes(facts));
    const { parts } = dealSeeds(testSelf(known, COLLECTOR), facts, { roster, generation: 1, entropy })!;
    const said = this.ask({ kind: 'deposit', roundId: plan.roundId, collector: COLLECTOR, parts });
    if (said?.kind !== 'acknowledgement') throw new Error('the seeds were not taken');
    return roster.digest;
  }

  /** The tally's wish to have the one report opened; `report` makes another wish of it. */
  proposal(plan: Plan, roster: string, report = DIGEST): Message {
    const set = [{ collector: COLLECTOR, generations: [1], report }];
    const statement = { roundId: plan.roundId, plan: this.tally.digestOf(plan), roster, set };
    return {
      kind: 'proposal',
      roundId: plan.roundId,
      parts: [this.tally.sign('proposal', statement)],
    };
  }

  /** A round as it should be, to the keeper's answer and its end. */
  takePart(plan: Plan): void {
    const { roundId } = plan;
    const vote = this.ask(this.proposal(plan, this.deal(plan)));
    const said = this.ask({ kind: 'certificate', roundId, send: [0], parts: [vote!.parts[0]!] });
    if (said?.kind !== 'answer') throw new Error('the keeper gave no answer');
    this.ask(this.tally.end(plan));
  }
}
