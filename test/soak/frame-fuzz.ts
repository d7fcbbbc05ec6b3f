/**
 * Mutated frames at all three roles, in this process and without a network: at the tally from a node with a good identity and
 * from strangers, at a keeper and a collector from their own tally. A role that throws ends the run; the round of the honest
 * nodes beside it must release the exact total.
 */
import { encodeMessage } from '../../src/protocol/codec.js';
import { makeHello } from '../../src/protocol/handshake.js';
import { Collector } from '../../src/roles/collector.js';
import { Keeper } from '../../src/roles/keeper.js';
import { PrivacyMemory } from '../../src/roles/privacy-memory.js';
import { type Plan } from '../../src/protocol/plan.js';
import { storeMemory } from '../../src/roles/store-memory.js';
import { FakeTally } from '../roles/fake-tally.js';
import { FakeEventSource, SeededNoise, STREAM_ENDED } from '../roles/role-fakes.js';
import { outcomeIn, RoleWorld, totalsIn } from '../roles/role-world.js';
import { MemoryStore } from '../support/memory-store.js';
import { RandomSource } from '../support/random-source.js';
import { testIdentity, testNetwork, testSelf } from '../support/test-network.js';
import { FrameMutations } from './frame-mutations.js';

const NETWORK = { keepers: 3, threshold: 2, collectors: 13, minCollectors: 3 };
const HONEST = ['collector-1', 'collector-2', 'collector-3'];
/** Many, since a node that is cut off may come again once a second only. */
const INTRUDERS = Array.from({ length: 10 }, (_, at) => `collector-${at + 4}`);
/** How many of a node's frames the codec takes for messages. */
const MESSAGES_SHARE = 0.97;
const STREAMS = [3, 5, 7];

type Recorded = { readonly toTally: Uint8Array[]; readonly toNodes: Uint8Array[] };

/** Every frame of an honest round, by its way. */
export async function recordFrames(): Promise<Recorded> {
  const world = new RoleWorld({ known: testNetwork(NETWORK) });
  const recorded: Recorded = { toTally: [], toNodes: [] };
  world.loopback.filter = (message, { from }) => {
    (from === 'node' ? recorded.toTally : recorded.toNodes).push(encodeMessage(message));
    return true;
  };
  await world.start();
  await world.until(() => world.results.length > 0);
  return recorded;
}

/**
 * One honest round of three collectors, while ten others and strangers send up to `frames` mutated frames to the tally. Throws if
 * anything throws, or the round's total is not the true one.
 */
export async function fuzzTally(seed: number, recorded: Recorded, frames: number): Promise<number> {
  const known = testNetwork(NETWORK);
  const world = new RoleWorld({ known, seed });
  const mutations = new FrameMutations(seed, recorded.toTally);
  const random = new RandomSource(seed ^ 0x5eed);
  const STEPS = 700;
  let roundId: string | undefined;
  world.loopback.filter = (message) => {
    if (message.kind === 'plan') roundId = message.roundId;
    return true;
  };
  let sent = 0;
  const attack = (): void => {
    for (let tries = Math.ceil(frames / STEPS); tries > 0; tries -= 1) {
      const name = random.pick(INTRUDERS);
      const frame = random.isLikely(MESSAGES_SHARE)
        ? mutations.nextMessage(roundId)
        : mutations.next(roundId);
      if (!world.loopback.inject(name, 'tally', frame)) {
        connectIntruder(world, name, random.isLikely(0.8));
        world.loopback.settle();
        if (!world.loopback.inject(name, 'tally', frame)) continue;
      }
      sent += 1;
      world.loopback.settle();
    }
  };
  await world.start({ except: INTRUDERS });
  await world.until(() => {
    attack();
    return HONEST.every((name) => world.collectors.get(name)!.source.request !== undefined);
  });
  HONEST.forEach((name, at) => {
    for (let stream = 0; stream < STREAMS[at]!; stream += 1)
      world.collectors.get(name)!.source.tell(STREAM_ENDED);
  });
  await world.until(() => {
    attack();
    return world.results.length > 0;
  });
  const { outcome, collectors } = outcomeIn(world.results[0]!).Result;
  const total = totalsIn(world.results[0]!)['ExitStreamCount']?.[0];
  const noise = world.noiseOf(HONEST)[0]!;
  const wanted = BigInt(STREAMS.reduce((sum, count) => sum + count, 0));
  if (outcome !== 'released' || collectors?.join() !== HONEST.join() || total! - noise !== wanted)
    throw new Error(
      `seed ${seed}: the honest round gave ${outcome}, ${String(total)} over ${String(collectors)}`,
    );
  return sent;
}

