import { expect } from 'chai';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { COLLECTOR_COUNT, ZERO_COUNT } from '../../src/core/counters.js';
import { encodeMessage } from '../../src/protocol/codec.js';
import { makeHello } from '../../src/protocol/handshake.js';
import { type Message } from '../../src/protocol/messages.js';
import { toPlan, type Plan } from '../../src/protocol/plan.js';
import { readStatement } from '../../src/protocol/statements.js';
import { artifactDigest } from '../../src/roles/artifacts.js';
import { type FrameChannel } from '../../src/roles/channel-ports.js';
import { BOTH, modelOf } from '../collection/traffic/models.js';
import { testIdentity, testNetwork } from '../support/test-network.js';
import { toMessage } from './fake-channels.js';
import { COUNTERS, outcomeIn, RoleWorld, SETTINGS } from './role-world.js';

/** Plans that the tally sends from now on, each once. */
function plansOf(world: RoleWorld): Plan[] {
  const plans: Plan[] = [];
  const speaker = { publicKey: testIdentity('tally').publicKey, networkId: world.known.id };
  world.loopback.filter = (message) => {
    if (message.kind === 'plan' && !plans.some(({ roundId }) => roundId === message.roundId))
      plans.push(toPlan(readStatement('plan', message.parts[0]!, speaker)!));
    return true;
  };
  return plans;
}

/** A node in the test's hand, which has said its hello. */
function join(world: RoleWorld, name: string): { say: (message: Message) => void; heard: Message[] } {
  const heard: Message[] = [];
  let channel: FrameChannel | undefined;
  world.loopback.dialerOf(name).dial(
    { host: '', port: 1, tlsPin: '' },
    {
      onOpen: (opened) => {
        channel = opened;
        const identity = testIdentity(name);
        opened.send(
          encodeMessage(makeHello('node', { name, networkId: world.known.id, identity }, opened.exporter)),
        );
      },
      onFrame: (frame) => heard.push(toMessage(frame)),
      onClose: () => undefined,
    },
  );
  world.loopback.settle();
  return { heard, say: (message) => channel!.send(encodeMessage(message)) };
}

function openings(world: RoleWorld): number {
  return world.tallyLines().filter((line) => / begins with \d+ collectors$/.test(line)).length;
}

function reminders(world: RoleWorld): string[] {
  return world.tallyLines().filter((line) => line.startsWith('info: waiting for '));
}

describe('the tally, waiting for nodes', () => {
  it('listens where it is told, and says so', async () => {
    const world = new RoleWorld({ settings: { listen: { host: '::1', port: 20_001 } } });
    world.startTally();
    await world.pass(0);
    expect(world.tallyLines()).to.deep.equal(['info: listening at port 20001; waiting for nodes']);
    expect(world.loopback.isListening).to.equal(true);
  });

  it('opens a round at once when all nodes are there', async () => {
    const world = await new RoleWorld().start();
    expect(openings(world)).to.equal(1);
  });

  it('opens none below the thresholds, and says whom it needs, first after seconds and then each minute', async () => {
    const world = new RoleWorld({ known: testNetwork({ minCollectors: 2 }) });
    await world.start({ except: ['keeper-2', 'keeper-3', 'collector-1', 'collector-3'] });
    await world.pass(6_000);
    const needs =
      'info: waiting for 1 more share keepers, of keeper-2, keeper-3 and 1 more data collectors, of collector-1, collector-3';
    expect(reminders(world)).to.deep.equal([needs]);
    await world.pass(60_000);
    expect(reminders(world)).to.deep.equal([needs, needs]);
    expect(openings(world)).to.equal(0);
  });

  it('waits for the others a while once enough are there, then goes without them', async () => {
    const world = await new RoleWorld().start({ except: ['keeper-3', 'collector-2'] });
    const plans = plansOf(world);
    await world.pass(SETTINGS.settleMs - 200);
    expect(openings(world)).to.equal(0);
    expect(reminders(world)).to.deep.equal(['info: waiting for keeper-3, collector-2']);
    await world.pass(300);
    expect(openings(world)).to.equal(1);
    expect(plans[0]!.collectors.map(({ name }) => name)).to.deep.equal(['collector-1', 'collector-3']);
    expect(plans[0]!.keepers, 'a keeper may still come').to.deep.equal(['keeper-1', 'keeper-2', 'keeper-3']);
  });

  it('goes on at once when the last of the others has come', async () => {
    const world = await new RoleWorld().start({ except: ['collector-2'] });
    await world.pass(5_000);
    expect(openings(world)).to.equal(0);
    const { role, source } = world.collectors.get('collector-2')!;
    role.start();
    await world.pass(100);
    expect(openings(world), 'its source is not there yet').to.equal(0);
    source.becomeReady();
    await world.pass(0);
    expect(openings(world)).to.equal(1);
  });

  it('begins to wait anew when a node that it needs has gone meanwhile', async () => {
    const world = await new RoleWorld({ known: testNetwork({ minCollectors: 2 }) }).start({
      except: ['collector-2'],
    });
    await world.pass(SETTINGS.settleMs - 5_000);
    world.lose('collector-3');
    await world.pass(6_000);
    expect(openings(world)).to.equal(0);
    world.loopback.down.clear();
    const isBack = 'info: collector collector-3 is connected';
    await world.until(() => world.tallyLines().filter((line) => line === isBack).length === 2);
    await world.pass(SETTINGS.settleMs - 200);
    expect(openings(world)).to.equal(0);
    await world.pass(300);
    expect(openings(world)).to.equal(1);
  });

  it('does not invite a collector whose source is away, nor count it', async () => {
    const world = await new RoleWorld({ known: testNetwork({ minCollectors: 3 }) }).start({
      except: ['collector-1'],
    });
    const { role, source } = world.collectors.get('collector-1')!;
    source.becomeReady();
    source.becomeReady(false);
    role.start();
    await world.pass(2 * SETTINGS.settleMs);
    expect(openings(world)).to.equal(0);
    expect(reminders(world)).to.deep.equal(['info: waiting for 1 more data collectors, of collector-1']);
  });

  it('opens no round before start_after, and one just then', async () => {
    const startAfterMs = new RoleWorld().clock.nowMs() + 100_000;
    const world = await new RoleWorld({ settings: { startAfterMs } }).start();
    await world.pass(99_900);
    expect(openings(world)).to.equal(0);
    expect(reminders(world)[0]).to.equal('info: waiting for the time when the next round may begin');
    await world.pass(100);
    expect(openings(world)).to.equal(1);
  });
});

