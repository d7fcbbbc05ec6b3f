/** Whole rounds of the real roles over channels in memory. */
import { expect } from 'chai';
import { testNetwork } from '../support/test-network.js';
import { STREAM_ENDED } from './role-fakes.js';
import { outcomeIn, RoleWorld, totalsIn } from './role-world.js';

/** Each collector hears so many streams of 150 bytes. */
function tellStreams(world: RoleWorld, counts: Record<string, number>): void {
  for (const [name, count] of Object.entries(counts)) {
    for (let at = 0; at < count; at += 1) world.collectors.get(name)!.source.tell(STREAM_ENDED);
  }
}

/** The cells in the order of the plan: streams, three bins of bytes, the two check counters. */
function totalsOf(world: RoleWorld, round = 0): bigint[] {
  const totals = totalsIn(world.results[round]!);
  return ['ExitStreamCount', 'ExitStreamByteHistogram', 'ZeroCount', 'CollectorCount'].flatMap(
    (name) => totals[name]!,
  );
}

function expectedTotals(world: RoleWorld, counts: Record<string, number>, round = 0): bigint[] {
  const names = Object.keys(counts);
  const streams = BigInt(Object.values(counts).reduce((sum, count) => sum + count, 0));
  const cells = [streams, 0n, streams, 0n, 0n, BigInt(names.length)];
  return world.noiseOf(names, round).map((noise, cell) => cells[cell]! + noise);
}

