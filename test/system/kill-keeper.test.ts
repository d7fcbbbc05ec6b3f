/** A keeper's process that is killed around its vote and its answer: the same bytes again, and nothing for another set. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePorts, startChild, type Child } from '../../src/cli/child-process.js';
import { writeLocalNetwork } from '../../src/cli/local-network.js';
import { packagedConfig } from '../../src/cli/package-files.js';
import { readNetwork } from '../../src/cli/read-config.js';
import { toHex } from '../../src/core/hex.js';
import { createListener } from '../../src/io/listener.js';
import { x25519PublicKey } from '../../src/crypto/sealing.js';
import { type Json } from '../../src/protocol/canonical-json.js';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { dealSeeds, depositEntropyBytes } from '../../src/protocol/deposit.js';
import { makeHello, TALLY_NAME } from '../../src/protocol/handshake.js';
import { type Message, type MessageKind, type MessageOf } from '../../src/protocol/messages.js';
import { toPlanJson } from '../../src/protocol/plan.js';
import { readRoster } from '../../src/protocol/roster.js';
import { toRoundFacts } from '../../src/protocol/round.js';
import { signStatement, statementDigest, type StatementKind } from '../../src/protocol/statements.js';
import { type FrameChannel, type FrameEvents, type Listening } from '../../src/roles/channel-ports.js';
import { type TracedCommit } from '../support/kill-at.js';
import { RandomSource } from '../support/random-source.js';
import { testIdentity, testPlan, testSelf } from '../support/test-network.js';
import { HOST, until } from './hostile-world.js';

const KILLER = new URL('../support/kill-at.js', import.meta.url);
const WAIT_MS_MAX = 120_000;
/** After the store's schema, what the round costs, the plan and the two deposits. */
const VOTE_COMMIT = 6;
const KEEPERS = ['keeper-1', 'keeper-2', 'keeper-3'];
const COLLECTORS = ['collector-1', 'collector-2'];

/** The tally's key in the test's hand, and one keeper that runs. */
class KeeperAlone {
  readonly folder = mkdtempSync(join(tmpdir(), 'privcount-keeper-'));
  readonly #received: Message[] = [];
  #channel: FrameChannel | undefined;
  #listening: Listening | undefined;
  #child: Child | undefined;
  #lives = 0;

