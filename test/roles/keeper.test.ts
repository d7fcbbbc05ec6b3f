import { expect } from 'chai';
import { PLAN_AGE_MS_MAX } from '../../src/protocol/limits.js';
import { type Message } from '../../src/protocol/messages.js';
import { keeperMsMax, type Plan } from '../../src/protocol/plan.js';
import { PrivacyMemory } from '../../src/roles/privacy-memory.js';
import { storeMemory } from '../../src/roles/store-memory.js';
import { hasSeen } from '../../src/roles/seen-rounds.js';
import { Keeper } from '../../src/roles/keeper.js';
import { MemoryStore, type WriteHooks } from '../support/memory-store.js';
import { testNetwork, testSelf } from '../support/test-network.js';
import { FakeTally } from './fake-tally.js';
import { RoleWorld } from './role-world.js';

function roundIdOf(round: number): string {
  return round.toString(16).padStart(32, '0');
}

class World {
  readonly tally = new FakeTally(testNetwork());
  readonly store: MemoryStore;
  /** What random bytes the keeper was given. */
  readonly secrets: Uint8Array[] = [];
  readonly keeper: Keeper;

  constructor(store = new MemoryStore()) {
    this.store = store;
    this.keeper = new Keeper(
      testSelf(this.tally.known, 'keeper-1'),
      'software 1',
      { ownDelay: {} },
      {
        ...this.tally.ports,
        memory: new PrivacyMemory(storeMemory(store)),
        randomBytes: (length) => {
          const bytes = new Uint8Array(length).fill(0x42);
          if (length === 32) this.secrets.push(bytes);
          return bytes;
        },
        store,
      },
    );
    this.keeper.start();
    this.tally.connect().taken();
  }

  propose(changes: Partial<Plan> = {}): Plan {
    const plan = this.tally.plan(changes);
    this.tally.say(this.tally.planMessage(plan));
    return plan;
  }
}