describe('the tally, opening a round', () => {
  it('plans what is configured, with the check counters, for who is there', async () => {
    const lists = [{ kind: 'domains', digests: [] }];
    const settings = { lists, circuitSampleRate: 0.5, maxCellEventsPerCircuit: 7, drawMs: 2_000 };
    const world = new RoleWorld({ settings });
    const plans = plansOf(world);
    await world.start();
    const { roundId, ...plan } = plans[0]!;
    expect(roundId).to.match(/^[0-9a-f]{32}$/);
    expect(plan).to.deep.equal({
      networkId: world.known.id,
      createdAtMs: world.clock.nowMs(),
      drawMs: 2_000,
      collectMs: SETTINGS.collectMs,
      phaseMs: SETTINGS.phaseMs,
      noise: 'on',
      scaleBits: 0,
      counters: [
        ...COUNTERS,
        { name: ZERO_COUNT, bins: [SINGLE_BIN], sigma: 0 },
        { name: COLLECTOR_COUNT, bins: [SINGLE_BIN], sigma: 0 },
      ],
      collectors: ['collector-1', 'collector-2', 'collector-3'].map((name) => ({ name, weight: 1 })),
      keepers: ['keeper-1', 'keeper-2', 'keeper-3'],
      lists,
      circuitSampleRate: 0.5,
      maxCellEventsPerCircuit: 7,
    });
  });

  it('opens none that the nodes would refuse, says why once, and opens it when it can', async () => {
    const known = testNetwork({
      collectors: 3,
      minCollectors: 1,
      tolerated: { lost: 2, dishonest: 0, curious: 0 },
    });
    const world = await new RoleWorld({ known }).start({ except: ['collector-2', 'collector-3'] });
    await world.pass(SETTINGS.settleMs + 30_000);
    expect(openings(world)).to.equal(0);
    const warnings = world.tallyLines().filter((line) => line.startsWith('warn: '));
    expect(warnings).to.deep.equal([
      'warn: no round is opened: the noise weights of the invited collectors, less the tolerated loss, do not add up to 1',
    ]);
    for (const name of ['collector-2', 'collector-3']) {
      const { role, source } = world.collectors.get(name)!;
      role.start();
      source.becomeReady();
    }
    await world.pass(SETTINGS.settleMs + 2_000);
    expect(openings(world)).to.equal(1);
  });

  it('makes no plan at each status of a node where the last plan had objections', async () => {
    const world = new RoleWorld({ settings: { drawMs: 0 } });
    let plans = 0;
    const { settings } = world;
    world.settings = {
      ...settings,
      get counters() {
        plans += 1;
        return settings.counters;
      },
    };
    world.remakeTally();
    await world.start({ except: ['collector-1'] });
    const { say } = join(world, 'collector-1');
    const STATUSES = 50;
    for (let count = 0; count < STATUSES; count += 1)
      say({ kind: 'status', isReady: true, software: 'software 3', nowMs: 0, parts: [] });
    world.loopback.settle();
    expect(plans).to.equal(1);
    await world.pass(10_000);
    expect(plans).to.be.within(10, 12);
  });
});

