/** A whole network of roles in one process: a loopback of channels, a clock that the test moves, noise from seeds. */
import { SINGLE_BIN } from '../../src/core/bins.js';
import { type Counter } from '../../src/core/counters.js';
import { toSigned } from '../../src/core/ring.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { Collector } from '../../src/roles/collector.js';
import { Keeper } from '../../src/roles/keeper.js';
import { type Clock } from '../../src/roles/ports.js';
import { PrivacyMemory } from '../../src/roles/privacy-memory.js';
import { type Status } from '../../src/roles/status-board.js';
import { type StatusPorts } from '../../src/roles/status-reporter.js';
import { type ResultFiles } from '../../src/roles/results.js';
import { type TallySummary } from '../../src/roles/series.js';
import { storeMemory } from '../../src/roles/store-memory.js';
import { Tally } from '../../src/roles/tally.js';
import { type TallySettings } from '../../src/roles/tally-plan.js';
import { MemoryStore, type WriteHooks } from '../support/memory-store.js';
import { RandomSource } from '../support/random-source.js';
import { testNetwork, testSelf } from '../support/test-network.js';
import { FakeLoopback } from './fake-channels.js';
import { FakeEventSource, memoryCache, SeededNoise } from './role-fakes.js';
import { FakeClock, FakeLog } from './tor-source-fakes.js';

export const COUNTERS: readonly Counter[] = [
  { name: 'ExitStreamCount', bins: [SINGLE_BIN], sigma: 100 },
  {
    name: 'ExitStreamByteHistogram',
    bins: [
      [0, 100],
      [100, 1000],
      [1000, Infinity],
    ],
    sigma: 50,
  },
];

export const SETTINGS: TallySettings = {
  listen: { host: '127.0.0.1', port: 1 },
  counters: COUNTERS,
  noise: 'on',
  sigmaFloor: undefined,
  sensitivities: undefined,
  ownDelay: {},
  lists: [],
  traffic: undefined,
  artifacts: new Map(),
  listLabels: new Map(),
  drawMs: 1000,
  collectMs: 60_000,
  phaseMs: 30_000,
  settleMs: 20_000,
  startAfterMs: 0,
  rounds: 1,
  circuitSampleRate: 1,
  maxCellEventsPerCircuit: -1,
};

/** Two in a round of a minute. */
const CHECKPOINT_MS = 25_000;

/** Time passes in steps of this, unless told otherwise; at each all that is on its way arrives. */
const STEP_MS = 100;

type CollectorNode = {
  readonly role: Collector;
  readonly source: FakeEventSource;
  readonly noise: SeededNoise;
};

/** Thrown by a hook of a node's store where the node is killed: it is the end of that node's turn, and of nothing else. */
export const KILL = new Error('killed');

function unlessKilled<T>(turn: () => T): T | undefined {
  try {
    return turn();
  } catch (error) {
    if (error !== KILL) throw error;
    return undefined;
  }
}

/** A process: what it has set going stops with it, though its objects are still there. */
class Life {
  isOver = false;
  readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = {
      nowMs: () => clock.nowMs(),
      after: (delayMs, task) =>
        clock.after(delayMs, () => {
          if (!this.isOver) task();
        }),
    };
  }
}

export class RoleWorld {
  readonly clock = new FakeClock();
  readonly loopback = new FakeLoopback();
  readonly known: KnownNetwork;
  readonly logs = new Map<string, FakeLog>();
  /** The disk of each node: it outlives the node. */
  readonly stores = new Map<string, MemoryStore>();
  readonly caches = new Map<string, ReturnType<typeof memoryCache>>();
  /** What is done around each write of a node's, from its next start on. */
  readonly hooks = new Map<string, WriteHooks>();
  /** How busy a collector's event loop is, 0 to 1. */
  readonly loads = new Map<string, number>();
  readonly results: ResultFiles[] = [];
  readonly keepers = new Map<string, { readonly role: Keeper }>();
  readonly collectors = new Map<string, CollectorNode>();
  tally: Tally;
  /** Read anew by the tally for each round. */
  settings: TallySettings;
  readonly #statuses = new Map<string, () => Status>();
  readonly #lives = new Map<string, Life>();
  /** Thrown instead of writing results. */
  writeFailure: Error | undefined;
  summary: TallySummary | undefined;
  failure: unknown;
  readonly #random: RandomSource;