describe('a keeper', () => {
  let world: World;

  beforeEach(() => {
    world = new World();
  });

  it('is ready whenever the tally is there', () => {
    world.tally.reconnect();
    expect(world.tally.takenOf('status')).to.include({ isReady: true });
  });

  it('answers a plan with its key for the round, which it remembers before the key leaves', () => {
    const sentBefore: number[] = [];
    const hooks: WriteHooks = {
      afterWrite: (_count, changes) => {
        if (changes.some(({ key }) => key.startsWith('seen/')))
          sentBefore.push(world.tally.takenKinds().filter((kind) => kind === 'round-key').length);
      },
    };
    world = new World(new MemoryStore(new Map(), hooks));
    const { roundId } = world.propose();
    expect(sentBefore).to.deep.equal([0]);
    expect(hasSeen(world.store, roundId)).to.equal(true);
    expect(world.tally.takenOf('round-key')).to.include({ roundId });
  });

  it('gives the same key again when the same plan comes again', () => {
    const plan = world.propose();
    const [first] = world.tally.takenOf('round-key').parts;
    world.tally.say(world.tally.planMessage(plan));
    expect(world.tally.takenOf('round-key').parts[0]).to.deep.equal(first);
  });

  it('takes no part in a round that it has seen, even if it was started anew since', () => {
    const plan = world.propose();
    world.tally.say(world.tally.end(plan)).taken();
    world.tally.say(world.tally.planMessage(plan));
    expect(world.tally.takenOf('decline')).to.include({ roundId: plan.roundId, code: 'round-seen' });

    const restarted = new World(world.store);
    restarted.tally.say(restarted.tally.planMessage(plan));
    expect(restarted.tally.takenOf('decline')).to.include({ roundId: plan.roundId, code: 'round-seen' });
  });

  const refused: Record<string, { changes: (nowMs: number) => Partial<Plan>; reason: RegExp }> = {
    'that was made too long ago': {
      changes: (nowMs) => ({ createdAtMs: nowMs - PLAN_AGE_MS_MAX - 1 }),
      reason: /the plan was made 600 s ago by this node's clock; at most 600 s is taken/,
    },
    'of another network': {
      changes: () => ({ networkId: 'cd'.repeat(32) }),
      reason: /the plan is of another network/,
    },
    'with less noise than network.yaml wants': {
      changes: () => ({ collectors: [{ name: 'collector-1', weight: 0.5 }] }),
      reason: /collector-1 has noise weight 1 in network\.yaml, not 0\.5/,
    },
    'without one of the keepers': {
      changes: () => ({ keepers: ['keeper-1', 'keeper-2'] }),
      reason: /the keepers are not those of network\.yaml/,
    },
  };
  for (const [what, { changes, reason }] of Object.entries(refused)) {
    it(`declines a plan ${what}, says why to both sides, and does not count it as seen`, () => {
      const plan = world.propose(changes(world.tally.clock.nowMs()));
      const decline = world.tally.takenOf('decline');
      expect(decline).to.include({ roundId: plan.roundId, code: 'plan-refused' });
      expect(decline.reason).to.match(reason);
      expect(world.tally.warnings).to.deep.equal([
        `warn: round ${plan.roundId}: declined, ${decline.reason}`,
      ]);
      expect(world.store.list('')).to.deep.equal([]);
      expect(world.tally.clock.waits()).to.deep.equal([]);
    });
  }

  it('takes a plan of just the age that is taken', () => {
    world.propose({ createdAtMs: world.tally.clock.nowMs() - PLAN_AGE_MS_MAX });
    expect(world.tally.takenKinds()).to.include('round-key');
  });

  it('wipes its key of the round when the round ends, and says that it is free again', () => {
    const plan = world.propose();
    expect(world.secrets.at(-1)!.some((byte) => byte !== 0)).to.equal(true);
    world.tally.taken();
    world.tally.say(world.tally.end(plan));
    expect(world.secrets.at(-1)!.every((byte) => byte === 0)).to.equal(true);
    const status = world.tally.takenOf('status');
    expect(status).to.include({ isReady: true });
    expect(status.roundId).to.equal(undefined);
    expect(world.tally.clock.waits()).to.deep.equal([]);
  });

  it('forgets a round that the tally does not end, when its time is up', () => {
    const plan = world.propose();
    world.tally.clock.advance(keeperMsMax(plan) - 1);
    expect(world.secrets.at(-1)!.some((byte) => byte !== 0)).to.equal(true);
    world.tally.clock.advance(1);
    expect(world.secrets.at(-1)!.every((byte) => byte === 0)).to.equal(true);
    expect(world.tally.log.lines.at(-1)).to.equal(
      `info: round ${plan.roundId}: over, the tally did not end it in time`,
    );
  });

  it('is in so many rounds at once as a tally that lost some may have opened, and no more', () => {
    const ROUNDS_MAX = 16;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      world.propose({ roundId: roundIdOf(round) });
      expect(world.tally.takenKinds()).to.deep.equal(['round-key']);
    }
    world.propose({ roundId: roundIdOf(ROUNDS_MAX) });
    expect(world.tally.takenOf('decline')).to.include({ code: 'busy', roundId: roundIdOf(ROUNDS_MAX) });
    world.tally.say(world.tally.end(world.tally.plan({ roundId: roundIdOf(0) }))).taken();
    world.propose({ roundId: roundIdOf(ROUNDS_MAX) });
    expect(world.tally.takenKinds()).to.deep.equal(['round-key']);
  });

  it('keeps rounds apart: what ends one leaves the other', () => {
    const first = world.propose();
    const second = world.propose({ roundId: roundIdOf(7) });
    world.tally.say(world.tally.end(first)).taken();
    world.tally.say(world.tally.planMessage(second));
    expect(world.tally.takenOf('round-key')).to.include({ roundId: second.roundId });
  });

  it('declines what comes out of order', () => {
    const { roundId } = world.propose();
    world.tally.taken();
    const certificate: Message = { kind: 'certificate', roundId, send: [0], parts: [new Uint8Array(80)] };
    world.tally.say(certificate);
    expect(world.tally.takenOf('decline')).to.include({ roundId, code: 'out-of-order' });
    world.tally.say({ kind: 'report-request', roundId, parts: [] });
    expect(world.tally.takenOf('decline')).to.include({ roundId, code: 'out-of-order' });
  });

  it('has its vote on disk before the vote leaves', async () => {
    const network = await new RoleWorld().start();
    const store = network.storeOf('keeper-1');
    const votesOnTheirWay: number[] = [];
    const votes = (): number =>
      store.list('seen/').filter(({ value }) => new TextDecoder().decode(value).includes('"vote"')).length;
    network.loopback.filter = ({ kind }, { node }) => {
      if (kind === 'vote' && node === 'keeper-1') votesOnTheirWay.push(votes());
      return true;
    };
    await network.until(() => network.summary !== undefined);
    expect(votesOnTheirWay[0]).to.equal(1);
    expect(votes()).to.equal(1);
  });

  it('wipes its keys of all rounds when it is told to stop', async () => {
    const made: Uint8Array[] = [];
    const network = new RoleWorld();
    network.addKeeper('keeper-1', (bytes) => made.push(bytes));
    await network.start();
    await network.phase('collecting');
    const { role } = network.keepers.get('keeper-1')!;
    const keys = made.filter(({ length }) => length === 32);
    expect(keys).to.have.lengthOf(1);
    expect(keys[0]!.some((byte) => byte !== 0)).to.equal(true);
    role.close();
    expect(keys[0]!.every((byte) => byte === 0)).to.equal(true);
  });
});
