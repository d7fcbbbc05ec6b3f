/**
 * The protocol: what a round costs the tally and a keeper on one core, in time and in bytes. That the tally's time for a
 * collector stays about the same with four times as many is what lets it serve thousands.
 */
import { SINGLE_BIN } from '../../src/core/bins.js';
import { fromSigned, type RingVector } from '../../src/core/ring.js';
import { x25519PublicKey } from '../../src/crypto/sealing.js';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { beginCollectorRound } from '../../src/protocol/collector-deposit.js';
import { stepCollector } from '../../src/protocol/collector-round.js';
import { type CollectorInput, type CollectorRound } from '../../src/protocol/collector-state.js';
import { dealSeeds, depositEntropyBytes } from '../../src/protocol/deposit.js';
import { sumsOfMasks } from '../../src/protocol/keeper-answer.js';
import { beginKeeperRound } from '../../src/protocol/keeper-begin.js';
import { stepKeeper } from '../../src/protocol/keeper-round.js';
import { type KeeperRound, type KeeperStep } from '../../src/protocol/keeper-state.js';
import { type MessageOf, type RoundMessage } from '../../src/protocol/messages.js';
import { type Plan, toPlanJson } from '../../src/protocol/plan.js';
import { toRoundFacts, signerOf } from '../../src/protocol/round.js';
import { readStatement, signStatement, statementDigest } from '../../src/protocol/statements.js';
import { beginTallyRound, stepTally } from '../../src/protocol/tally-round.js';
import { type TallyInput, type TallyRound, type TallyStep } from '../../src/protocol/tally-state.js';
import { RandomSource } from '../support/random-source.js';
import { runOut } from '../support/run-out.js';
import { testNetwork, testPlan, testSelf } from '../support/test-network.js';
import { type BenchRow } from './bench-row.js';

/** The first rounds compile, the best of the others counts. */
const ROUNDS = 3;
/** PrivCount's bins, all counters together. */
const BINS = 11_456;

function bestSeconds(work: () => void): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    work();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

/** A deposit as 10 keepers of which t are needed get it, and one of them. */
function benchDeposit(threshold: number): BenchRow[] {
  const known = testNetwork({ keepers: 10, threshold, collectors: 20 });
  const plan = testPlan(known, {
    counters: [{ name: 'ExitStreamCount', bins: Array.from({ length: BINS }, () => SINGLE_BIN), sigma: 1 }],
  });
  const random = new RandomSource(1);
  const self = testSelf(known, 'keeper-1');
  const given = { secretKey: random.bytes(32), sigmaFloor: undefined, isSeen: false, nowMs: 0 };
  // Bins that overlap are refused by keepers, and of no matter to a sum of masks.
  const begun = beginKeeperRound(self, planMessage(testPlan(known)), given).state;
  if (begun.phase === 'ended') throw new Error('the keeper declined');
  const facts = { ...toRoundFacts(plan, begun.facts.planDigest, known) };
  const keeper: KeeperRound = { ...begun, facts: { ...facts, plan: begun.facts.plan } };
  const keepers = plan.keepers.map((name, index) => ({
    name,
    index,
    key: index === 0 ? begun.keys.publicKey : x25519PublicKey(random.bytes(32)),
  }));
  const roster = { keepers, digest: 'aa'.repeat(32) };
  const entropy = random.bytes(depositEntropyBytes(facts));
  const { parts } = dealSeeds(testSelf(known, 'collector-1'), facts, { roster, generation: 1, entropy })!;
  const { roundId } = plan;
  const toTally: RoundMessage = { kind: 'deposit', roundId, collector: 'collector-1', parts };
  const toKeeper: MessageOf<'deposit'> = {
    ...toTally,
    kind: 'deposit',
    collector: 'collector-1',
    parts: parts.slice(0, 2),
  };
  const bytes = encodeMessage(toTally).length + 10 * encodeMessage(toKeeper).length;

  let held: KeeperRound = keeper;
  const opening = bestSeconds(() => {
    held = stepKeeper(self, keeper, { kind: 'message', message: toKeeper }, 0).state;
  });
  const answering = bestSeconds(() => answerFor(held, self));
  const shape = `${threshold} of 10 keepers`;
  return [
    { name: `set-up of 20 collectors, ${shape}, up and down`, unit: 'MB', value: (20 * bytes) / 1e6 },
    { name: `a keeper opens a deposit, ${shape}`, unit: 'ms', value: opening * 1000 },
    {
      name: `a keeper sums the masks of a collector, ${shape}, all bins`,
      unit: 'ms',
      value: answering * 1000,
    },
  ];
}

