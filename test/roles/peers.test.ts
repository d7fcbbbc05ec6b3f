import { expect } from 'chai';
import { encodeMessage } from '../../src/protocol/codec.js';
import { makeHello, tallyFault } from '../../src/protocol/handshake.js';
import { type Message } from '../../src/protocol/messages.js';
import { type FrameEvents } from '../../src/roles/channel-ports.js';
import { Peers, SKEW_MS_MAX } from '../../src/roles/peers.js';
import { testIdentity, testNetwork } from '../support/test-network.js';
import { FakeChannel } from './fake-channels.js';
import { FakeClock, FakeLog } from './tor-source-fakes.js';

const known = testNetwork();
const { network, id: networkId } = known;

/** By the clock of FakeClock. */
const NOW_MS = new FakeClock().nowMs();
const status: Message = { kind: 'status', isReady: true, software: 'test', nowMs: NOW_MS, parts: [] };
const want: Message = { kind: 'want', digest: 'ef'.repeat(32), offset: 0, parts: [] };

class World {
  readonly log = new FakeLog();
  /** What the tally is told, in order. */
  readonly told: string[] = [];
  readonly clock = new FakeClock();
  readonly peers = new Peers(
    { identity: testIdentity('tally'), network, networkId },
    this.log,
    {
      onConnected: (name) => this.told.push(`+${name}`),
      onDisconnected: (name) => this.told.push(`-${name}`),
      onMessage: (name, { kind }) => this.told.push(`${name}: ${kind}`),
    },
    this.clock,
  );
  #channels = 0;

