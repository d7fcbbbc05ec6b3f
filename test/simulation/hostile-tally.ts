/**
 * A tally that does what it likes. It has the tally's identity and those of some keepers, which vote for anything and hand
 * over their seeds. It knows the protocol: most of what it does gets it further, so that the machines are tried where it
 * matters. Whatever honest nodes send it, it keeps and uses again, in any order and in any mixture.
 */
import { toHex } from '../../src/core/hex.js';
import { fromBytes, toSigned } from '../../src/core/ring.js';
import { x25519PublicKey } from '../../src/crypto/sealing.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { toPlanJson, type Plan } from '../../src/protocol/plan.js';
import { signerOf } from '../../src/protocol/round.js';
import { rosterDigest } from '../../src/protocol/roster.js';
import { type ReleasedSet } from '../../src/protocol/shapes.js';
import { readStatement, signStatement, statementDigest } from '../../src/protocol/statements.js';
import { type RandomSource } from '../support/random-source.js';
import { testSelf } from '../support/test-network.js';
import { type HonestNodes, type Reply } from './hostile-world.js';

/** What an honest keeper gave away of one holder set: its sum, in the first cell. */
export type GivenSum = { readonly roundId: string; readonly set: number; readonly sum: bigint };

type Told = { readonly by: string; readonly about: string; readonly signed: Uint8Array };
type Deposit = {
  readonly collector: string;
  readonly generation: number;
  readonly plan: string;
  readonly roster: string;
  readonly digest: string;
  readonly keepers: readonly string[];
  readonly parts: readonly Uint8Array[];
};
type Proposal = { readonly signed: Uint8Array; readonly digest: string };

/** A plan, and how far the tally has come with it. */
type Attempt = {
  readonly plan: Plan;
  readonly signedPlan: Uint8Array;
  readonly digest: string;
  readonly rosters: (readonly Uint8Array[])[];
  readonly proposals: Proposal[];
  stage: number;
};

const STAGES = [
  'keys',
  'invite',
  'deal',
  'forward',
  'start',
  'checkpoint',
  'restart',
  'report',
  'propose',
  'certify',
] as const;
/** After the last stage, any again, but proposals and certificates most of all. */
const ENCORES = [
  ...STAGES,
  'start',
  'propose',
  'certify',
  'propose',
  'certify',
  'propose',
  'certify',
] as const;
const ENCORES_MAX = 4;

