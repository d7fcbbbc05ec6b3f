import { expect } from 'chai';
import { makeHello, TALLY_NAME, welcomeNode, type Hello } from '../../src/protocol/handshake.js';
import { type Message } from '../../src/protocol/messages.js';
import { TallyLink } from '../../src/roles/tally-link.js';
import { testIdentity, testNetwork } from '../support/test-network.js';
import { FakeChannel, FakeDialer } from './fake-channels.js';
import { FakeClock, FakeLog, randomBytes } from './tor-source-fakes.js';

/** With `randomBytes` a half, a quarter of each delay is left to chance and taken off. */
const DELAYS = [750, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000];

const known = testNetwork();
const status: Message = { kind: 'status', isReady: true, software: 'test', nowMs: 1, parts: [] };

class World {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly dialer = new FakeDialer();
  readonly messages: Message[] = [];
  ups = 0;
  readonly link = new TallyLink(
    {
      name: 'keeper-1',
      identity: testIdentity('keeper-1'),
      network: known.network,
      networkId: known.id,
    },
    { dialer: this.dialer, clock: this.clock, log: this.log, randomBytes },
    { onUp: () => (this.ups += 1), onMessage: (message) => this.messages.push(message) },
  );

  constructor() {
    this.link.start();
  }

  /** The connection comes about and the tally says its hello. */
  connect(): FakeChannel {
    const channel = this.dialer.open();
    this.dialer.say(tallyHello(channel));
    return channel;
  }

  /** The wait before the next try; then the try is made. */
  nextTry(): number {
    const [delay] = this.clock.waits();
    const dials = this.dialer.targets.length;
    this.clock.advance(delay!);
    expect(this.dialer.targets).to.have.lengthOf(dials + 1);
    return delay!;
  }

  get warnings(): string[] {
    return this.log.lines.filter((line) => line.startsWith('warn: ')).map((line) => line.slice(6));
  }
}

function tallyHello({ exporter }: FakeChannel, changes: { networkId?: string; by?: string } = {}): Hello {
  const { networkId = known.id, by = TALLY_NAME } = changes;
  return makeHello('tally', { name: TALLY_NAME, networkId, identity: testIdentity(by) }, exporter);
}