/** Proposal, votes of all, certificate: the keeper's answer for one collector. */
function answerFor(held: KeeperRound, self: ReturnType<typeof testSelf>): void {
  if (held.phase === 'ended') throw new Error('the round is over');
  const { known } = self;
  const { roundId } = held.facts.plan;
  const plan = held.facts.planDigest;
  const entry = { collector: 'collector-1', generations: [1], report: plan };
  const statement = { roundId, plan, roster: 'aa'.repeat(32), set: [entry] };
  const signed = signStatement('proposal', statement, signerOf(testSelf(known, 'tally')));
  const proposal = { kind: 'proposal', roundId, parts: [signed] } as const;
  const voted = stepKeeper(self, held, { kind: 'message', message: proposal }, 0).state;
  const parts = held.facts.plan.keepers.map((keeper) =>
    signStatement(
      'vote',
      { roundId, plan, keeper, proposal: statementDigest(signed) },
      signerOf(testSelf(known, keeper)),
    ),
  );
  const message: RoundMessage = { kind: 'certificate', roundId, send: [], parts };
  const { effects } = summed(self, stepKeeper(self, voted, { kind: 'message', message }, 0));
  if (!effects.some((effect) => effect.kind === 'send' && effect.message.kind === 'answer'))
    throw new Error('the keeper did not answer');
}

/** The step, and what follows when the sums that it wants are made at once. */
function summed(self: ReturnType<typeof testSelf>, step: KeeperStep): KeeperStep {
  const wanted = step.effects.find((effect) => effect.kind === 'sum');
  if (wanted === undefined) return step;
  return stepKeeper(self, step.state, { kind: 'summed', sums: runOut(sumsOfMasks(wanted.state)) }, 0);
}

function planMessage(plan: Plan): MessageOf<'plan'> {
  const signed = signStatement('plan', toPlanJson(plan), signerOf(testSelf(testNetwork(), 'tally')));
  return { kind: 'plan', roundId: plan.roundId, parts: [signed] };
}

/** Seconds that the tally's machine takes for a whole round of this many collectors, everything else left out. */
function tallySeconds(collectors: number): number {
  const world = new BenchWorld(collectors);
  world.run();
  return world.seconds;
}

/** Collectors and keepers that answer at once, on a clock that jumps. */
class BenchWorld {
  readonly #known;
  readonly #plan: Plan;
  readonly #random = new RandomSource(2);
  readonly #queue: { to: string; from: string; message: RoundMessage }[] = [];
  readonly #collectors = new Map<string, CollectorRound>();
  readonly #keepers = new Map<string, KeeperRound>();
  readonly #vectors = new Map<string, RingVector>();
  #tally: TallyRound;
  #nowMs = 0;
  seconds = 0;