  constructor({
    known = testNetwork(),
    settings = {},
    seed = 1,
  }: { known?: KnownNetwork; settings?: Partial<TallySettings>; seed?: number } = {}) {
    this.known = known;
    this.settings = { ...SETTINGS, ...settings };
    this.#random = new RandomSource(seed);
    this.tally = this.#makeTally();
    for (const { name } of known.network.keepers) this.addKeeper(name);
    for (const { name } of known.network.collectors) this.addCollector(name);
  }

  /** Made again before it was started, with the hooks of now. */
  remakeTally(): void {
    this.tally = this.#makeTally();
  }

  #makeTally(): Tally {
    const { life, store, memory } = this.#disk('tally');
    return new Tally(testSelf(this.known, 'tally'), 'software 1', this.settings, {
      listener: this.loopback,
      clock: life.clock,
      log: this.logOf('tally'),
      randomBytes: (length) => this.#random.bytes(length),
      writeResults: (files) => {
        if (this.writeFailure !== undefined) throw this.writeFailure;
        this.results.push(files);
      },
      store,
      memory,
      readSettings: () => this.settings,
      ...this.#statusPorts('tally'),
    });
  }

  /** `onRandom` sees the random bytes that the keeper gets. */
  addKeeper(name: string, onRandom: (bytes: Uint8Array) => void = () => undefined): void {
    const randomBytes = (length: number): Uint8Array => {
      const bytes = this.#random.bytes(length);
      onRandom(bytes);
      return bytes;
    };
    const ports = { ...this.#nodePorts(name), randomBytes };
    const role = new Keeper(testSelf(this.known, name), 'software 2', { ownDelay: {} }, ports);
    this.keepers.set(name, { role });
  }

  addCollector(name: string): void {
    const noise = this.collectors.get(name)?.noise ?? new SeededNoise(this.#random.word());
    let source: FakeEventSource | undefined;
    const ports = {
      ...this.#nodePorts(name),
      noise,
      load: { utilization: () => this.loads.get(name) ?? 0 },
      sources: [
        (events: ConstructorParameters<typeof FakeEventSource>[0]) => (source = new FakeEventSource(events)),
      ],
    };
    const options = { rotatePeriodMs: 600_000, checkpointMs: CHECKPOINT_MS, ownDelay: {} };
    const role = new Collector(testSelf(this.known, name), 'software 3', options, ports);
    this.collectors.set(name, { role, source: source!, noise });
  }

  /** What the node shows of itself now. */
  statusOf(name: string): Status {
    return this.#statuses.get(name)!();
  }

  #statusPorts(name: string): StatusPorts {
    const openStatus: StatusPorts['openStatus'] = (make) => {
      this.#statuses.set(name, make);
      return { note: () => undefined, close: () => undefined };
    };
    return { openStatus, wallOffsetMs: () => 0 };
  }

  storeOf(name: string): MemoryStore {
    return this.stores.get(name)!;
  }

  /** What the node has on its disk, and a life in which it uses it. */
  #disk(name: string): { life: Life; store: MemoryStore; memory: PrivacyMemory } {
    const life = new Life(this.clock);
    const store = new MemoryStore(this.stores.get(name)?.image(), this.hooks.get(name));
    this.#lives.set(name, life);
    this.stores.set(name, store);
    return { life, store, memory: new PrivacyMemory(storeMemory(store)) };
  }

  /** kill -9: nothing that the node has set going goes on. Its disk stays as it is. */
  kill(name: string): void {
    this.#lives.get(name)!.isOver = true;
    if (name === 'tally') this.loopback.stopListening();
    else this.loopback.cut(name);
  }

  /** Started anew, on its disk as it was left. */
  async restart(name: string): Promise<void> {
    if (name === 'tally') {
      this.tally = this.#makeTally();
      this.startTally();
    } else if (this.keepers.has(name)) {
      this.addKeeper(name);
      unlessKilled(() => this.keepers.get(name)!.role.start());
    } else {
      this.addCollector(name);
      const { role, source } = this.collectors.get(name)!;
      unlessKilled(() => role.start());
      source.becomeReady();
    }
    await this.pass(0);
  }

  logOf(name: string): FakeLog {
    const log = this.logs.get(name) ?? new FakeLog();
    this.logs.set(name, log);
    return log;
  }

  /** Everybody starts, with ready sources. */
  async start({ except = [] }: { except?: readonly string[] } = {}): Promise<this> {
    this.startTally();
    await this.pass(0);
    for (const [name, { role }] of this.keepers) if (!except.includes(name)) role.start();
    for (const [name, { role, source }] of this.collectors) {
      if (except.includes(name)) continue;
      role.start();
      source.becomeReady();
    }
    await this.pass(0);
    return this;
  }

  startTally(): void {
    this.tally.run().then(
      (summary) => (this.summary = summary),
      (error: unknown) => {
        if (error !== KILL) this.failure = error;
      },
    );
  }

  /** Lets time pass. */
  async pass(ms: number, stepMs = STEP_MS): Promise<void> {
    await this.#quiet();
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      const thenMs = this.clock.nowMs() + stepMs;
      do unlessKilled(() => this.clock.advance(thenMs - this.clock.nowMs()));
      while (this.clock.nowMs() < thenMs);
      await this.#quiet();
    }
  }

  /** Lets time pass until the condition holds; at most so long. */
  async until(isSo: () => boolean, msMax = 600_000): Promise<void> {
    for (let passedMs = 0; !isSo(); passedMs += STEP_MS) {
      if (passedMs > msMax)
        throw new Error(`not within ${msMax} ms; the tally logged: ${this.tallyLines().join(' | ')}`);
      await this.pass(STEP_MS);
    }
  }

  phase(name: string): Promise<void> {
    return this.until(() => this.tallyLines().some((line) => line.endsWith(`: ${name}`)));
  }

  tallyLines(): readonly string[] {
    return this.logOf('tally').lines;
  }

  /** The node is gone, and nothing of it is left. */
  lose(name: string): void {
    this.loopback.down.add(name);
    this.loopback.cut(name);
  }

  /** The sum of what these collectors drew in that round, cell by cell. */
  noiseOf(names: readonly string[], round = 0): bigint[] {
    const vectors = names.map((name) => toSigned(this.collectors.get(name)!.noise.drawn[round]!));
    return vectors[0]!.map((_, cell) => vectors.reduce((sum, vector) => sum + vector[cell]!, 0n));
  }

  /** The sum of what these collectors drew last. */
  lastNoiseOf(names: readonly string[]): bigint[] {
    const vectors = names.map((name) => toSigned(this.collectors.get(name)!.noise.drawn.at(-1)!));
    return vectors[0]!.map((_, cell) => vectors.reduce((sum, vector) => sum + vector[cell]!, 0n));
  }

  #nodePorts(name: string) {
    const { life, store, memory } = this.#disk(name);
    const artifacts = this.caches.get(name) ?? memoryCache();
    this.caches.set(name, artifacts);
    return {
      dialer: this.loopback.dialerOf(name),
      clock: life.clock,
      log: this.logOf(name),
      randomBytes: (length: number) => this.#random.bytes(length),
      artifacts,
      store,
      memory,
      ...this.#statusPorts(name),
    };
  }

  async #quiet(): Promise<void> {
    do {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    } while (unlessKilled(() => this.loopback.settle()) ?? true);
  }
}

/** The totals of a released round in the order of its cells. */
export function totalsIn({ tallies }: ResultFiles): Record<string, bigint[]> {
  const json = tallies!.json as Record<string, { bins: [unknown, unknown, string][] }>;
  return Object.fromEntries(
    Object.entries(json).map(([name, { bins }]) => [name, bins.map(([, , count]) => BigInt(count))]),
  );
}

export type OutcomeJson = {
  Result: {
    outcome: string;
    reason?: string;
    culprits?: string[];
    collectors?: string[];
    keepers?: string[];
    left_out: { name: string; reason: string }[];
  };
  Context: Record<string, unknown>;
};

export function outcomeIn({ outcome }: ResultFiles): OutcomeJson {
  return outcome.json as unknown as OutcomeJson;
}