export class HostileTally {
  readonly #known: KnownNetwork;
  readonly #nodes: HonestNodes;
  readonly #random: RandomSource;
  readonly #dishonest: ReadonlySet<string>;
  readonly #sent: { to: string; message: RoundMessage }[] = [];
  readonly #roundKeys: Told[] = [];
  readonly #deposits: Deposit[] = [];
  readonly #acknowledgements: Told[] = [];
  readonly #votes: Told[] = [];
  readonly #reports: {
    collector: string;
    plan: string;
    digest: string;
    generations: readonly number[];
  }[] = [];
  readonly #sums: GivenSum[] = [];

  constructor(
    known: KnownNetwork,
    nodes: HonestNodes,
    { random, dishonest }: { random: RandomSource; dishonest: ReadonlySet<string> },
  ) {
    this.#known = known;
    this.#nodes = nodes;
    this.#random = random;
    this.#dishonest = dishonest;
  }

  /** Runs rounds of these plans through each other, and answers with all sums that honest keepers gave away. */
  attack(plans: readonly Plan[]): readonly GivenSum[] {
    const attempts = plans.map((plan): Attempt => {
      const signedPlan = this.#sign('tally', 'plan', toPlanJson(plan));
      const digest = statementDigest(signedPlan);
      return { plan, signedPlan, digest, rosters: [], proposals: [], stage: 0 };
    });
    while (attempts.some(({ stage }) => stage < STAGES.length + ENCORES_MAX)) {
      const attempt = this.#random.pick(attempts);
      const { stage } = attempt;
      this.#act(STAGES[stage] ?? this.#random.pick(ENCORES), attempt);
      if (this.#random.isLikely(0.3)) this.#replay();
      if (this.#random.isLikely(0.04)) this.#end(attempt);
      attempt.stage += 1;
    }
    return this.#sums;
  }

  #act(stage: (typeof STAGES)[number], attempt: Attempt): void {
    switch (stage) {
      case 'keys':
        for (const to of this.#keepers()) this.#send(to, this.#planMessage(attempt, []));
        break;
      case 'invite':
        this.#invite(attempt);
        break;
      case 'deal':
        this.#learn(this.#nodes.pass(attempt.plan.drawMs));
        break;
      case 'forward':
        this.#forward(attempt);
        break;
      case 'start':
        this.#start(attempt);
        break;
      case 'checkpoint':
        if (this.#random.isLikely(0.4)) this.#letCheckpoint(attempt);
        break;
      case 'restart':
        if (this.#random.isLikely(0.3)) this.#restart(attempt);
        break;
      case 'report':
        this.#learn(this.#nodes.pass(attempt.plan.collectMs));
        break;
      case 'propose':
        this.#propose(attempt);
        break;
      case 'certify':
        this.#certify(attempt);
        break;
    }
  }

  #keepers(): string[] {
    return this.#shuffled(this.#known.network.keepers.map(({ name }) => name));
  }

  #collectors(): string[] {
    return this.#shuffled(this.#known.network.collectors.map(({ name }) => name));
  }

  #shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, at: this.#random.fraction() }))
      .sort((left, right) => left.at - right.at)
      .map(({ item }) => item);
  }

  #some<T>(items: readonly T[], share: number): T[] {
    return items.filter(() => this.#random.isLikely(share));
  }

  #sign(name: string, ...[kind, statement]: SignArguments): Uint8Array {
    return signStatement(kind, statement, signerOf(testSelf(this.#known, name)));
  }

  #send(to: string, message: RoundMessage): void {
    if (this.#dishonest.has(to)) return;
    this.#sent.push({ to, message });
    this.#learn(this.#nodes.send(to, message));
  }

  /** Something from before, again, perhaps to another node or under another round's name. */
  #replay(): void {
    const { to, message } = this.#random.pick(this.#sent);
    const other = this.#random.pick([...this.#keepers(), ...this.#collectors()]);
    const { roundId } = this.#random.pick(this.#sent).message;
    this.#send(this.#random.isLikely(0.6) ? to : other, { ...message, roundId });
  }

  #end({ plan, digest }: Attempt): void {
    const { roundId } = plan;
    const end = { roundId, plan: digest, outcome: 'aborted', reason: '' };
    const message = { kind: 'end', roundId, parts: [this.#sign('tally', 'end', end)] } as const;
    for (const to of this.#some([...this.#keepers(), ...this.#collectors()], 0.2)) this.#send(to, message);
  }

  #planMessage({ plan, signedPlan }: Attempt, keys: readonly Uint8Array[]): RoundMessage {
    return { kind: 'plan', roundId: plan.roundId, parts: [signedPlan, ...keys] };
  }

  /** One or two rosters, of any t keepers or more, to different collectors. */
  #invite(attempt: Attempt): void {
    const { plan, digest } = attempt;
    const own = [...this.#dishonest].map((keeper): Told => {
      const key = toHex(x25519PublicKey(this.#random.bytes(32)));
      const statement = { roundId: plan.roundId, plan: digest, keeper, key };
      return { by: keeper, about: digest, signed: this.#sign(keeper, 'round-key', statement) };
    });
    const keys = [...this.#roundKeys, ...own].filter(({ about }) => about === digest);
    for (let roster = this.#random.below(4); roster < 4; roster += 3) {
      const chosen = this.#some(keys, this.#random.pick([0.8, 0.9, 1])).filter(
        ({ by }, at, all) => all.findIndex((key) => key.by === by) === at,
      );
      const signed = plan.keepers.flatMap((name) => chosen.find(({ by }) => by === name)?.signed ?? []);
      attempt.rosters.push(signed);
    }
    for (const to of this.#collectors())
      this.#send(to, this.#planMessage(attempt, this.#random.pick(attempt.rosters)));
  }

  /** Each box to its keeper; now and then to another, under another collector's name, or from another deposit. */
  #forward({ plan }: Attempt): void {
    const { roundId } = plan;
    for (const deposit of this.#shuffled(this.#deposits)) {
      for (const to of this.#some(deposit.keepers, 0.97)) {
        const isFoul = this.#random.isLikely(0.03);
        const boxes = isFoul ? this.#random.pick(this.#deposits).parts.slice(1) : deposit.parts.slice(1);
        const box = isFoul ? this.#random.pick(boxes) : boxes[deposit.keepers.indexOf(to)]!;
        const collector = this.#random.isLikely(0.98) ? deposit.collector : this.#collectors()[0]!;
        this.#send(to, { kind: 'deposit', roundId, collector, parts: [deposit.parts[0]!, box] });
      }
    }
  }

  /** Its own keepers acknowledge everything. */
  #start({ plan, digest }: Attempt): void {
    const { roundId } = plan;
    const start = this.#sign('tally', 'start', { roundId, plan: digest, startedAtMs: 0 });
    for (const deposit of this.#deposits) {
      const own = [...this.#dishonest].map((keeper) => {
        const { collector, generation } = deposit;
        const said = { roundId, plan: digest, keeper, collector, generation, deposit: deposit.digest };
        return this.#sign(keeper, 'acknowledgement', said);
      });
      const honest = this.#acknowledgements.filter(({ about }) => about === deposit.digest);
      const parts = [start, ...honest.map(({ signed }) => signed), ...own];
      const restMs = this.#random.pick([plan.collectMs, plan.collectMs, 1]);
      this.#send(deposit.collector, { kind: 'start', roundId, restMs, parts });
    }
  }

  /** What collectors dealt while they count is held, and the time of a checkpoint comes. */
  #letCheckpoint(attempt: Attempt): void {
    this.#forward(attempt);
    this.#start(attempt);
    this.#learn(this.#nodes.pass(attempt.plan.collectMs / 4));
  }

  /** Some collectors are killed, so that they deal again: from their last image, or from the beginning. */
  #restart(attempt: Attempt): void {
    for (const name of this.#some(this.#collectors(), 0.6)) this.#learn(this.#nodes.restart(name));
    this.#learn(this.#nodes.pass(attempt.plan.drawMs));
    this.#forward(attempt);
    this.#start(attempt);
  }

  /** Which of a collector's masks are asked for: those of its report, of all that it dealt, or of any. */
  #generationsOf(collector: string, pool: readonly Deposit[]): number[] {
    const dealt = pool.filter((deposit) => deposit.collector === collector);
    const all = [...new Set(dealt.map(({ generation }) => generation))];
    const reported = this.#reports.find((report) => report.collector === collector)?.generations ?? all;
    const some = this.#some(all, 0.5);
    const chosen = this.#random.pick([reported, reported, all, some.length === 0 ? all : some]);
    return this.#random.isLikely(0.98) ? [...chosen] : [...chosen, ...chosen];
  }

  /** Different sets to different keepers, in any order: halves, single collectors, everything, with any roster. */
  #propose(attempt: Attempt): void {
    const { plan, digest } = attempt;
    const { roundId } = plan;
    const wanted = 1 + this.#random.below(3);
    for (let proposal = 0; proposal < wanted; proposal += 1) {
      const own = this.#deposits.filter((deposit) => deposit.plan === digest);
      const pool = this.#random.isLikely(0.95) ? own : this.#deposits;
      const dealers = [...new Set(pool.map(({ collector }) => collector))];
      const named = this.#random.isLikely(0.98) ? dealers : [...dealers, ...dealers];
      const set: ReleasedSet = this.#some(named, this.#random.pick([0.3, 0.7, 1, 1])).map((collector) => ({
        collector,
        generations: this.#generationsOf(collector, pool),
        report: this.#reports.find((report) => report.collector === collector)?.digest ?? '00'.repeat(32),
      }));
      if (set.length === 0) continue;
      const roster = this.#random.isLikely(0.9)
        ? (own.at(-1)?.roster ?? '00'.repeat(32))
        : rosterDigest(this.#random.pick(attempt.rosters));
      const signed = this.#sign('tally', 'proposal', { roundId, plan: digest, roster, set });
      attempt.proposals.push({ signed, digest: statementDigest(signed) });
    }
    for (const to of this.#keepers()) {
      for (const { signed } of this.#some(this.#shuffled(attempt.proposals), 0.8))
        this.#send(to, { kind: 'proposal', roundId, parts: [signed] });
    }
  }

  /** Its own keepers vote for everything; certificates hold votes for one proposal, or whatever there is. */
  #certify({ plan, digest, proposals }: Attempt): void {
    const { roundId } = plan;
    const send = Array.from({ length: 252 }, (_, set) => set);
    for (const proposal of this.#shuffled(proposals)) {
      const own = [...this.#dishonest].map((keeper) =>
        this.#sign(keeper, 'vote', { roundId, plan: digest, keeper, proposal: proposal.digest }),
      );
      const isPure = this.#random.isLikely(0.8);
      const honest = this.#votes.filter(({ about }) => !isPure || about === proposal.digest);
      const parts = [...own, ...honest.map(({ signed }) => signed)].slice(0, 10);
      const isHopeless = parts.length < this.#known.network.threshold;
      if (parts.length === 0 || (isHopeless && this.#random.isLikely(0.9))) continue;
      for (const to of this.#keepers()) this.#send(to, { kind: 'certificate', roundId, send, parts });
    }
  }

  #learn(replies: readonly Reply[]): void {
    for (const { from, message } of replies) {
      const signed = message.parts[0];
      const speaker = {
        publicKey: testSelf(this.#known, from).identity.publicKey,
        networkId: this.#known.id,
      };
      switch (message.kind) {
        case 'round-key': {
          const { plan } = readStatement('round-key', signed!, speaker)!;
          keepOnce(this.#roundKeys, { by: from, about: plan, signed: signed! });
          break;
        }
        case 'deposit': {
          const { plan, roster, boxes, generation } = readStatement('deposit', signed!, speaker)!;
          const keepers = boxes.map(({ keeper }) => keeper);
          const digest = statementDigest(signed!);
          if (this.#deposits.some((known) => known.digest === digest)) break;
          const { parts } = message;
          this.#deposits.push({ collector: from, generation, plan, roster, digest, keepers, parts });
          break;
        }
        case 'acknowledgement': {
          const { deposit } = readStatement('acknowledgement', signed!, speaker)!;
          keepOnce(this.#acknowledgements, { by: from, about: deposit, signed: signed! });
          break;
        }
        case 'report': {
          const { plan, generations } = readStatement('report', signed!, speaker)!;
          this.#reports.push({ collector: from, plan, digest: statementDigest(signed!), generations });
          break;
        }
        case 'vote': {
          const { proposal } = readStatement('vote', signed!, speaker)!;
          keepOnce(this.#votes, { by: from, about: proposal, signed: signed! });
          break;
        }
        case 'answer':
          message.send.forEach((set, at) => {
            const sum = toSigned(fromBytes(message.parts[at + 1]!))[0]!;
            this.#sums.push({ roundId: message.roundId, set, sum });
          });
          break;
        case 'plan':
        case 'start':
        case 'started':
        case 'report-request':
        case 'proposal':
        case 'certificate':
        case 'end':
        case 'decline':
          break;
      }
    }
  }
}

function keepOnce(kept: Told[], told: Told): void {
  if (!kept.some(({ by, about }) => by === told.by && about === told.about)) kept.push(told);
}

type SignArguments = [
  kind: Parameters<typeof signStatement>[0],
  statement: Parameters<typeof signStatement>[1],
];