  async start(): Promise<this> {
    const [port] = await freePorts(1);
    await writeLocalNetwork(this.#path(), {
      name: 'test',
      keepers: KEEPERS.length,
      threshold: 2,
      collectors: COLLECTORS.length,
      minCollectors: 1,
      toleratedLost: 0,
      tallyPort: port!,
      controlPorts: [1, 2],
      fingerprints: [],
      isTest: true,
      isNoiseOff: true,
      counters: packagedConfig('counters/exit-streams.bins.yaml'),
      noise: { kind: 'noise', file: packagedConfig('noise/exit-streams.demo.yaml') },
      lists: {},
      collectPeriod: 1,
      noisePeriod: 1,
      settlePeriod: 1,
      phaseTimeout: 1,
      rounds: 1,
    });
    const [key, cert] = ['tls.key', 'tls.cert'].map((name) => readFileSync(this.#path(TALLY_NAME, name)));
    const listener = createListener({ key: key!, cert: cert! });
    this.#listening = await listener.listen({ host: HOST, port: port! }, (channel) => this.#accept(channel));
    return this;
  }

  get known() {
    return readNetwork(this.#path('keeper-1', 'network.yaml'));
  }

  /** A life of the keeper, which ends where `killAt` says. Resolves when it has shaken hands. */
  async live(killAt = ''): Promise<void> {
    this.#lives += 1;
    this.#channel = undefined;
    this.#child = startChild(['sk', this.#path('keeper-1', 'config.yaml')], {
      logFile: join(this.folder, 'keeper.log'),
      env: {
        NODE_OPTIONS: `--import ${KILLER.href}`,
        PRIVCOUNT_KILL_TRACE: this.#traceFile,
        PRIVCOUNT_KILL_AT: killAt,
      },
    });
    await until(() => this.#channel !== undefined, 'the keeper connects', WAIT_MS_MAX);
  }

  /** Resolves when it has died by its own hand; gives what it had sent of this kind. */
  async died<K extends MessageKind>(kind: K): Promise<MessageOf<K>[]> {
    let hasEnded = false;
    void this.#child!.ended.then(() => (hasEnded = true));
    await until(() => hasEnded, 'the keeper dies', WAIT_MS_MAX);
    expect(this.lastCommit).to.include({ killed: 'after' });
    return this.#taken(kind);
  }

  async kill(): Promise<void> {
    this.#child!.process.kill('SIGKILL');
    await this.#child!.ended;
  }

  get lastCommit(): TracedCommit {
    return JSON.parse(readFileSync(this.#traceFile, 'utf8').trim().split('\n').at(-1)!) as TracedCommit;
  }

  say(message: Message): void {
    this.#channel!.send(encodeMessage(message));
  }

  /** Says it, and gives the answer of that kind. */
  async ask<K extends MessageKind>(message: Message, kind: K): Promise<MessageOf<K>> {
    this.say(message);
    let answers: MessageOf<K>[] = [];
    const isThere = () => (answers = this.#taken(kind)).length > 0;
    await until(isThere, `a ${kind} for a ${message.kind}`, WAIT_MS_MAX);
    return answers[0]!;
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
    await this.#listening?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #path(...names: string[]): string {
    return join(this.folder, 'network', ...names);
  }

  get #traceFile(): string {
    return join(this.folder, `trace.${this.#lives}`);
  }

  #taken<K extends MessageKind>(kind: K): MessageOf<K>[] {
    return this.#received.splice(0).filter((message): message is MessageOf<K> => message.kind === kind);
  }

  #accept(channel: FrameChannel): FrameEvents {
    const onFrame = (frame: Uint8Array): void => {
      const decoded = decodeMessage(frame);
      if ('fault' in decoded) throw new Error(decoded.fault);
      if (decoded.message.kind !== 'hello') {
        this.#received.push(decoded.message);
        return;
      }
      channel.welcome();
      const named = { name: TALLY_NAME, networkId: this.known.id, identity: testIdentity(TALLY_NAME) };
      channel.send(encodeMessage(makeHello('tally', named, channel.exporter)));
      this.#channel = channel;
    };
    return { onFrame, onClose: () => undefined };
  }
}

/** What a tally says in a round with deposits of two collectors, and the votes of another keeper. */
class Script {
  readonly #known: KeeperAlone['known'];
  readonly plan;
  readonly #planMessage: MessageOf<'plan'>;
  readonly #planDigest: string;
  readonly #random = new RandomSource(1);
  #rosterDigest = '';

  constructor(known: KeeperAlone['known']) {
    this.#known = known;
    this.plan = testPlan(known, { createdAtMs: Date.now() });
    this.#planMessage = this.#message('plan', [this.#sign('plan', toPlanJson(this.plan), TALLY_NAME)]);
    this.#planDigest = statementDigest(this.#planMessage.parts[0]!);
  }

  get open(): MessageOf<'plan'> {
    return this.#planMessage;
  }

