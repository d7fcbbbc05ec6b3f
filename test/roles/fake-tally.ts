/** A tally in the test's hand, as one node sees it: it says whatever the test wants, signed or not. */
import { type Json } from '../../src/protocol/canonical-json.js';
import { makeHello, TALLY_NAME } from '../../src/protocol/handshake.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { type Message, type MessageKind, type MessageOf } from '../../src/protocol/messages.js';
import { toPlanJson, type Plan } from '../../src/protocol/plan.js';
import { signStatement, statementDigest, type StatementKind } from '../../src/protocol/statements.js';
import { testIdentity, testPlan } from '../support/test-network.js';
import { FakeDialer, type FakeChannel } from './fake-channels.js';
import { FakeClock, FakeLog, randomBytes } from './tor-source-fakes.js';
import { memoryCache, noStatus } from './role-fakes.js';

export class FakeTally {
  readonly known: KnownNetwork;
  readonly dialer = new FakeDialer();
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly cache = memoryCache();
  /** The ports that every node has. */
  readonly ports = {
    dialer: this.dialer,
    clock: this.clock,
    log: this.log,
    randomBytes,
    artifacts: this.cache,
    ...noStatus,
  };
  #channel: FakeChannel | undefined;

  constructor(known: KnownNetwork) {
    this.known = known;
  }

  /** The node's dial succeeds; both say hello. */
  connect(): this {
    this.#channel = this.dialer.open();
    const { exporter } = this.#channel;
    const identity = testIdentity(TALLY_NAME);
    this.say(makeHello('tally', { name: TALLY_NAME, networkId: this.known.id, identity }, exporter));
    return this;
  }

  /** The connection is lost, and the node comes again. */
  reconnect(): this {
    this.dialer.last.onClose('the connection was reset');
    this.clock.advance(60_000);
    return this.connect();
  }

  say(message: Message): this {
    this.dialer.say(message);
    return this;
  }

  plan(changes: Partial<Plan> = {}): Plan {
    return testPlan(this.known, { createdAtMs: this.clock.nowMs(), ...changes });
  }

  sign(kind: StatementKind, statement: Json, by = TALLY_NAME): Uint8Array {
    return signStatement(kind, statement, { identity: testIdentity(by), networkId: this.known.id });
  }

  planMessage(plan: Plan, { by = TALLY_NAME, keys = [] }: { by?: string; keys?: Uint8Array[] } = {}) {
    const parts = [this.sign('plan', toPlanJson(plan), by), ...keys];
    return { kind: 'plan', roundId: plan.roundId, parts } satisfies Message;
  }

  /** A roster for the plan: each keeper's key, 32 bytes that make a good point. */
  roster(plan: Plan): Uint8Array[] {
    const digest = statementDigest(this.planMessage(plan).parts[0]!);
    return plan.keepers.map((keeper, at) => {
      const key = `${String(at + 9).padStart(2, '0')}${'00'.repeat(31)}`;
      return this.sign('round-key', { roundId: plan.roundId, plan: digest, keeper, key }, keeper);
    });
  }

  digestOf(plan: Plan): string {
    return statementDigest(this.planMessage(plan).parts[0]!);
  }

  end(plan: Plan, outcome: 'released' | 'aborted' = 'released'): Message {
    const statement = { roundId: plan.roundId, plan: this.digestOf(plan), outcome, reason: 'because' };
    return { kind: 'end', roundId: plan.roundId, parts: [this.sign('end', statement)] };
  }

  /** The connection of now. */
  get channel(): FakeChannel {
    return this.#channel!;
  }

  /** What the node has sent since the last call, but its hello. */
  taken(): Message[] {
    return this.#channel!.taken().filter(({ kind }) => kind !== 'hello');
  }

  takenKinds(): MessageKind[] {
    return this.taken().map(({ kind }) => kind);
  }

  takenOf<K extends MessageKind>(kind: K): MessageOf<K> {
    return this.#channel!.takenOf(kind);
  }

  get warnings(): string[] {
    return this.log.lines.filter((line) => /^(warn|error): /.test(line));
  }
}
