/** The honest roles in this process, over real TLS on loopback: what hostile peers must not disturb. */
import { toSigned } from '../../src/core/ring.js';
import { dialer as realDialer } from '../../src/io/dialer.js';
import { createListener } from '../../src/io/listener.js';
import { type Dialer } from '../../src/roles/channel-ports.js';
import { Collector } from '../../src/roles/collector.js';
import { Keeper } from '../../src/roles/keeper.js';
import { PrivacyMemory } from '../../src/roles/privacy-memory.js';
import { type ResultFiles } from '../../src/roles/results.js';
import { type TallySummary } from '../../src/roles/series.js';
import { Tally } from '../../src/roles/tally.js';
import { type TallySettings } from '../../src/roles/tally-plan.js';
import { FakeEventSource, memoryCache, SeededNoise, STREAM_ENDED } from '../roles/role-fakes.js';
import { outcomeIn, SETTINGS, totalsIn, type OutcomeJson } from '../roles/role-world.js';
import { MemoryStore } from '../support/memory-store.js';
import { testSelf } from '../support/test-network.js';
import { HOST, realPorts, until, type Place } from './hostile-world.js';

type Ports = ReturnType<typeof realPorts>;

function memory(): PrivacyMemory {
  return new PrivacyMemory({ read: () => undefined, write: () => undefined });
}

export type RunningCollector = {
  readonly role: Collector;
  readonly ports: Ports;
  readonly source: FakeEventSource;
  readonly noise: SeededNoise;
};

export function startCollector(
  { known }: Place,
  name: string,
  dialer: Dialer = realDialer,
): RunningCollector {
  const ports = realPorts({ dialer });
  const noise = new SeededNoise(Number(name.split('-')[1]));
  let source: FakeEventSource | undefined;
  const role = new Collector(
    testSelf(known, name),
    'software',
    { rotatePeriodMs: 600_000, checkpointMs: 600_000, ownDelay: {} },
    {
      ...ports,
      artifacts: memoryCache(),
      noise,
      store: new MemoryStore(),
      memory: memory(),
      load: { utilization: () => 0 },
      sources: [(events) => (source = new FakeEventSource(events))],
    },
  );
  role.start();
  source!.becomeReady();
  return { role, ports, source: source!, noise };
}

export function startKeeper({ known }: Place, name: string, dialer: Dialer = realDialer) {
  const ports = realPorts({ dialer });
  const role = new Keeper(
    testSelf(known, name),
    'software',
    { ownDelay: {} },
    { ...ports, artifacts: memoryCache(), store: new MemoryStore(), memory: memory() },
  );
  role.start();
  return { role, ports };
}

export class HonestNetwork {
  readonly ports = realPorts();
  readonly results: ResultFiles[] = [];
  readonly collectors = new Map<string, RunningCollector>();
  readonly keepers = new Map<string, ReturnType<typeof startKeeper>>();
  readonly tally: Tally;
  summary: TallySummary | undefined;
  readonly #running: Promise<void>;
  readonly #guests = new Map<string, RunningCollector>();

  constructor(
    place: Place,
    settings: Partial<TallySettings>,
    nodes: { collectors: string[]; keepers: string[] },
  ) {
    const { known, tls, port } = place;
    this.tally = new Tally(
      testSelf(known, 'tally'),
      'software',
      { ...SETTINGS, listen: { host: HOST, port }, ...settings },
      {
        ...this.ports,
        listener: createListener({ key: Buffer.from(tls.key), cert: Buffer.from(tls.cert) }),
        writeResults: (files) => this.results.push(files),
        store: new MemoryStore(),
        memory: memory(),
        readSettings: () => ({ ...SETTINGS, ...settings }),
      },
    );
    this.#running = this.tally.run().then((summary) => {
      this.summary = summary;
    });
    for (const name of nodes.keepers) this.keepers.set(name, startKeeper(place, name));
    for (const name of nodes.collectors) this.collectors.set(name, startCollector(place, name));
  }

  get tallyLines(): readonly string[] {
    return this.ports.log.lines;
  }

  /** Each collector counts, in the round of this number. */
  async counting(): Promise<void> {
    const isCounting = () =>
      [...this.collectors.values()].every(({ source }) => source.request !== undefined);
    await until(isCounting, 'all honest collectors count');
  }

  tell(name: string, streams: number): void {
    for (let at = 0; at < streams; at += 1) this.collectors.get(name)!.source.tell(STREAM_ENDED);
  }

  async ended(): Promise<TallySummary> {
    await this.#running;
    return this.summary!;
  }

  /** A collector whose noise will be in totals, though what it does is its own affair. */
  joinedBy(name: string, collector: RunningCollector): RunningCollector {
    this.#guests.set(name, collector);
    return collector;
  }

  /** The total of ExitStreamCount in that round, without the noise of its collectors. */
  streamsWithoutNoise(round: number): bigint {
    const [total] = totalsIn(this.results[round]!)['ExitStreamCount']!;
    const all = new Map([...this.collectors, ...this.#guests]);
    const noises = this.outcome(round).collectors!.map(
      (name) => toSigned(all.get(name)!.noise.drawn[round]!)[0]!,
    );
    return noises.reduce((rest, noise) => rest - noise, total!);
  }

  outcome(round: number): OutcomeJson['Result'] {
    return outcomeIn(this.results[round]!).Result;
  }

  async close(): Promise<void> {
    for (const { role } of this.keepers.values()) role.close();
    await Promise.all([...this.collectors.values()].map(({ role }) => role.close()));
    await this.tally.close();
  }
}
