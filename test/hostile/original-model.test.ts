/** The model does what spec/rounds.md says: what it is attacked for must not be a fault of the model. */
import { expect } from 'chai';
import { type StartConfig } from './original-checks.js';
import { HandshakeClient, HandshakeServer } from './original-handshake.js';
import { OriginalKeeper } from './original-model.js';
import { MODULUS } from './original-numbers.js';
import { OriginalTally } from './original-tally.js';
import { DAY_S, OriginalWorld, ROUND_S, startConfig, trueCounts, VICTIM } from './original-world.js';

const { counters: BINS } = startConfig();
const OVERLAPPING = [
  [0, 10],
  [9, 20],
] as const;
const TWO_BINS = [
  [0, 1],
  [1, 2],
] as const;

describe('the model of PrivCount 2.0', () => {
  it('publishes the total of all collectors, with the noise that the sigmas ask for (4.4, 6)', () => {
    expect(new OriginalWorld().run(startConfig({ sigma: 0 })).tallies).to.deep.equal(trueCounts(0, 1, 2));
    const { ExitStreamCount, ZeroCount } = new OriginalWorld().run(startConfig({ sigma: 100 })).tallies!;
    const noise = Number(ExitStreamCount![0]! - trueCounts(0, 1, 2)['ExitStreamCount']![0]!);
    expect(Math.abs(noise)).to.be.within(1, 6 * 100 * Math.sqrt(3));
    expect(ZeroCount).to.deep.equal([0n]);
  });

  it('hides each collector from the tally while keepers are asked once: reports alone are uniform', () => {
    const world = new OriginalWorld();
    world.deal(startConfig({ sigma: 0 }));
    world.pass();
    for (const report of world.reports()) {
      for (const value of [...report.values()].flat()) expect(value > MODULUS / 2n ** 30n).to.equal(true);
    }
  });

  it('waits for every collector to be dealt, then for every keeper (4.4)', () => {
    const world = new OriginalWorld();
    const tally = new OriginalTally(startConfig(), { skThreshold: 2 });
    expect(tally.begin()).to.equal(false);
    world.checkIn(tally);
    expect(tally.begin()).to.equal(true);
    world.checkIn(tally, {}, world.collectors.slice(1));
    expect(tally.phase).to.equal('starting_dcs');
    world.checkIn(tally, {}, world.collectors.slice(0, 1));
    expect(tally.phase).to.equal('started');
  });

  it('publishes what came before an answer without counts (4.5)', () => {
    const world = new OriginalWorld();
    const silent = world.keepers[1]!;
    const tally = world.run(startConfig({ sigma: 0 }), {
      counts: (counts, from) => (from === silent ? undefined : counts),
    });
    expect(tally.hasFailed).to.equal(true);
    expect(tally.tallies).not.to.deep.equal(trueCounts(0, 1, 2));
    expect(tally.tallies!['ZeroCount']).not.to.deep.equal([0n]);
  });

  it('waits between rounds whose sigmas fall or whose counters change, and no other (4.7)', () => {
    const world = new OriginalWorld();
    world.run();
    world.nowS += 1;
    const [keeper] = world.keepers;
    const fewer = new Map([...BINS].slice(1));
    const others = startConfig({ counters: fewer });
    const changed = { ...others, sigmas: new Map([...others.sigmas].slice(1)) };
    expect(keeper!.start(startConfig(), [], world.nowS)).to.equal(true);
    expect(keeper!.start(startConfig({ sigma: 11 }), [], world.nowS)).to.equal(true);
    expect(keeper!.start(startConfig({ sigma: 9 }), [], world.nowS)).to.equal(false);
    expect(keeper!.start(changed, [], world.nowS)).to.equal(false);
    world.nowS += DAY_S;
    expect(keeper!.start(startConfig({ sigma: 9 }), [], world.nowS)).to.equal(true);
    expect(keeper!.start(changed, [], world.nowS)).to.equal(true);
  });

  it('compares with the oldest of equivalent rounds, so that sigmas cannot creep down (4.7)', () => {
    const world = new OriginalWorld({ collectors: 1 });
    const run = (sigma: number) => () => world.run(startConfig({ sigma, dcThreshold: 1 }));
    run(10)();
    expect(run(10 - 0.9e-6)().tallies).not.to.equal(undefined);
    // Not of one that is less than the first by more than the tolerance, though not by much less than the last.
    const [collector] = world.collectors;
    const crept = startConfig({ sigma: 10 - 1.8e-6, dcThreshold: 1 });
    expect(collector!.start(crept, world.publicKeys, world.nowS)).to.equal(undefined);
  });

  it('refuses the faults of a START that it looks for (7), each', () => {
    const faults: Partial<StartConfig>[] = [
      { sigmas: new Map([['ExitStreamCount', 1]]) },
      { sigmas: new Map([...BINS.keys()].map((name) => [name, -1])) },
      { counters: new Map([...BINS, ['ExitStreamCount', [[1, 1]]]]) },
      { counters: new Map([...BINS, ['ExitStreamLifeTime', OVERLAPPING]]) },
      { noiseWeight: new Map([[VICTIM, 1]]) },
      { noiseWeight: new Map([['*', -1]]) },
      { noiseWeight: new Map([['*', 2 ** 69]]) },
    ];
    for (const fault of faults) {
      const world = new OriginalWorld();
      const config = startConfig(fault);
      expect(world.keepers[0]!.start(config, [], world.nowS)).to.equal(false);
      expect(world.deal(config)).to.deep.equal([undefined, undefined, undefined]);
    }
  });

  it('refuses unknown counters and numbers of bins at collectors only (7)', () => {
    const histogram: StartConfig['counters'] = new Map([...BINS, ['ExitStreamCount', TWO_BINS]]);
    const unknown: StartConfig['counters'] = new Map([['NoSuchCount', [[0, 1]]]]);
    for (const counters of [histogram, unknown]) {
      const world = new OriginalWorld();
      const sigmas = new Map([...counters.keys()].map((name) => [name, 1]));
      const config = startConfig({ counters, sigmas });
      expect(world.keepers[0]!.start(config, [], world.nowS)).to.equal(true);
      expect(world.deal(config)).to.deep.equal([undefined, undefined, undefined]);
    }
  });

  it("takes its configured keepers' keys and no others (4.8)", () => {
    const world = new OriginalWorld();
    const [collector] = world.collectors;
    const stranger = new OriginalKeeper(world.random.bytes(32), { delayPeriodS: DAY_S, alwaysDelay: false });
    const some = world.publicKeys.slice(1);
    expect(collector!.start(startConfig(), some, world.nowS)).to.equal(undefined);
    expect(() => collector!.start(startConfig(), [...some, stranger.publicKey], world.nowS)).to.throw(
      'exits',
    );
  });

  it('adds no counts of a relay without a noise weight (4.8)', () => {
    const world = new OriginalWorld({ collectors: 1 });
    const config = startConfig({ dcThreshold: 1, noiseWeight: new Map([['F'.repeat(40), 1]]) });
    world.deal(config);
    world.pass();
    expect(world.reports()).to.deep.equal([undefined]);
  });

  it('starts a keeper anew with a second START, and a collector not at all (4.6)', () => {
    const world = new OriginalWorld();
    const config = startConfig({ sigma: 0 });
    const dealt = world.deal(config).map((shares) => shares!);
    expect(world.deal(config)).to.deep.equal([undefined, undefined, undefined]);
    const [keeper] = world.keepers;
    const own = dealt.flat().filter((share) => share.keeper === keeper!.uid);
    expect(keeper!.start(config, own, world.nowS)).to.equal(true);
    expect(world.open(keeper!, config, dealt)).to.deep.equal(world.open(keeper!, config, dealt));
  });

  it('gives counts to a STOP that asks for them, once (4.6)', () => {
    const world = new OriginalWorld();
    world.deal(startConfig());
    const [first, second] = world.collectors;
    expect(first!.stop({ sendCounters: true }, world.nowS + ROUND_S)).not.to.equal(undefined);
    expect(first!.stop({ sendCounters: true }, world.nowS + ROUND_S)).to.equal(undefined);
    expect(second!.stop({ sendCounters: false }, world.nowS + ROUND_S)).to.equal(undefined);
    expect(second!.isActive).to.equal(false);
  });

  it('welcomes who knows the secret, and nobody else (5)', () => {
    const secret = new Uint8Array(32).fill(7);
    for (const isMember of [true, false]) {
      const server = new HandshakeServer(secret, new Uint8Array(32).fill(1));
      const client = new HandshakeClient(isMember ? secret : new Uint8Array(32), new Uint8Array(32).fill(2));
      const third = server.answer(client.answer(server.first()));
      server.answer(client.answer(third!));
      expect([client.isDone, server.isDone]).to.deep.equal([isMember, isMember]);
    }
  });
});
