import { expect } from 'chai';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { COLLECTOR_COUNT, layOutCounters, ZERO_COUNT } from '../../src/core/counters.js';
import { newVector, type RingVector } from '../../src/core/ring.js';
import { REASON_LENGTH_MAX } from '../../src/protocol/limits.js';
import { type MessageOf } from '../../src/protocol/messages.js';
import { type Plan } from '../../src/protocol/plan.js';
import { readStatement, statementDigest } from '../../src/protocol/statements.js';
import { artifactDigest } from '../../src/roles/artifacts.js';
import { Collector } from '../../src/roles/collector.js';
import { readRecord } from '../../src/roles/collector-record.js';
import { PrivacyMemory } from '../../src/roles/privacy-memory.js';
import { MemoryStore } from '../support/memory-store.js';
import { testIdentity, testNetwork, testSelf } from '../support/test-network.js';
import { FakeTally } from './fake-tally.js';
import { FakeEventSource, SeededNoise, STREAM_ENDED } from './role-fakes.js';

const CHECK_COUNTERS = [ZERO_COUNT, COLLECTOR_COUNT];
const OTHER_ROUND = '02'.repeat(16);
const NAME = 'collector-1';

class World {
  readonly tally = new FakeTally(testNetwork());
  readonly sources: FakeEventSource[] = [];
  readonly noise = new SeededNoise(1);
  readonly store = new MemoryStore();
  /** What random bytes the collector was given, but for hashing. */
  readonly secrets: Uint8Array[] = [];
  readonly collector: Collector;

  constructor({ sources = 1 } = {}) {
    this.collector = new Collector(
      testSelf(this.tally.known, NAME),
      'software 1',
      { rotatePeriodMs: 600_000, checkpointMs: 600_000, ownDelay: {} },
      {
        ...this.tally.ports,
        randomBytes: (length) => {
          const bytes = new Uint8Array(length).fill(0x42);
          if (length > 4) this.secrets.push(bytes);
          return bytes;
        },
        noise: this.noise,
        store: this.store,
        load: { utilization: () => 0 },
        memory: new PrivacyMemory({ read: () => undefined, write: () => undefined }),
        sources: Array.from({ length: sources }, () => (events) => {
          const source = new FakeEventSource(events);
          this.sources.push(source);
          return source;
        }),
      },
    );
    this.collector.start();
    this.tally.connect();
  }

  get source(): FakeEventSource {
    return this.sources[0]!;
  }

  ready(): this {
    for (const source of this.sources) source.becomeReady();
    this.tally.taken();
    return this;
  }

  propose(changes: Partial<Plan> = {}): Plan {
    const plan = this.tally.plan(changes);
    this.tally.say(this.tally.planMessage(plan, { keys: this.tally.roster(plan) }));
    return plan;
  }

  /** Up to its deposit. */
  async deal(changes: Partial<Plan> = {}): Promise<{ plan: Plan; deposit: MessageOf<'deposit'> }> {
    const plan = this.propose(changes);
    await drawn();
    this.tally.clock.advance(plan.drawMs);
    return { plan, deposit: this.tally.takenOf('deposit') };
  }

  /** Up to the count. */
  async begin(changes: Partial<Plan> = {}): Promise<Plan> {
    const { plan, deposit } = await this.deal(changes);
    this.tally.say(this.start(plan, deposit));
    expect(this.tally.takenKinds()).to.deep.equal(['started', 'deposit']);
    return plan;
  }

  start(plan: Plan, deposit: MessageOf<'deposit'>): MessageOf<'start'> {
    const inRound = { roundId: plan.roundId, plan: this.tally.digestOf(plan) };
    const acknowledgements = ['keeper-1', 'keeper-2'].map((keeper) =>
      this.tally.sign(
        'acknowledgement',
        { ...inRound, keeper, collector: NAME, generation: 1, deposit: statementDigest(deposit.parts[0]!) },
        keeper,
      ),
    );
    const signed = this.tally.sign('start', { ...inRound, startedAtMs: this.tally.clock.nowMs() });
    return {
      kind: 'start',
      roundId: plan.roundId,
      restMs: plan.collectMs,
      parts: [signed, ...acknowledgements],
    };
  }

  report(): { statement: ReturnType<typeof readReport>; vector: Uint8Array } {
    const { parts } = this.tally.takenOf('report');
    return { statement: readReport(this, parts[0]!), vector: parts[1]! };
  }
}

function readReport({ tally }: World, signed: Uint8Array) {
  return readStatement('report', signed, {
    publicKey: testIdentity(NAME).publicKey,
    networkId: tally.known.id,
  })!;
}