  /** The deposits of all collectors, to a roster with this key of keeper-1. */
  deposits(signedKey: Uint8Array): MessageOf<'deposit'>[] {
    const others = KEEPERS.slice(1).map((keeper) => {
      const key = toHex(x25519PublicKey(this.#random.bytes(32)));
      return this.#sign('round-key', { ...this.#inRound, keeper, key }, keeper);
    });
    const roster = readRoster([signedKey, ...others], this.#planDigest, this.#known)!;
    this.#rosterDigest = roster.digest;
    const facts = toRoundFacts(this.plan, this.#planDigest, this.#known);
    return COLLECTORS.map((collector) => {
      const entropy = this.#random.bytes(depositEntropyBytes(facts));
      const { parts } = dealSeeds(testSelf(this.#known, collector), facts, {
        roster,
        generation: 1,
        entropy,
      })!;
      const { roundId } = this.plan;
      return { kind: 'deposit', roundId, collector, parts: parts.slice(0, 2) };
    });
  }

  proposal(collectors: readonly string[]): MessageOf<'proposal'> {
    const set = collectors.map((collector) => ({ collector, generations: [1], report: 'ef'.repeat(32) }));
    const statement = { ...this.#inRound, roster: this.#rosterDigest, set };
    return this.#message('proposal', [this.#sign('proposal', statement, TALLY_NAME)]);
  }

  /** Ed25519 signs the same statement the same way each time. */
  vote(keeper: string, { parts }: MessageOf<'proposal'>): Uint8Array {
    return this.#sign('vote', { ...this.#inRound, keeper, proposal: statementDigest(parts[0]!) }, keeper);
  }

  certificate(votes: readonly Uint8Array[]): MessageOf<'certificate'> {
    return { ...this.#message('certificate', votes), send: [0, 1, 2] };
  }

  get #inRound() {
    return { roundId: this.plan.roundId, plan: this.#planDigest };
  }

  #message<K extends 'plan' | 'proposal' | 'certificate'>(kind: K, parts: readonly Uint8Array[]) {
    return { kind, roundId: this.plan.roundId, parts };
  }

  #sign(kind: StatementKind, statement: Json, by: string): Uint8Array {
    return signStatement(kind, statement, { identity: testIdentity(by), networkId: this.#known.id });
  }
}

describe('a keeper whose process is killed', function () {
  this.timeout(400_000);
  const keeper = new KeeperAlone();

  before(() => keeper.start());
  after(() => keeper.stop());

  it('with its vote on the disk, and before its answer, gives the same bytes again, and no others', async () => {
    const script = new Script(keeper.known);
    await keeper.live(`${VOTE_COMMIT}:after`);
    const key = await keeper.ask(script.open, 'round-key');
    for (const deposit of script.deposits(key.parts[0]!)) await keeper.ask(deposit, 'acknowledgement');
    const both = script.proposal(COLLECTORS);
    const other = script.proposal(COLLECTORS.slice(0, 1));
    keeper.say(both);
    expect(await keeper.died('vote'), 'killed before it sent its vote').to.deep.equal([]);
    expect(keeper.lastCommit.put).to.include(`seen/${script.plan.roundId}`);

    // What it gives is written down before its answer leaves: the first commit of this life.
    await keeper.live('1:after');
    expect(await keeper.ask(other, 'decline')).to.include({ code: 'voted-otherwise' });
    const vote = await keeper.ask(both, 'vote');
    expect(vote.parts).to.deep.equal([script.vote('keeper-1', both)]);
    const votes = [vote.parts[0]!, script.vote('keeper-2', both)];
    keeper.say(script.certificate(votes));
    expect(await keeper.died('answer'), 'killed before it sent its answer').to.deep.equal([]);

    await keeper.live();
    expect(await keeper.ask(both, 'vote')).to.deep.equal(vote);
    const answer = await keeper.ask(script.certificate(votes), 'answer');
    expect(answer.parts.length).to.be.greaterThan(1);
    expect(await keeper.ask(script.certificate(votes), 'answer')).to.deep.equal(answer);
    await keeper.kill();

    await keeper.live();
    expect(await keeper.ask(script.certificate(votes), 'answer')).to.deep.equal(answer);
    expect(await keeper.ask(other, 'decline')).to.include({ code: 'voted-otherwise' });
    const otherVotes = ['keeper-2', 'keeper-3'].map((name) => script.vote(name, other));
    expect(await keeper.ask(script.certificate(otherVotes), 'decline')).to.include({
      code: 'certificate-refused',
    });
  });
});
