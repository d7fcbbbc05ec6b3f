import { expect } from 'chai';
import { Farewell, FAREWELL_MS_MAX } from '../../src/roles/farewell.js';
import { outcomeIn, RoleWorld, SETTINGS } from './role-world.js';
import { FakeClock } from './tor-source-fakes.js';

const RELEASED = 'its total is released';
const WAITS = /^info: waits up to 10 s for (.*), to be told that the rounds are over$/;

function waits(world: RoleWorld): string[] {
  return world.tallyLines().flatMap((line) => WAITS.exec(line)?.[1] ?? []);
}

function isTold(world: RoleWorld, name: string): boolean {
  return world.logOf(name).lines.some((line) => line.endsWith(RELEASED));
}

/** A world whose last round is over, with these nodes lost while it was counted. */
async function endedWithout(names: readonly string[], rounds = 1): Promise<RoleWorld> {
  const world = await new RoleWorld({ settings: { rounds } }).start();
  await world.phase('collecting');
  for (const name of names) world.lose(name);
  await world.until(() => world.results.length === rounds);
  return world;
}

describe('the tally, when its rounds are over', () => {
  it('ends at once if everybody who took part has been told', async () => {
    const world = await endedWithout([]);
    const overMs = world.clock.nowMs();
    await world.until(() => world.summary !== undefined);
    expect(world.clock.nowMs() - overMs).to.be.at.most(100);
    expect(waits(world)).to.deep.equal([]);
    for (const name of [...world.keepers.keys(), ...world.collectors.keys()])
      expect(isTold(world, name), name).to.equal(true);
  });

  it('waits for one that comes back, tells it, and ends then', async () => {
    const world = await endedWithout(['keeper-3']);
    await world.pass(3_000);
    expect(world.summary).to.equal(undefined);
    expect(waits(world)).to.deep.equal(['keeper-3']);
    expect(world.statusOf('tally').phase).to.equal(
      'waiting for keeper-3, to be told that the rounds are over',
    );
    world.loopback.down.clear();
    world.kill('keeper-3');
    await world.restart('keeper-3');
    await world.until(() => world.summary !== undefined, 1_000);
    expect(world.summary).to.deep.equal({ released: 1, aborted: 0 });
    const ended = { released: 1, aborted: 0, unknown: 0 };
    expect(world.statusOf('tally').endedRounds).to.deep.equal(ended);
    expect(world.statusOf('keeper-3').endedRounds).to.deep.equal(ended);
    expect(isTold(world, 'keeper-3')).to.equal(true);
    expect(world.storeOf('keeper-3').list('journal/'), 'it has wiped the round').to.deep.equal([]);
  });

  it('tells a collector too, which then keeps nothing of the round', async () => {
    const world = await endedWithout(['collector-2']);
    expect(outcomeIn(world.results[0]!).Result.collectors).to.not.include('collector-2');
    world.loopback.down.clear();
    world.kill('collector-2');
    await world.restart('collector-2');
    await world.until(() => world.summary !== undefined, 1_000);
    expect(world.storeOf('collector-2').list('round/')).to.deep.equal([]);
  });

  it('ends after 10 s without those who do not come back', async () => {
    const world = await endedWithout(['keeper-3', 'collector-1']);
    const overMs = world.clock.nowMs();
    await world.until(() => world.summary !== undefined);
    expect(waits(world)).to.deep.equal(['keeper-3, collector-1']);
    expect(world.clock.nowMs() - overMs).to.be.within(FAREWELL_MS_MAX - 200, FAREWELL_MS_MAX + 200);
    expect(world.summary).to.deep.equal({ released: 1, aborted: 0 });
    expect(world.loopback.isListening).to.equal(false);
  });

  it('does not wait for a node that heard nothing of its rounds', async () => {
    const world = await new RoleWorld().start({ except: ['keeper-2', 'collector-3'] });
    await world.until(() => world.results.length === 1);
    const overMs = world.clock.nowMs();
    await world.until(() => world.summary !== undefined);
    expect(world.clock.nowMs() - overMs).to.be.at.most(100);
  });

  it('does not wait for a node that came back in a later round', async () => {
    const world = await new RoleWorld({ settings: { rounds: 2 } }).start();
    await world.phase('collecting');
    world.lose('keeper-1');
    await world.until(() => world.results.length === 1);
    world.loopback.down.clear();
    await world.until(() => world.summary !== undefined);
    expect(waits(world)).to.deep.equal([]);
  });

  it('waits for all nodes of a round that it went on with after a restart', async () => {
    const world = await new RoleWorld().start();
    await world.phase('collecting');
    world.kill('tally');
    world.lose('keeper-1');
    await world.restart('tally');
    await world.until(() => world.results.length === 1);
    await world.pass(500);
    expect(world.summary).to.equal(undefined);
    expect(waits(world)).to.deep.equal(['keeper-1']);
  });

  it('opens no other round meanwhile, whatever is configured by then', async () => {
    const world = await endedWithout(['keeper-3']);
    world.settings = { ...SETTINGS, rounds: 5 };
    world.tally.reload();
    await world.until(() => world.summary !== undefined);
    expect(world.results).to.have.lengthOf(1);
    expect(world.tallyLines()).to.include('info: the configuration is not read again: the rounds are over');
  });

  it('ends at once when it is told to', async () => {
    const world = await endedWithout(['keeper-3']);
    await world.tally.close();
    expect(world.loopback.isListening).to.equal(false);
    for (const { role } of world.keepers.values()) role.close();
    await Promise.all([...world.collectors.values()].map(({ role }) => role.close()));
    expect(world.clock.waits()).to.deep.equal([]);
  });
});

describe('a farewell', () => {
  it('calls back once', () => {
    const clock = new FakeClock();
    const farewell = new Farewell(clock);
    let calls = 0;
    farewell.noteAsked('keeper-1');
    farewell.noteEnd(new Set());
    farewell.begin(() => (calls += 1));
    expect(farewell.isUnderWay).to.equal(true);
    farewell.noteTold('keeper-1');
    farewell.noteTold('keeper-1');
    clock.advance(2 * FAREWELL_MS_MAX);
    expect(calls).to.equal(1);
    expect(clock.waits()).to.deep.equal([]);
    expect(farewell.isUnderWay).to.equal(false);
  });
});
