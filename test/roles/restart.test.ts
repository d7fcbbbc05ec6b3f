/** Kills: each node at each of its writes, before and after it, and started anew on what its disk has. */
import { expect } from 'chai';
import { testNetwork } from '../support/test-network.js';
import { PrivacyMemory } from '../../src/roles/privacy-memory.js';
import { storeMemory } from '../../src/roles/store-memory.js';
import { type Change } from '../../src/roles/store-port.js';
import { type WriteHooks } from '../support/memory-store.js';
import { RandomSource } from '../support/random-source.js';
import { STREAM_ENDED } from './role-fakes.js';
import { KILL, outcomeIn, RoleWorld, totalsIn } from './role-world.js';

type Kill = { readonly node: string; readonly write: number; readonly when: 'before' | 'after' };

const NODES = ['tally', 'keeper-1', 'keeper-2', 'keeper-3', 'collector-1', 'collector-2', 'collector-3'];
const COLLECTORS = NODES.slice(4);
/** All kills (`npm run soak`), or every third write of each node: three nodes of a role have all between them. */
const IS_WHOLE = process.env['PRIVCOUNT_KILLS'] === 'all';
const STRIDE = 3;
/** How long a node is away. */
const AWAY_MS = 3_000;
const TELL_EVERY_MS = 500;
const ROUND_MS_MAX = 900_000;

class RoundWithKills {
  readonly world = new RoleWorld({ known: testNetwork({ minCollectors: 3 }) });
  /** How often each node wrote. */
  readonly writes = new Map(NODES.map((name) => [name, 0]));
  /** The streams that each collector's cells hold, if it is still there at the end. */
  readonly counted = new Map(COLLECTORS.map((name) => [name, 0]));
  readonly #inImage = new Map(COLLECTORS.map((name) => [name, 0]));
  readonly #kills: Kill[];
  readonly #deadSinceMs = new Map<string, number>();

  constructor(kills: readonly Kill[]) {
    this.#kills = [...kills];
    for (const name of NODES) this.world.hooks.set(name, this.#hooksOf(name));
    // The nodes are there already; those that are killed now have done nothing.
    for (const name of NODES.slice(1, 4)) this.world.addKeeper(name);
    for (const name of COLLECTORS) this.world.addCollector(name);
    this.world.remakeTally();
  }

  #hooksOf(name: string): WriteHooks {
    return {
      beforeWrite: () => {
        this.writes.set(name, this.writes.get(name)! + 1);
        this.#killAt(name, 'before');
      },
      afterWrite: (_count, changes) => {
        const isKept = ({ key, value }: Change): boolean =>
          value !== undefined && (key === 'round/image' || key === 'round/report');
        if (changes.some(isKept)) this.#inImage.set(name, this.counted.get(name)!);
        this.#killAt(name, 'after');
      },
    };
  }