/** The connection of a node whose identity is good, or of somebody who says nothing of himself. */
function connectIntruder({ loopback, known }: RoleWorld, name: string, isGenuine: boolean): void {
  loopback.dialerOf(name).dial(
    { host: '', port: 0, tlsPin: '' },
    {
      onOpen: (channel) => {
        if (!isGenuine) return;
        const node = { name, networkId: known.id, identity: testIdentity(name) };
        channel.send(encodeMessage(makeHello('node', node, channel.exporter)));
      },
      onFrame: () => undefined,
      onClose: () => undefined,
    },
  );
}

/**
 * A keeper or a collector whose tally sends `frames` mutated frames, a new round's plan among them now and then. Throws if
 * anything throws, or the node does not take up an honest plan afterwards.
 */
export function fuzzNode(
  target: 'keeper' | 'collector',
  seed: number,
  recorded: Recorded,
  frames: number,
): number {
  const node = new NodeUnderFire(target, seed);
  const mutations = new FrameMutations(seed, recorded.toNodes);
  const random = new RandomSource(seed ^ 0x5eed);
  const FRAMES_PER_ROUND = 500;
  let plan: Plan | undefined;
  let sent = 0;
  for (; sent < frames; sent += 1) {
    if (sent % FRAMES_PER_ROUND === 0) plan = node.propose(sent / FRAMES_PER_ROUND);
    node.take(
      random.isLikely(MESSAGES_SHARE) ? mutations.nextMessage(plan?.roundId) : mutations.next(plan?.roundId),
    );
  }
  node.checkStillWorks();
  return sent;
}

class NodeUnderFire {
  readonly #target: 'keeper' | 'collector';
  readonly #tally = new FakeTally(testNetwork(NETWORK));
  #isUp = false;

  constructor(target: 'keeper' | 'collector', seed: number) {
    this.#target = target;
    const random = new RandomSource(seed);
    const { ports, known } = this.#tally;
    const store = new MemoryStore();
    const name = `${target}-1`;
    const own = {
      ...ports,
      randomBytes: (length: number) => random.bytes(length),
      store,
      memory: new PrivacyMemory(storeMemory(store)),
    };
    if (target === 'keeper') {
      new Keeper(testSelf(known, name), 'software', { ownDelay: {} }, own).start();
    } else {
      let source: FakeEventSource | undefined;
      const collector = new Collector(
        testSelf(known, name),
        'software',
        { rotatePeriodMs: 600_000, checkpointMs: 600_000, ownDelay: {} },
        {
          ...own,
          noise: new SeededNoise(seed),
          load: { utilization: () => 0 },
          sources: [(events) => (source = new FakeEventSource(events))],
        },
      );
      collector.start();
      source!.becomeReady();
    }
    this.#connect();
  }

  take(frame: Uint8Array): void {
    if (!this.#isUp) this.#connect();
    this.#tally.dialer.last.onFrame(frame);
    const channel = this.#tally.channel;
    if (channel.isClosed) {
      this.#isUp = false;
      this.#tally.dialer.last.onClose('closed by this node');
    }
    channel.sent.length = 0;
    this.#tally.log.lines.length = 0;
  }

  /** A genuine plan of a round of its own; a while later than the last one. */
  propose(number: number): Plan {
    if (!this.#isUp) this.#connect();
    this.#tally.clock.advance(2 * 60_000);
    const roundId = number.toString(16).padStart(32, '0');
    const plan = this.#tally.plan({ roundId, collectMs: 10_000 });
    const keys = this.#target === 'collector' ? this.#tally.roster(plan) : [];
    this.#tally.say(this.#tally.planMessage(plan, { keys }));
    return plan;
  }

  checkStillWorks(): void {
    this.#connect();
    this.#tally.clock.advance(3_600_000);
    this.#connect();
    this.#tally.channel.sent.length = 0;
    this.propose(0xffffff);
    const kinds = this.#tally.takenKinds();
    const wanted = this.#target === 'keeper' ? 'round-key' : 'status';
    if (!kinds.includes(wanted))
      throw new Error(
        `the ${this.#target} does not take an honest plan any more; it sent ${kinds.join(', ')}`,
      );
  }

  #connect(): void {
    if (this.#isUp) this.#tally.dialer.last.onClose('the connection was reset');
    this.#tally.clock.advance(60_000);
    this.#tally.connect();
    this.#isUp = true;
  }
}