  constructor(collectors: number) {
    this.#known = testNetwork({ keepers: 3, threshold: 2, collectors });
    this.#plan = testPlan(this.#known);
    const { network } = this.#known;
    const connected = new Set([...network.keepers, ...network.collectors].map(({ name }) => name));
    const begun = beginTallyRound(testSelf(this.#known, 'tally'), this.#plan, { connected, nowMs: 0 });
    this.#tally = begun.state;
    this.#send(begun);
  }

  run(): void {
    for (const passedMs of [this.#plan.drawMs, this.#plan.collectMs, 0]) {
      this.#deliver();
      this.#nowMs += passedMs;
      for (const name of this.#collectors.keys()) this.#toCollector(name, { kind: 'wake' });
    }
    if (this.#tally.phase !== 'over' || this.#tally.outcome.kind !== 'released')
      throw new Error('the round of the bench was not released');
  }

  #deliver(): void {
    for (let sent = this.#queue.shift(); sent !== undefined; sent = this.#queue.shift()) {
      const { to, from, message } = sent;
      if (to === 'tally') this.#toTally({ kind: 'message', from, message });
      else if (this.#plan.keepers.includes(to)) this.#toKeeper(to, message);
      else this.#toCollector(to, { kind: 'message', message });
    }
  }

  #send({ effects }: TallyStep): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.#queue.push({ to: effect.to, from: 'tally', message: effect.message });
    }
  }

  #toTally(input: TallyInput): void {
    const start = performance.now();
    const step = stepTally(testSelf(this.#known, 'tally'), this.#tally, input, this.#nowMs);
    this.seconds += (performance.now() - start) / 1000;
    this.#tally = step.state;
    this.#send(step);
  }

  #toKeeper(name: string, message: RoundMessage): void {
    const self = testSelf(this.#known, name);
    const state = this.#keepers.get(name);
    const given = { secretKey: this.#random.bytes(32), sigmaFloor: undefined, isSeen: false, nowMs: 0 };
    const step =
      state === undefined && message.kind === 'plan'
        ? beginKeeperRound(self, message, given)
        : summed(self, stepKeeper(self, state!, { kind: 'message', message }, this.#nowMs));
    this.#keepers.set(name, step.state);
    for (const effect of step.effects)
      if (effect.kind === 'send') this.#queue.push({ to: 'tally', from: name, message: effect.message });
  }

  #toCollector(name: string, input: CollectorInput): void {
    const self = testSelf(this.#known, name);
    const state = this.#collectors.get(name);
    const entropy = this.#random.bytes(3 * 32 + 3 * 32);
    const given = { entropy, checkpointMs: Infinity, sigmaFloor: undefined, nowMs: this.#nowMs };
    const step =
      state === undefined && input.kind === 'message' && input.message.kind === 'plan'
        ? beginCollectorRound(self, input.message, given)
        : stepCollector(self, state!, input, this.#nowMs);
    this.#collectors.set(name, step.state);
    for (const effect of step.effects) {
      if (effect.kind === 'send') this.#queue.push({ to: 'tally', from: name, message: effect.message });
      if (effect.kind === 'draw-entropy') this.#toCollector(name, { kind: 'entropy-drawn', entropy });
      if (effect.kind === 'count') this.#vectors.set(name, effect.vector);
      if (effect.kind === 'draw') {
        const noise = fromSigned(Array.from(effect.sigmas, () => 0n));
        this.#toCollector(name, { kind: 'noise-drawn', noise });
      }
      if (effect.kind === 'stop-counting') {
        const vector = this.#vectors.get(name)!;
        this.#toCollector(name, { kind: 'counted', vector, countedMs: 0, isIncomplete: false });
      }
    }
  }
}

function benchTally(): BenchRow[] {
  const counts = [75, 300];
  // Compiles.
  tallySeconds(75);
  return counts.map((collectors) => ({
    name: `the tally's time for a collector, of ${collectors}`,
    unit: 'ms',
    value: (1000 * tallySeconds(collectors)) / collectors,
  }));
}

function benchStatements(): BenchRow[] {
  const known = testNetwork();
  const self = testSelf(known, 'keeper-1');
  const digest = 'aa'.repeat(32);
  const statement = { roundId: '01'.repeat(16), plan: digest, keeper: 'keeper-1', proposal: digest };
  const signed = signStatement('vote', statement, signerOf(self));
  const speaker = { publicKey: self.identity.publicKey, networkId: known.id };
  const TIMES = 500;
  const signing = bestSeconds(() => {
    for (let time = 0; time < TIMES; time += 1) signStatement('vote', statement, signerOf(self));
  });
  const reading = bestSeconds(() => {
    for (let time = 0; time < TIMES; time += 1) {
      if (readStatement('vote', signed, speaker) === undefined) throw new Error('the vote was not read');
    }
  });
  const message = { kind: 'vote', roundId: statement.roundId, parts: [signed] } as const;
  const carrying = bestSeconds(() => {
    for (let time = 0; time < TIMES; time += 1) {
      if ('fault' in decodeMessage(encodeMessage(message))) throw new Error('the frame was not read');
    }
  });
  return [
    { name: 'statements signed', unit: '/s', value: TIMES / signing },
    { name: 'statements checked and read', unit: '/s', value: TIMES / reading },
    { name: 'frames written and read', unit: '/s', value: TIMES / carrying },
  ];
}

export function benchProtocol(): BenchRow[] {
  return [...benchStatements(), ...benchTally(), ...benchDeposit(9), ...benchDeposit(6)];
}