  #killAt(node: string, when: Kill['when']): void {
    const at = this.#kills.findIndex(
      (kill) => kill.node === node && kill.when === when && kill.write === this.writes.get(node),
    );
    if (at < 0) return;
    this.#kills.splice(at, 1);
    this.world.kill(node);
    this.#deadSinceMs.set(node, this.world.clock.nowMs());
    if (this.counted.has(node)) this.counted.set(node, this.#inImage.get(node)!);
    throw KILL;
  }

  /** How many of the kills did not come about. */
  get left(): number {
    return this.#kills.length;
  }

  async run(): Promise<this> {
    await this.world.start();
    for (let passedMs = 0; this.world.summary === undefined; passedMs += TELL_EVERY_MS) {
      if (passedMs > ROUND_MS_MAX) throw new Error(`no end: ${this.world.tallyLines().join(' | ')}`);
      await this.world.pass(TELL_EVERY_MS, TELL_EVERY_MS);
      await this.#restart();
      this.#tell();
    }
    return this;
  }

  async #restart(): Promise<void> {
    for (const [name, sinceMs] of this.#deadSinceMs) {
      if (this.world.clock.nowMs() - sinceMs < AWAY_MS) continue;
      this.#deadSinceMs.delete(name);
      await this.world.restart(name);
    }
  }

  #tell(): void {
    for (const [name, { source }] of this.world.collectors) {
      if (source.request === undefined || this.#deadSinceMs.has(name)) continue;
      source.tell(STREAM_ENDED);
      this.counted.set(name, this.counted.get(name)! + 1);
    }
  }

  /** All collectors are in the total, with what each counted up to its last image and since; nothing twice. */
  expectRight(): void {
    const { world } = this;
    const [result, ...again] = world.results;
    // A tally that is killed when it has written its results writes them again, but knows less of who is connected.
    for (const { tallies, outcome } of again) {
      expect(tallies).to.deep.equal(result!.tallies);
      expect(outcome.name).to.equal(result!.outcome.name);
    }
    expect(outcomeIn(result!).Result).to.deep.include({ outcome: 'released', collectors: COLLECTORS });
    const totals = totalsIn(result!);
    const streams = BigInt([...this.counted.values()].reduce((sum, count) => sum + count, 0));
    const noise = world.lastNoiseOf(COLLECTORS);
    expect(totals['CollectorCount']).to.deep.equal([3n]);
    expect(totals['ExitStreamCount']).to.deep.equal([streams + noise[0]!]);
    expect(totals['ExitStreamByteHistogram']).to.deep.equal([noise[1]!, streams + noise[2]!, noise[3]!]);
  }
}

describe('a round with a kill', function () {
  this.timeout(IS_WHOLE ? 3_600_000 : 120_000);
  let writes: ReadonlyMap<string, number>;

  before(async () => {
    const calm = await new RoundWithKills([]).run();
    calm.expectRight();
    expect([...calm.counted.values()].every((count) => count > 100)).to.equal(true);
    ({ writes } = calm);
  });

  for (const [at, node] of NODES.entries()) {
    it(`at any write of ${node} loses and repeats nothing but what came since a checkpoint`, async () => {
      // Once a tally has written that its rounds are over, it begins new ones when it is started.
      const last = writes.get(node)! - (node === 'tally' ? 1 : 0);
      for (let write = IS_WHOLE ? 1 : 1 + (at % STRIDE); write <= last; write += IS_WHOLE ? 1 : STRIDE) {
        for (const when of ['before', 'after'] as const) {
          const round = await new RoundWithKills([{ node, write, when }]).run();
          try {
            expect(round.left).to.equal(0);
            round.expectRight();
          } catch (error) {
            throw new Error(`killed ${when} write ${write} of ${node}`, { cause: error });
          }
        }
      }
    });
  }

  it('after kill of several nodes, several times', async () => {
    const random = new RandomSource(1);
    for (let run = 0; run < (IS_WHOLE ? 500 : 20); run += 1) {
      const kills = NODES.flatMap((node) =>
        Array.from({ length: random.below(3) }, (): Kill => ({
          node,
          write: 1 + random.below(writes.get(node)!),
          when: random.below(2) === 0 ? 'before' : 'after',
        })),
      );
      const round = await new RoundWithKills(kills).run();
      try {
        round.expectRight();
      } catch (error) {
        throw new Error(`run ${run}, killed ${JSON.stringify(kills)}`, { cause: error });
      }
    }
  });
});

describe('a collector that is killed when its report is on the disk', () => {
  it('knows then when its last round was: the report leaves when it comes back', async () => {
    const world = new RoleWorld();
    let reportedAtMs: number | undefined;
    world.hooks.set('collector-1', {
      afterWrite: (_count, changes) => {
        if (reportedAtMs !== undefined) return;
        if (!changes.some(({ key, value }) => key === 'round/report' && value !== undefined)) return;
        reportedAtMs = world.clock.nowMs();
        world.kill('collector-1');
        throw KILL;
      },
    });
    world.addCollector('collector-1');
    await world.start();
    await world.until(() => reportedAtMs !== undefined);
    const memory = new PrivacyMemory(storeMemory(world.storeOf('collector-1')));
    expect(memory.history.delay?.lastEndMs).to.equal(reportedAtMs);
  });
});