describe('a whole round of the roles', () => {
  it('releases counts plus noise, exactly', async () => {
    const world = await new RoleWorld().start();
    await world.phase('collecting');
    const counts = { 'collector-1': 3, 'collector-2': 0, 'collector-3': 11 };
    tellStreams(world, counts);
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 1, aborted: 0 });
    expect(totalsOf(world)).to.deep.equal(expectedTotals(world, counts));
    expect(world.noiseOf(Object.keys(counts)).slice(0, 4)).not.to.include(0n);
    expect(outcomeIn(world.results[0]!).Result).to.deep.include({
      outcome: 'released',
      collectors: ['collector-1', 'collector-2', 'collector-3'],
      keepers: ['keeper-1', 'keeper-2', 'keeper-3'],
      left_out: [],
    });
  });

  it('prints no warning when nothing goes wrong', async () => {
    const world = await new RoleWorld().start();
    await world.until(() => world.summary !== undefined);
    const lines = [...world.logs.values()].flatMap((log) => log.lines);
    const loud = lines.filter((line) => !line.startsWith('info: ') && !line.startsWith('debug: '));
    // The nodes lose the tally, which has ended its rounds.
    const ends = [...world.known.network.keepers, ...world.known.network.collectors].map(
      () => 'warn: no connection to the tally server: the connection was reset; trying again',
    );
    expect(loud).to.deep.equal(ends);
  });

  it('releases the same where a keeper is lost once it holds its seeds', async () => {
    const world = await new RoleWorld().start();
    await world.phase('collecting');
    world.lose('keeper-2');
    const counts = { 'collector-1': 5, 'collector-2': 6, 'collector-3': 7 };
    tellStreams(world, counts);
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 1, aborted: 0 });
    expect(totalsOf(world)).to.deep.equal(expectedTotals(world, counts));
    expect(outcomeIn(world.results[0]!).Result.keepers).to.deep.equal(['keeper-1', 'keeper-3']);
  });

  it('releases where a keeper is away from the start, after it was waited for', async () => {
    const world = await new RoleWorld().start({ except: ['keeper-3'] });
    await world.phase('collecting');
    const counts = { 'collector-1': 1, 'collector-2': 2, 'collector-3': 3 };
    tellStreams(world, counts);
    await world.until(() => world.summary !== undefined);
    expect(totalsOf(world)).to.deep.equal(expectedTotals(world, counts));
  });

  it('releases the others where a collector is lost while it counts, and says so', async () => {
    const world = await new RoleWorld().start();
    await world.phase('collecting');
    tellStreams(world, { 'collector-1': 5, 'collector-2': 600, 'collector-3': 7 });
    world.lose('collector-2');
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 1, aborted: 0 });
    expect(totalsOf(world)).to.deep.equal(expectedTotals(world, { 'collector-1': 5, 'collector-3': 7 }));
    const { Result } = outcomeIn(world.results[0]!);
    expect(Result.collectors).to.deep.equal(['collector-1', 'collector-3']);
    expect(Result.left_out).to.deep.equal([{ name: 'collector-2', reason: 'sent no report in time' }]);
  });

  it('is aborted below the floor: reason and culprit are told, and nothing is released', async () => {
    const world = await new RoleWorld({ known: testNetwork({ minCollectors: 3 }) }).start();
    await world.phase('collecting');
    world.lose('collector-3');
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 0, aborted: 1 });
    expect(world.results[0]!.tallies).to.equal(undefined);
    const { Result } = outcomeIn(world.results[0]!);
    expect(Result.outcome).to.equal('aborted');
    expect(Result.reason).to.match(/2 collectors are fewer than network\.yaml's dc_threshold of 3/);
    expect(Result.culprits).to.deep.equal(['collector-3']);
    expect(world.tallyLines().filter((line) => line.startsWith('error: '))).to.have.lengthOf(1);
  });

  it('is aborted where more keepers are lost than may be', async () => {
    const world = await new RoleWorld().start();
    await world.phase('collecting');
    world.lose('keeper-1');
    world.lose('keeper-2');
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 0, aborted: 1 });
    expect(outcomeIn(world.results[0]!).Result.culprits).to.deep.equal(['keeper-1', 'keeper-2']);
  });

  it('goes on over connections that break in each phase', async () => {
    const world = await new RoleWorld().start();
    const counts = { 'collector-1': 2, 'collector-2': 3, 'collector-3': 4 };
    for (const phase of ['keying', 'depositing', 'collecting']) {
      await world.phase(phase);
      world.loopback.cut();
    }
    tellStreams(world, counts);
    await world.phase('voting');
    world.loopback.cut();
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 1, aborted: 0 });
    expect(totalsOf(world)).to.deep.equal(expectedTotals(world, counts));
  });

  it('goes on where every third message is lost', async () => {
    const world = new RoleWorld();
    let messages = 0;
    world.loopback.filter = ({ kind }) => kind === 'hello' || kind === 'status' || (messages += 1) % 3 !== 0;
    await world.start();
    await world.phase('collecting');
    await world.pass(10_000);
    const counts = { 'collector-1': 2, 'collector-2': 3, 'collector-3': 4 };
    tellStreams(world, counts);
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 1, aborted: 0 });
    expect(totalsOf(world)).to.deep.equal(expectedTotals(world, counts));
  });

  it('is followed by the next rounds, each with keys, noise and counts of its own', async () => {
    const world = await new RoleWorld({ settings: { rounds: 3 } }).start();
    const all: bigint[][] = [];
    for (let round = 0; round < 3; round += 1) {
      const counts = { 'collector-1': round, 'collector-2': 10, 'collector-3': 100 };
      await world.until(() =>
        [...world.collectors.values()].every(({ source }) => source.request !== undefined),
      );
      tellStreams(world, counts);
      await world.until(() => world.results.length > round);
      expect(totalsOf(world, round)).to.deep.equal(expectedTotals(world, counts, round));
      all.push(world.noiseOf(Object.keys(counts), round));
    }
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 3, aborted: 0 });
    expect(all[0]).not.to.deep.equal(all[1]);
    const ids = world.results.map(
      ({ outcome }) => JSON.stringify(outcome.json).match(/"round_id":"(\w+)"/)![1],
    );
    expect(new Set(ids).size).to.equal(3);
  });
});