/** Lets the noise be drawn. */
async function drawn(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

describe('a collector and its sources', () => {
  it('is ready when all its sources are, and says so when that changes', () => {
    const world = new World({ sources: 2 });
    expect(world.tally.takenOf('status')).to.include({ isReady: false });
    expect(world.sources.every(({ isStarted }) => isStarted)).to.equal(true);
    world.sources[0]!.becomeReady();
    expect(world.tally.taken()).to.deep.equal([]);
    world.sources[1]!.becomeReady();
    expect(world.tally.takenOf('status')).to.include({ isReady: true });
    world.sources[0]!.becomeReady(false);
    expect(world.tally.takenOf('status')).to.include({ isReady: false });
    world.sources[1]!.becomeReady(false);
    expect(world.tally.taken(), 'nothing new').to.deep.equal([]);
  });

  it('declines a plan while a source is away', () => {
    const world = new World();
    const { roundId } = world.propose();
    expect(world.tally.takenOf('decline')).to.include({ roundId, code: 'source-unavailable' });
    expect(world.noise.drawn).to.deep.equal([]);
  });

  it('has them count what the plan needs, from the start to the stop time', async () => {
    const world = new World({ sources: 2 }).ready();
    const { plan, deposit } = await world.deal({ circuitSampleRate: 0.25, maxCellEventsPerCircuit: 9 });
    expect(world.sources.map(({ request }) => request)).to.deep.equal([undefined, undefined]);
    world.tally.say(world.start(plan, deposit));
    const request = {
      events: ['PRIVCOUNT_STREAM_ENDED'],
      circuitSampleRate: 0.25,
      maxCellEventsPerCircuit: 9,
      trafficModel: undefined,
      asksCountries: false,
    };
    expect(world.sources.map((source) => source.request)).to.deep.equal([request, request]);
    world.tally.clock.advance(plan.collectMs - 1);
    expect(world.sources.map(({ stops }) => stops)).to.deep.equal([0, 0]);
    world.tally.clock.advance(1);
    expect(world.sources.map(({ stops }) => stops)).to.deep.equal([1, 1]);
  });

  it('counts the lines of all of them, and none before the start or after the stop', async () => {
    const [counted, silent] = await Promise.all(
      [5, 0].map(async (lines) => {
        const world = new World({ sources: 2 }).ready();
        world.source.tell(STREAM_ENDED);
        const { plan, deposit } = await world.deal();
        world.source.tell(STREAM_ENDED);
        world.tally.say(world.start(plan, deposit));
        for (let line = 0; line < lines; line += 1) world.sources[line % 2]!.tell(STREAM_ENDED);
        world.tally.clock.advance(plan.collectMs);
        world.source.tell(STREAM_ENDED);
        return world.report().vector;
      }),
    );
    // The same noise and masks in both: the difference is what was counted.
    const difference = Array.from(
      { length: counted!.length / 16 },
      (_, cell) => cellOf(counted!, cell) - cellOf(silent!, cell),
    );
    expect(difference).to.deep.equal([5n, 5n, 0n, 0n, 0n]);
  });

  it('declines a plan with a counter that no source gives, and names it', () => {
    const world = new World({ sources: 2 }).ready();
    world.source.provides = new Set(['standard-events']);
    world.sources[1]!.provides = new Set(['standard-events']);
    const { roundId } = world.propose();
    const { code, reason, ...rest } = world.tally.takenOf('decline');
    expect(rest.roundId).to.equal(roundId);
    expect(code).to.equal('source-unavailable');
    expect(reason).to.equal(
      "no event source of this collector gives ExitStreamCount: it needs the control port of a tor with PrivCount's patch",
    );
    expect(world.noise.drawn).to.deep.equal([]);
  });

  it('counts what a metrics page tells, and leaves the sources alone that no counter needs', async () => {
    const [counted, silent] = await Promise.all(
      [2n ** 53n + 1n, 0n].map(async (added) => {
        const world = new World({ sources: 2 });
        const [control, page] = world.sources as [FakeEventSource, FakeEventSource];
        page.kind = 'metrics-page';
        page.provides = new Set(['tor_relay_destroy_cell_total']);
        world.ready();
        const plan = await world.begin({
          counters: [
            { name: 'MetricsDestroyCellCount', bins: [SINGLE_BIN], sigma: 10 },
            ...CHECK_COUNTERS.map((name) => ({ name, bins: [SINGLE_BIN], sigma: 0 })),
          ],
        });
        expect([control.request, page.request?.events]).to.deep.equal([undefined, []]);
        control.loss = { uncountedMs: 50_000, interruptions: 9 };
        page.loss = { uncountedMs: 1_000, interruptions: 0 };
        page.tellReadings([{ metric: 'tor_relay_destroy_cell_total', labels: new Map(), added }]);
        world.tally.clock.advance(plan.collectMs);
        const { statement, vector } = world.report();
        expect(statement).to.include({ countedMs: plan.collectMs - 1_000, isIncomplete: false });
        return vector;
      }),
    );
    expect(cellOf(counted!, 0) - cellOf(silent!, 0)).to.equal(2n ** 53n + 1n);
  });

  it('says how long it was heard, and whether something is missing', async () => {
    const heard = new World().ready();
    const plan = await heard.begin();
    heard.tally.clock.advance(plan.collectMs);
    expect(heard.report().statement).to.include({ countedMs: plan.collectMs, isIncomplete: false });

    const broken = new World({ sources: 2 }).ready();
    await broken.begin();
    broken.sources[0]!.loss = { uncountedMs: 1_000, interruptions: 0 };
    broken.sources[1]!.loss = { uncountedMs: 5_000, interruptions: 2 };
    broken.tally.clock.advance(plan.collectMs);
    expect(broken.report().statement).to.include({ countedMs: plan.collectMs - 5_000, isIncomplete: true });
  });

  it('logs what it skips once for each event, field and reason, and nothing of its content', async () => {
    const world = new World().ready();
    await world.begin();
    for (let line = 0; line < 3; line += 1) {
      world.source.tell('PRIVCOUNT_STREAM_ENDED 2 1 5 443 lots 50 1000.0 1001.0 secret.example 127.0.0.7 1');
      world.source.tell('NO_EVENT secret.example');
    }
    const skipped = world.tally.warnings;
    expect(skipped).to.have.lengthOf(2);
    expect(skipped[0]).to.match(/^warn: PRIVCOUNT_STREAM_ENDED events with a bad \S+ \(.+\) are skipped$/);
    expect(skipped.join()).to.not.match(/lots|secret|NO_EVENT/);
  });
});

function cellOf(vector: Uint8Array, cell: number): bigint {
  const view = new DataView(vector.buffer, vector.byteOffset + 16 * cell, 16);
  return view.getBigUint64(0, true) + (view.getBigUint64(8, true) << 64n);
}

describe('a collector and the plan', () => {
  const counters = (name: string, bins: Plan['counters'][number]['bins']): Partial<Plan> => ({
    counters: [
      { name, bins, sigma: 10 },
      { name: COLLECTOR_COUNT, bins: [SINGLE_BIN], sigma: 0 },
    ],
  });
  const refused: Record<string, { changes: Partial<Plan>; reason: RegExp }> = {
    'counts what this version does not know': {
      changes: counters('NoSuchCount', [SINGLE_BIN]),
      reason: /^counter NoSuchCount is not known to this version$/,
    },
    'has bins that a counter can not have': {
      changes: counters('ExitStreamCount', [[5, 10]]),
      reason: /^counter ExitStreamCount: /,
    },
    'has lists of a kind that is not known': {
      changes: { lists: [{ kind: 'zodiac', digests: [] }] },
      reason: /zodiac/,
    },
    'is of another network': {
      changes: { networkId: 'cd'.repeat(32) },
      reason: /the plan is of another network/,
    },
    'does not invite it': {
      changes: { collectors: [{ name: 'collector-2', weight: 1 }] },
      reason: /^this collector is not invited$/,
    },
  };
  for (const [what, { changes, reason }] of Object.entries(refused)) {
    it(`declines one that ${what}`, () => {
      const world = new World().ready();
      const { roundId } = world.propose(changes);
      const decline = world.tally.takenOf('decline');
      expect(decline).to.include({ roundId, code: 'plan-refused' });
      expect(decline.reason).to.match(reason);
      expect(world.noise.drawn).to.deep.equal([]);
      expect(world.tally.warnings).to.deep.equal([`warn: round ${roundId}: declined, ${decline.reason}`]);
    });
  }

  it('says no more than a line of all that is wrong with one', () => {
    const world = new World().ready();
    const names = Array.from({ length: 1000 }, (_, at) => `NoSuchCounter${at}Count`);
    world.propose({ counters: names.map((name) => ({ name, bins: [SINGLE_BIN], sigma: 10 })) });
    expect(world.tally.takenOf('decline').reason).to.have.lengthOf(REASON_LENGTH_MAX);
    expect(world.tally.warnings[0]!.length).to.be.lessThan(REASON_LENGTH_MAX + 100);
  });

  it('declines one with a list that can not be read', () => {
    const world = new World().ready();
    const list = new TextEncoder().encode('https://example.com/\n');
    world.tally.cache.put(artifactDigest(list), list);
    world.propose({ lists: [{ kind: 'domains', digests: [artifactDigest(list)] }] });
    expect(world.tally.takenOf('decline')).to.include({ code: 'plan-refused' });
  });

  it('declines when the noise is not there in time, and does not say why', async () => {
    const world = new World().ready();
    world.noise.failure = new Error('no entropy');
    const plan = world.propose();
    await drawn();
    expect(world.tally.takenKinds()).to.deep.equal(['status']);
    world.tally.clock.advance(plan.drawMs);
    expect(world.tally.takenOf('decline')).to.include({ code: 'noise-late' });
    expect(world.tally.log.lines).to.include('error: drawing noise failed: no entropy');
  });

  it('draws each cell as wide as its own weight of the sigma, and check counters not at all', () => {
    const world = new World().ready();
    const wanted: number[][] = [];
    world.noise.draw = (sigmas) => {
      wanted.push([...sigmas]);
      return new Promise(() => undefined);
    };
    world.propose();
    expect(wanted).to.deep.equal([[10, 5, 5, 0, 0]]);
  });

  it('gives a round up for a newer one that the tally opens, and nothing of it is left', async () => {
    const world = new World().ready();
    const old = await world.begin();
    world.source.tell(STREAM_ENDED);
    world.propose({ roundId: OTHER_ROUND });
    expect(world.tally.log.lines).to.include(
      `warn: round ${old.roundId}: given up for round ${OTHER_ROUND}, which the tally has opened`,
    );
    expect(world.source.stops).to.equal(1);
    expect(world.source.request).to.equal(undefined);
    world.tally.taken();
    world.tally.clock.advance(old.collectMs);
    expect(world.tally.takenKinds()).to.not.include('report');
  });

  it('takes no noise that was drawn for another plan, and no second plan of one round id', async () => {
    const world = new World().ready();
    const held: ((noise: RingVector) => void)[] = [];
    world.noise.draw = () => new Promise((resolve) => held.push(resolve));
    const first = world.propose();
    const second = world.propose({ roundId: OTHER_ROUND });
    world.tally.taken();
    world.propose({ roundId: first.roundId, phaseMs: first.phaseMs + 1 });
    expect(world.tally.takenOf('decline')).to.include({ roundId: first.roundId, code: 'round-seen' });
    const old = newVector(layOutCounters(first.counters).cells).fill(1);
    held[0]!(old);
    await drawn();
    expect(old.every((lane) => lane === 0)).to.equal(true);
    world.tally.clock.advance(second.drawMs);
    expect(world.tally.takenOf('decline')).to.include({ roundId: OTHER_ROUND, code: 'noise-late' });
  });

  it('goes on with its round where it is sent a plan that it refuses', async () => {
    const world = new World().ready();
    const plan = await world.begin();
    const stale = { roundId: OTHER_ROUND, createdAtMs: world.tally.clock.nowMs() - 3_600_000 };
    world.propose(stale);
    expect(world.tally.takenOf('decline')).to.include({ roundId: OTHER_ROUND, code: 'plan-refused' });
    const unsigned = world.tally.plan({ roundId: OTHER_ROUND });
    world.tally.say(world.tally.planMessage(unsigned));
    expect(world.tally.takenOf('decline')).to.include({ roundId: OTHER_ROUND, code: 'not-genuine' });
    world.tally.clock.advance(plan.collectMs);
    expect(world.report().statement).to.include({ roundId: plan.roundId });
  });
});

describe('a collector and the end', () => {
  it('keeps its report until the round is over, and sends the same again when asked', async () => {
    const world = new World().ready();
    const plan = await world.begin();
    world.tally.clock.advance(plan.collectMs);
    const first = world.tally.takenOf('report');
    expect(readRecord(world.store)!.report).to.deep.equal(first);
    world.tally.reconnect();
    world.tally.say({ kind: 'report-request', roundId: plan.roundId, parts: [] });
    expect(world.tally.takenOf('report')).to.deep.equal(first);
    world.tally.say(world.tally.end(plan));
    expect(readRecord(world.store)).to.equal(undefined);
    expect(world.tally.takenOf('status').roundId).to.equal(undefined);
    expect(world.tally.clock.waits()).to.deep.equal([]);
  });

  it('stops counting when the tally ends the round early', async () => {
    const world = new World().ready();
    const plan = await world.begin();
    world.tally.say(world.tally.end(plan, 'aborted'));
    expect(world.source.stops).to.equal(1);
    expect(world.tally.takenKinds().filter((kind) => kind === 'report')).to.deep.equal([]);
    expect(readRecord(world.store)).to.equal(undefined);
    expect(world.tally.clock.waits()).to.deep.equal([]);
  });

  it('leaves its sources as they were, and wipes the entropy of its seeds, when it is told to stop', async () => {
    const world = new World({ sources: 2 }).ready();
    world.propose();
    expect(world.secrets.at(-1)!.some((byte) => byte !== 0)).to.equal(true);
    await world.collector.close();
    expect(world.secrets.at(-1)!.every((byte) => byte === 0)).to.equal(true);
    expect(world.sources.map(({ isClosed }) => isClosed)).to.deep.equal([true, true]);
    expect(world.tally.clock.waits()).to.deep.equal([]);
  });
});