describe('the status of nodes in a round', () => {
  it('tells when the phase ends, and at the tally whom it waits for', async () => {
    const world = await new RoleWorld().start();
    await world.phase('collecting');
    const sinceMs = world.clock.nowMs();
    await world.pass(10_000);
    const stopAtMs = sinceMs + SETTINGS.collectMs;
    const [round] = world.statusOf('tally').rounds;
    expect(round).to.deep.include({ phase: 'collecting', waitingFor: [], parties: 3 });
    expect(round!.endsAtMs).to.be.within(stopAtMs - 200, stopAtMs);
    const [counted] = world.statusOf('collector-2').rounds;
    expect(counted).to.deep.include({ phase: 'counting', waitingFor: [], parties: 0 });
    expect(counted!.endsAtMs).to.be.within(stopAtMs - 200, stopAtMs + 200);
    expect(world.statusOf('keeper-1').rounds[0]).to.deep.include({ phase: 'keyed' });
    world.lose('collector-2');
    await world.pass(SETTINGS.collectMs - 5_000);
    const [late] = world.statusOf('tally').rounds;
    expect(late).to.deep.include({ phase: 'collecting', waitingFor: ['collector-2'], parties: 3 });
    expect(late!.endsAtMs! - round!.endsAtMs!).to.equal(SETTINGS.phaseMs);
    expect(late!.sinceMs, 'it is the same phase').to.equal(round!.sinceMs);
  });
});

describe('the tally, in rounds', () => {
  it('ends when the configured rounds are over: nobody can connect any more, no timer is left', async () => {
    const world = await new RoleWorld({ settings: { rounds: 2 } }).start();
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 2, aborted: 0 });
    expect(world.results).to.have.lengthOf(2);
    expect(world.loopback.isListening).to.equal(false);
    for (const { role } of world.keepers.values()) role.close();
    await Promise.all([...world.collectors.values()].map(({ role }) => role.close()));
    expect(world.clock.waits()).to.deep.equal([]);
  });

  it('opens the next round at once after one that was released', async () => {
    const world = await new RoleWorld({ settings: { rounds: 2 } }).start();
    await world.until(() => world.results.length === 1);
    expect(openings(world)).to.equal(2);
  });

  it('pauses after an aborted round, so that what lasts does not end round after round at full speed', async () => {
    const world = new RoleWorld({ known: testNetwork({ minCollectors: 3 }), settings: { rounds: Infinity } });
    world.collectors.get('collector-1')!.noise.failure = new Error('no entropy');
    await world.start();
    await world.until(() => world.results.length === 1);
    const firstMs = world.clock.nowMs();
    expect(openings(world)).to.equal(1);
    await world.pass(SETTINGS.phaseMs - 200);
    expect(openings(world)).to.equal(1);
    expect(outcomeIn(world.results[0]!).Result.outcome).to.equal('aborted');
    await world.until(() => openings(world) === 2);
    expect(world.clock.nowMs() - firstMs).to.be.within(SETTINGS.phaseMs - 200, SETTINGS.phaseMs + 200);
  });

  it('writes what each node said it runs into the outcome', async () => {
    const world = await new RoleWorld().start();
    await world.until(() => world.summary !== undefined);
    const { Context } = outcomeIn(world.results[0]!);
    expect(Context).to.have.nested.property('TallyServer.Status.privcount_version', 'software 1');
    expect(Context).to.have.nested.property('ShareKeeper.keeper-2.Status.privcount_version', 'software 2');
    expect(Context).to.have.nested.property(
      'DataCollector.collector-3.Status.privcount_version',
      'software 3',
    );
  });

  it('reads its settings again for each round, and says what has changed', async () => {
    const world = await new RoleWorld({ settings: { rounds: 2 } }).start();
    const plans = plansOf(world);
    await world.phase('collecting');
    world.settings = { ...world.settings, collectMs: 30_000, rounds: 3 };
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 3, aborted: 0 });
    expect(plans.map(({ collectMs }) => collectMs)).to.include.members([30_000]);
    const read = world.tallyLines().filter((line) => line.includes('read again for the next round'));
    expect(read).to.deep.equal([
      'info: read again for the next round: collectMs: 60000 -> 30000',
      'info: read again for the next round: rounds: 2 -> 3',
    ]);
  });

  it('goes on with the series that it was in when it is started anew, and begins another after its end', async () => {
    const world = await new RoleWorld({ settings: { rounds: 3 } }).start();
    await world.until(() => world.results.length === 1);
    world.kill('tally');
    await world.restart('tally');
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 3, aborted: 0 });
    world.summary = undefined;
    await world.restart('tally');
    await world.until(() => world.summary !== undefined);
    expect(world.summary).to.deep.equal({ released: 3, aborted: 0 });
    expect(world.results).to.have.lengthOf(6);
  });

  it('updates no traffic model but the one that the round counted by, whatever it is configured for since', async () => {
    const world = await new RoleWorld().start();
    await world.phase('collecting');
    world.kill('tally');
    const traffic = { model: modelOf(BOTH), digest: artifactDigest(new Uint8Array(1)) };
    world.settings = { ...world.settings, traffic };
    await world.restart('tally');
    await world.until(() => world.summary !== undefined);
    expect(outcomeIn(world.results[0]!).Result.outcome).to.equal('released');
    expect(world.results[0]!.model).to.equal(undefined);
  });

  it('tells a node that was away when its round ended, so that it wipes what it holds', async () => {
    const world = await new RoleWorld({ settings: { rounds: 2 } }).start();
    await world.phase('collecting');
    world.lose('keeper-3');
    await world.until(() => world.results.length === 1);
    world.loopback.down.clear();
    await world.until(() =>
      world.logOf('keeper-3').lines.some((line) => line.endsWith('its total is released')),
    );
    expect(world.storeOf('keeper-3').list('journal/').length).to.be.lessThan(3);
  });

  it('ends with the reason where results can not be written, and opens no other round', async () => {
    const world = new RoleWorld({ settings: { rounds: 5 } });
    world.writeFailure = new Error("can't write /results: no space left on device");
    await world.start();
    await world.until(() => world.failure !== undefined);
    expect(world.failure).to.equal(world.writeFailure);
    expect(openings(world)).to.equal(1);
    expect(world.loopback.isListening).to.equal(false);
  });

  it('ends with the reason where it can not listen', async () => {
    const world = new RoleWorld();
    const refusal = Object.assign(new Error('taken'), { code: 'EADDRINUSE' });
    world.loopback.listen = () => Promise.reject(refusal);
    world.startTally();
    await world.pass(0);
    expect(world.failure).to.equal(refusal);
    expect(world.clock.waits()).to.deep.equal([]);
  });

  it('is told to stop in the middle of a round: it closes all connections, and its timers are gone', async () => {
    const world = await new RoleWorld().start();
    await world.phase('collecting');
    await world.tally.close();
    expect(world.loopback.isListening).to.equal(false);
    for (const { role } of world.keepers.values()) role.close();
    await Promise.all([...world.collectors.values()].map(({ role }) => role.close()));
    world.loopback.settle();
    expect(world.clock.waits()).to.deep.equal([]);
    expect(world.results).to.deep.equal([]);
  });
});