  /** Somebody has completed TLS. */
  arrive(): { channel: FakeChannel; events: FrameEvents; say: (message: Message) => void } {
    this.#channels += 1;
    const channel = new FakeChannel(this.#channels);
    const events = this.peers.accept(channel);
    return { channel, events, say: (message) => events.onFrame(encodeMessage(message)) };
  }

  statusAt(skewMs: number): Message {
    return { ...status, nowMs: this.clock.nowMs() + skewMs } as Message;
  }

  /** A node has arrived and said hello. */
  arriveAs(name: string) {
    const node = this.arrive();
    node.say(helloOf(name, node.channel));
    return node;
  }

  get warnings(): string[] {
    return this.log.lines.filter((line) => line.startsWith('warn: ')).map((line) => line.slice(6));
  }
}

type Changes = { networkId?: string; by?: string };

function helloOf(
  name: string,
  { exporter }: FakeChannel,
  { networkId: id = networkId, by = name }: Changes = {},
) {
  return makeHello('node', { name, networkId: id, identity: testIdentity(by) }, exporter);
}

describe("the tally's peers", () => {
  let world: World;

  beforeEach(() => {
    world = new World();
  });

  it('says nothing to somebody who has said nothing', () => {
    const { channel } = world.arrive();
    expect(channel.sent).to.deep.equal([]);
    expect(world.peers.list()).to.deep.equal([]);
  });

  it('welcomes a node that proves its identity, and proves its own', () => {
    const { channel } = world.arriveAs('keeper-2');
    expect(channel.isWelcome).to.equal(true);
    expect(channel.isClosed).to.equal(false);
    const hello = channel.takenOf('hello');
    const { exporter } = channel;
    expect(tallyFault(hello, { network, networkId, exporter })).to.equal(undefined);
    expect(tallyFault(hello, { network, networkId, exporter: new Uint8Array(32) })).to.be.a('string');
    expect(world.peers.list()).to.deep.equal([{ name: 'keeper-2', role: 'keeper', status: undefined }]);
    expect(world.told).to.deep.equal(['+keeper-2']);
    expect(world.log.lines).to.deep.equal(['info: keeper keeper-2 is connected']);
  });

  it("keeps each node's last status", () => {
    const { say } = world.arriveAs('collector-1');
    say(status);
    const later: Message = { ...status, isReady: false, nowMs: NOW_MS + 2 };
    say(later);
    expect(world.peers.list()).to.deep.equal([{ name: 'collector-1', role: 'collector', status: later }]);
    expect(world.told).to.deep.equal(['+collector-1', 'collector-1: status', 'collector-1: status']);
  });

  it('sends to the node of that name only, and to nobody if it is not there', () => {
    const first = world.arriveAs('keeper-1');
    const second = world.arriveAs('keeper-2');
    first.channel.taken();
    second.channel.taken();
    world.peers.send('keeper-2', want);
    world.peers.send('keeper-3', want);
    expect(first.channel.takenKinds()).to.deep.equal([]);
    expect(second.channel.takenKinds()).to.deep.equal(['want']);
  });

  const strangers: Record<string, { say: (channel: FakeChannel) => Message; refused: RegExp; who: string }> =
    {
      'a name that network.yaml does not have': {
        say: (channel) => helloOf('keeper-9', channel),
        refused: /^network\.yaml has no node of its name$/,
        who: 'whoever says he is keeper-9',
      },
      'the name of the tally itself': {
        say: (channel) => helloOf('tally', channel),
        refused: /no node of its name/,
        who: 'whoever says he is tally',
      },
      "another node's name": {
        say: (channel) => helloOf('keeper-1', channel, { by: 'keeper-2' }),
        refused: /^it could not prove the identity that network\.yaml gives it$/,
        who: 'whoever says he is keeper-1',
      },
      "a node's name with the tally's own signature": {
        say: (channel) => helloOf('keeper-1', channel, { by: 'tally' }),
        refused: /could not prove/,
        who: 'whoever says he is keeper-1',
      },
      'a hello that was recorded on another connection': {
        say: () => helloOf('keeper-1', new FakeChannel(200)),
        refused: /could not prove/,
        who: 'whoever says he is keeper-1',
      },
      'another network.yaml': {
        say: (channel) => helloOf('keeper-1', channel, { networkId: 'cd'.repeat(32) }),
        refused: /network\.yaml differs from this one/,
        who: 'whoever says he is keeper-1',
      },
      'another network.yaml, and a name that this one lacks': {
        say: (channel) => helloOf('keeper-9', channel, { networkId: 'cd'.repeat(32) }),
        refused: /network\.yaml differs from this one/,
        who: 'whoever says he is keeper-9',
      },
      'another version of the protocol': {
        say: (channel) => ({ ...helloOf('keeper-1', channel), version: 7 }),
        refused: /^it speaks protocol version 7, this node version 1$/,
        who: 'whoever says he is keeper-1',
      },
      'a message before the hello': {
        say: () => status,
        refused: /^a status came before the hello$/,
        who: 'a stranger',
      },
    };
  for (const [what, { say, refused, who }] of Object.entries(strangers)) {
    it(`refuses ${what}, says why to both sides, and closes`, () => {
      const stranger = world.arrive();
      stranger.say(say(stranger.channel));
      const { reason } = stranger.channel.takenOf('refused');
      expect(reason).to.match(refused);
      expect(world.warnings).to.deep.equal([`refused ${who}: ${reason}`]);
      expect(stranger.channel.isWelcome).to.equal(false);
      expect(stranger.channel.isClosed).to.equal(true);
      stranger.events.onClose('closed by this node');
      expect(world.told).to.deep.equal([]);
      expect(world.peers.list()).to.deep.equal([]);
      expect(world.warnings, 'its end is not told again').to.have.lengthOf(1);
    });
  }

  it('cuts off a stranger that sends what is no message', () => {
    const { channel, events } = world.arrive();
    events.onFrame(new Uint8Array(50).fill(255));
    expect(channel.isClosed).to.equal(true);
    expect(channel.sent).to.deep.equal([]);
    expect(world.warnings).to.deep.equal(['cut off a stranger: the header is longer than 16384 bytes']);
  });

  it('cuts off a node that sends what is no message, and tells that it has gone when it has', () => {
    const { channel, events } = world.arriveAs('collector-2');
    events.onFrame(new Uint8Array(3));
    expect(channel.isClosed).to.equal(true);
    expect(world.warnings).to.deep.equal(['cut off collector-2: the frame is too short']);
    events.onClose('closed by this node');
    expect(world.told).to.deep.equal(['+collector-2', '-collector-2']);
    expect(world.peers.list()).to.deep.equal([]);
  });

  it('takes a new connection of a node in the place of the old one', () => {
    const old = world.arriveAs('keeper-1');
    old.say(status);
    const young = world.arriveAs('keeper-1');
    expect(old.channel.isDropped, 'what waits for it is of no use to anybody').to.equal(true);
    expect(young.channel.isClosed).to.equal(false);
    expect(world.told).to.deep.equal(['+keeper-1', 'keeper-1: status', '-keeper-1', '+keeper-1']);
    expect(world.peers.list(), 'what it said on the old connection is forgotten').to.deep.equal([
      { name: 'keeper-1', role: 'keeper', status: undefined },
    ]);
  });

  it('hears nothing more on the old connection, and does not take its end for that of the new one', () => {
    const old = world.arriveAs('keeper-1');
    const young = world.arriveAs('keeper-1');
    world.told.length = 0;
    old.say(status);
    old.events.onClose('closed by this node');
    expect(world.told).to.deep.equal([]);
    young.channel.taken();
    world.peers.send('keeper-1', want);
    expect(young.channel.takenKinds()).to.deep.equal(['want']);
  });

  it("does not let somebody who can't prove a node's name take its connection", () => {
    const honest = world.arriveAs('keeper-1');
    const thief = world.arrive();
    thief.say(helloOf('keeper-1', thief.channel, { by: 'collector-1' }));
    expect(honest.channel.isClosed).to.equal(false);
    expect(world.told).to.deep.equal(['+keeper-1']);
  });

  it('hands a second hello on as any message: it makes nobody somebody else', () => {
    const { channel, say } = world.arriveAs('keeper-1');
    say(helloOf('keeper-2', channel));
    expect(world.told).to.deep.equal(['+keeper-1', 'keeper-1: hello']);
    expect(world.peers.list().map(({ name }) => name)).to.deep.equal(['keeper-1']);
  });

  it('tells why a node is no longer connected', () => {
    const { events } = world.arriveAs('collector-1');
    events.onClose('nothing was heard of it');
    expect(world.told).to.deep.equal(['+collector-1', '-collector-1']);
    expect(world.warnings).to.deep.equal(['collector-1 is no longer connected: nothing was heard of it']);
  });

  it('takes nobody in once it has closed all connections', () => {
    world.arriveAs('keeper-2');
    world.peers.closeAll();
    const late = world.arriveAs('keeper-1');
    expect(late.channel.isClosed).to.equal(true);
    expect(late.channel.sent).to.deep.equal([]);
    expect(world.peers.list()).to.deep.equal([]);
    expect(world.told).to.deep.equal(['+keeper-2']);
  });

  it('closes all connections of nodes', () => {
    const nodes = ['keeper-1', 'collector-1'].map((name) => world.arriveAs(name));
    world.peers.closeAll();
    expect(nodes.map(({ channel }) => channel.isClosed)).to.deep.equal([true, true]);
  });

  it('measures how far the clock of a node is off, and tells once while it is', () => {
    const { say } = world.arriveAs('keeper-1');
    expect(world.peers.health()[0]!.skewMs).to.equal(undefined);
    for (const skewMs of [SKEW_MS_MAX, -SKEW_MS_MAX]) say(world.statusAt(skewMs));
    expect(world.warnings).to.deep.equal([]);
    say(world.statusAt(SKEW_MS_MAX + 1));
    say(world.statusAt(SKEW_MS_MAX + 60_000));
    expect(world.peers.health()[0]!.skewMs).to.equal(SKEW_MS_MAX + 60_000);
    say(world.statusAt(0));
    say(world.statusAt(-75_400));
    expect(world.warnings).to.deep.equal([
      "keeper-1's clock is 30 s ahead of the tally's: run NTP at both, and restart the node that was wrong",
      "keeper-1's clock is 75 s behind the tally's: run NTP at both, and restart the node that was wrong",
    ]);
  });

  it('shows how each connection is', () => {
    const { channel } = world.arriveAs('collector-3');
    channel.healthNow = { silentMs: 3, roundTripMs: 12 };
    world.clock.advance(5_000);
    expect(world.peers.health()).to.deep.equal([
      {
        name: 'collector-3',
        role: 'collector',
        status: undefined,
        skewMs: undefined,
        connectedAtMs: NOW_MS,
        silentMs: 3,
        roundTripMs: 12,
      },
    ]);
  });

  it('refuses a node that connects again and again, until it has waited; others come in meanwhile', () => {
    for (let attempt = 0; attempt < 60; attempt += 1) world.arriveAs('keeper-1');
    const last = world.arriveAs('keeper-1');
    expect(last.channel.takenOf('refused').reason).to.equal(
      'it connects too often: does another node have its key?',
    );
    expect(last.channel.isClosed).to.equal(true);
    expect(world.arriveAs('keeper-2').channel.isWelcome).to.equal(true);
    world.clock.advance(999);
    expect(world.arriveAs('keeper-1').channel.isWelcome).to.equal(false);
    world.clock.advance(1);
    expect(world.arriveAs('keeper-1').channel.isWelcome).to.equal(true);
    expect(world.arriveAs('keeper-1').channel.isWelcome).to.equal(false);
    expect(world.peers.list().map(({ name }) => name)).to.have.members(['keeper-1', 'keeper-2']);
  });

  it('does not count a name that nobody has proven to be his', () => {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const thief = world.arrive();
      thief.say(helloOf('keeper-1', thief.channel, { by: 'collector-1' }));
    }
    expect(world.arriveAs('keeper-1').channel.isWelcome).to.equal(true);
  });

  it('logs so many warnings a minute about strangers, and then how many there were besides', () => {
    const knock = () => world.arrive().events.onFrame(new Uint8Array(3));
    for (let stranger = 0; stranger < 50; stranger += 1) knock();
    expect(world.warnings).to.have.lengthOf(20);
    const node = world.arriveAs('keeper-1');
    node.events.onFrame(new Uint8Array(3));
    expect(world.warnings.at(-1), 'a node is told about').to.equal(
      'cut off keeper-1: the frame is too short',
    );
    world.clock.advance(60_000);
    knock();
    expect(world.warnings.slice(-2)).to.deep.equal([
      '30 more warnings about strangers were left out',
      'cut off a stranger: the frame is too short',
    ]);
  });
});