describe('the link to the tally', () => {
  let world: World;

  beforeEach(() => {
    world = new World();
  });

  it('dials where network.yaml says, with the pin of network.yaml', () => {
    const { host, port, tlsPin } = known.network.tallyServer;
    expect(world.dialer.targets).to.deep.equal([{ host, port, tlsPin }]);
  });

  it('says hello first, for this very connection, and is up when the tally has said its own', () => {
    const channel = world.dialer.open();
    const hello = channel.takenOf('hello');
    const { network, id: networkId } = known;
    expect(welcomeNode(hello, { network, networkId, exporter: channel.exporter })).to.deep.equal({
      role: 'keeper',
      name: 'keeper-1',
    });
    expect(welcomeNode(hello, { network, networkId, exporter: new Uint8Array(32) })).to.have.property(
      'fault',
    );
    expect(world.ups).to.equal(0);
    world.dialer.say(tallyHello(channel));
    expect(world.ups).to.equal(1);
    expect(channel.isWelcome).to.equal(true);
    expect(world.log.lines).to.deep.equal(['info: connected to the tally server']);
  });

  it('hands messages on, both ways, once it is up', () => {
    const channel = world.connect();
    channel.taken();
    world.link.send(status);
    world.dialer.say({ kind: 'end', roundId: '00'.repeat(16), parts: [new Uint8Array(80)] });
    expect(channel.takenKinds()).to.deep.equal(['status']);
    expect(world.messages.map(({ kind }) => kind)).to.deep.equal(['end']);
  });

  it('drops what it is given to send before the tally has proven who it is', () => {
    world.link.send(status);
    const channel = world.dialer.open();
    channel.taken();
    world.link.send(status);
    expect(channel.sent).to.deep.equal([]);
  });

  it('tries again after longer and longer waits, up to a minute, and says why once', () => {
    const delays = DELAYS.map(() => {
      world.dialer.last.onClose('nobody listens there');
      return world.nextTry();
    });
    expect(delays).to.deep.equal(DELAYS);
    expect(world.warnings).to.deep.equal([
      'no connection to the tally server: nobody listens there; trying again',
    ]);
  });

  it('tells a fault that takes the place of another, such as a wrong pin once somebody listens', () => {
    world.dialer.last.onClose('nobody listens there');
    world.nextTry();
    world.dialer.last.onClose('its TLS key is not the one that network.yaml pins');
    world.nextTry();
    world.dialer.last.onClose('its TLS key is not the one that network.yaml pins');
    expect(world.warnings).to.deep.equal([
      'no connection to the tally server: nobody listens there; trying again',
      'no connection to the tally server: its TLS key is not the one that network.yaml pins; trying again',
    ]);
  });

  it('tells that the tally has gone after it refused this node', () => {
    world.dialer.open();
    world.dialer.say({ kind: 'refused', reason: 'network.yaml has no node of its name', parts: [] });
    world.dialer.last.onClose('closed by this node');
    world.nextTry();
    world.dialer.last.onClose('nobody listens there');
    expect(world.warnings).to.deep.equal([
      'the tally refuses this node: network.yaml has no node of its name; trying again',
      'no connection to the tally server: nobody listens there; trying again',
    ]);
  });

  it('waits a short time again after a connection that lasted, and tells the loss', () => {
    for (let failure = 0; failure < 4; failure += 1) {
      world.dialer.last.onClose('nobody listens there');
      world.nextTry();
    }
    world.connect();
    world.clock.advance(60_000);
    world.dialer.last.onClose('the connection was reset');
    expect(world.nextTry()).to.equal(DELAYS[0]);
    expect(world.warnings.at(-1)).to.equal(
      'no connection to the tally server: the connection was reset; trying again',
    );
    world.connect();
    expect(world.ups).to.equal(2);
  });

  it('waits longer and longer where each connection is lost at once, as when two nodes have one key', () => {
    const delays = DELAYS.map(() => {
      world.connect();
      world.clock.advance(100);
      world.dialer.last.onClose('the peer closed the connection');
      return world.nextTry();
    });
    expect(delays).to.deep.equal(DELAYS);
  });

  it('sends nothing into a connection that is lost', () => {
    const channel = world.connect();
    channel.taken();
    world.dialer.last.onClose('the connection was reset');
    world.link.send(status);
    expect(channel.sent).to.deep.equal([]);
  });

  const impostors: Record<string, { say: (channel: FakeChannel) => Message; told: RegExp }> = {
    'a tally that refuses it': {
      say: () => ({ kind: 'refused', reason: 'network.yaml has no node of its name', parts: [] }),
      told: /^the tally refuses this node: network\.yaml has no node of its name; trying again$/,
    },
    'another identity behind the right pin': {
      say: (channel) => tallyHello(channel, { by: 'keeper-2' }),
      told: /is not the tally: it could not prove the identity that network\.yaml gives it/,
    },
    'a tally of another network': {
      say: (channel) => tallyHello(channel, { networkId: 'cd'.repeat(32) }),
      told: /is not the tally: its network\.yaml differs from this one/,
    },
    'a hello that was recorded on another connection': {
      say: () => tallyHello(new FakeChannel(99)),
      told: /could not prove the identity/,
    },
    'its own hello, sent back': {
      say: (channel) => channel.sent[0]!,
      told: /could not prove the identity/,
    },
    'another version of the protocol': {
      say: (channel) => ({ ...tallyHello(channel), version: 2 }),
      told: /protocol version 2, this node version 1/,
    },
    'a plan before the hello': {
      say: () => ({ kind: 'plan', roundId: '00'.repeat(16), parts: [new Uint8Array(80)] }),
      told: /^the tally sent a plan instead of its hello; trying again$/,
    },
  };
  for (const [who, { say, told }] of Object.entries(impostors)) {
    it(`closes on ${who}, says so once, and keeps trying`, () => {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const channel = world.dialer.open();
        world.dialer.say(say(channel));
        expect(channel.isClosed).to.equal(true);
        expect(channel.isWelcome).to.equal(false);
        world.dialer.last.onClose('closed by this node');
        expect(world.nextTry()).to.equal(DELAYS[attempt]);
      }
      expect(world.warnings).to.have.lengthOf(1);
      expect(world.warnings[0]).to.match(told);
      expect(world.ups).to.equal(0);
      expect(world.messages).to.deep.equal([]);
      world.connect();
      expect(world.ups, 'the true tally is taken afterwards').to.equal(1);
    });
  }

  it('closes on bytes that are no message, before and after the hello', () => {
    const stranger = world.dialer.open();
    world.dialer.last.onFrame(new Uint8Array([0, 0, 0, 1]));
    expect(stranger.isClosed).to.equal(true);
    world.dialer.last.onClose('closed by this node');
    world.nextTry();
    const channel = world.connect();
    world.dialer.last.onFrame(new Uint8Array(100).fill(255));
    expect(channel.isClosed).to.equal(true);
    expect(world.messages).to.deep.equal([]);
    expect(world.warnings).to.deep.equal([
      'the tally sent what is no message: the frame is too short; trying again',
      'the tally sent what is no message: the header is longer than 16384 bytes; trying again',
    ]);
  });

  it('stops when it is closed: no further try, whether it waits, connects or is up', () => {
    world.dialer.last.onClose('nobody listens there');
    world.link.close();
    world.clock.advance(1e6);
    expect(world.dialer.targets).to.have.lengthOf(1);

    const connecting = new World();
    connecting.link.close();
    expect(connecting.dialer.open().isClosed).to.equal(true);
    connecting.dialer.last.onClose('closed by this node');
    expect(connecting.clock.waits()).to.deep.equal([]);

    const up = new World();
    const channel = up.connect();
    up.link.close();
    expect(channel.isClosed).to.equal(true);
    up.dialer.last.onClose('closed by this node');
    expect(up.clock.waits()).to.deep.equal([]);
    expect(up.warnings).to.deep.equal([]);
  });
});