describe('the tally, spoken to', () => {
  const list = new TextEncoder().encode('example.com\n');

  it('gives nodes the lists that they ask for', async () => {
    const artifacts = new Map([[artifactDigest(list), list]]);
    const world = new RoleWorld({ settings: { artifacts } });
    world.startTally();
    await world.pass(0);
    const { say, heard } = join(world, 'collector-1');
    say({ kind: 'want', digest: artifactDigest(list), offset: 8, parts: [] });
    say({ kind: 'want', digest: 'ee'.repeat(32), offset: 0, parts: [] });
    await world.pass(0);
    const pieces = heard.filter(({ kind }) => kind === 'piece');
    expect(pieces).to.have.lengthOf(2);
    expect(pieces[0]).to.deep.include({ offset: 8, total: list.length });
    expect(Buffer.from(pieces[0]!.parts[0]!).toString()).to.equal('com\n');
    expect(pieces[1]).to.include({ total: 0 });
  });

  it('warns of what has no place, and passes over what is of no open round', async () => {
    const world = new RoleWorld();
    world.startTally();
    await world.pass(0);
    const { say, heard } = join(world, 'collector-1');
    heard.length = 0;
    const misplaced: Message[] = [
      { kind: 'refused', reason: 'no', parts: [] },
      { kind: 'piece', digest: 'ee'.repeat(32), offset: 0, total: 1, parts: [new Uint8Array(1)] },
    ];
    misplaced.forEach(say);
    say({ kind: 'started', roundId: 'ee'.repeat(16), generation: 1, parts: [] });
    await world.pass(0);
    expect(heard).to.deep.equal([]);
    expect(world.tallyLines().slice(-3)).to.deep.equal([
      'warn: collector-1 sent a refused, which has no place here',
      'warn: collector-1 sent a piece, which has no place here',
      'debug: collector-1 sent a started of a round that is not open',
    ]);
  });
});
