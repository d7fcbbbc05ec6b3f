/** What a channel does in time, and with what is queued; over real connections it is in test/system/hostile-*.test.ts. */
import { EventEmitter } from 'node:events';
import { type TLSSocket } from 'node:tls';
import { mock } from 'node:test';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import {
  type ChannelOptions,
  describeSocketError,
  type OpenChannel,
  openFrameChannel,
} from '../../src/io/frame-channel.js';
import { FRAMES_AT_ONCE_MAX } from '../../src/io/frame-rate.js';
import { FRAME_BYTES_MAX, HANDSHAKE_MS_MAX, STRANGER_FRAME_BYTES_MAX } from '../../src/protocol/limits.js';
import { type FrameChannel } from '../../src/roles/channel-ports.js';

const HEARTBEAT_MS = 15_000;

class FakeWebSocket extends EventEmitter {
  readyState: number = WebSocket.OPEN;
  bufferedAmount = 0;
  pings = 0;
  readonly sent: Uint8Array[] = [];

  send(frame: Uint8Array): void {
    this.sent.push(frame);
  }

  ping(): void {
    this.pings += 1;
  }

  isPaused = false;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(): void {
    this.readyState = WebSocket.CLOSING;
  }

  terminate(): void {
    this.readyState = WebSocket.CLOSED;
    this.emit('close');
  }
}

class FakeTlsSocket extends EventEmitter {
  bytesRead = 0;

  exportKeyingMaterial(length: number): Buffer {
    return Buffer.alloc(length, 5);
  }

  hear(bytes: number): void {
    this.bytesRead += bytes;
    this.emit('data');
  }
}

class World {
  readonly webSocket = new FakeWebSocket();
  readonly socket = new FakeTlsSocket();
  readonly frames: Uint8Array[] = [];
  readonly ends: string[] = [];
  readonly openChannel: OpenChannel;

  constructor(options?: ChannelOptions) {
    this.openChannel = openFrameChannel(
      this.webSocket as unknown as WebSocket,
      this.socket as unknown as TLSSocket,
      () => ({ onFrame: (frame) => this.frames.push(frame), onClose: (reason) => this.ends.push(reason) }),
      options,
    );
  }

  get channel(): FrameChannel {
    return this.openChannel;
  }
}

describe('a frame channel', () => {
  let world: World;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    world = new World();
  });

  afterEach(() => mock.timers.reset());

  it('cuts off a stranger that does not prove who it is in time', () => {
    mock.timers.tick(HANDSHAKE_MS_MAX - 1);
    expect(world.ends).to.deep.equal([]);
    mock.timers.tick(1);
    expect(world.ends).to.deep.equal(['it did not prove who it is in time']);
  });

  it('lets somebody who has proven who it is take its time', () => {
    world.channel.welcome();
    mock.timers.tick(2 * HANDSHAKE_MS_MAX);
    expect(world.ends).to.deep.equal([]);
  });

  it('pings, and cuts off a peer from which nothing comes for three heartbeats', () => {
    world.channel.welcome();
    mock.timers.tick(2 * HEARTBEAT_MS);
    expect(world.webSocket.pings).to.equal(2);
    mock.timers.tick(HEARTBEAT_MS - 1);
    expect(world.ends).to.deep.equal([]);
    mock.timers.tick(1);
    expect(world.ends).to.deep.equal(['nothing was heard of it']);
    mock.timers.tick(10 * HEARTBEAT_MS);
    expect(world.webSocket.pings, 'its timers are gone with it').to.equal(2);
  });

  it('waits for a peer whose one long frame trickles in over minutes', () => {
    world.channel.welcome();
    for (let beat = 0; beat < 20; beat += 1) {
      world.socket.hear(1);
      mock.timers.tick(HEARTBEAT_MS);
    }
    expect(world.ends).to.deep.equal([]);
    mock.timers.tick(3 * HEARTBEAT_MS);
    expect(world.ends).to.deep.equal(['nothing was heard of it']);
  });

  it('takes no more of a stranger than a hello and what is around it', () => {
    world.socket.hear(STRANGER_FRAME_BYTES_MAX + 8192);
    expect(world.ends).to.deep.equal([]);
    world.socket.hear(1);
    expect(world.ends).to.deep.equal(['it sent too much before it proved who it is']);
  });

  it('takes more of a peer that has proven who it is', () => {
    world.channel.welcome();
    world.socket.hear(1e9);
    expect(world.ends).to.deep.equal([]);
  });

  it('takes a first frame of just the limit, and none above', () => {
    world.webSocket.emit('message', Buffer.alloc(STRANGER_FRAME_BYTES_MAX), true);
    expect(world.frames).to.have.lengthOf(1);
    world.webSocket.emit('message', Buffer.alloc(STRANGER_FRAME_BYTES_MAX + 1), true);
    expect(world.frames).to.have.lengthOf(1);
    expect(world.ends).to.deep.equal(['its first frame is too long']);
  });

  it('cuts off whoever sends text', () => {
    world.channel.welcome();
    world.webSocket.emit('message', Buffer.from('{"kind":"hello"}'), false);
    expect(world.frames).to.deep.equal([]);
    expect(world.ends).to.deep.equal(['it sent text']);
  });

  it('hands nothing over once it is closed, and says that it was closed here', () => {
    world.channel.welcome();
    world.channel.close();
    world.webSocket.emit('message', Buffer.alloc(10), true);
    expect(world.frames).to.deep.equal([]);
    world.channel.send(new Uint8Array(3));
    expect(world.webSocket.sent).to.deep.equal([]);
    world.webSocket.terminate();
    expect(world.ends).to.deep.equal(['closed by this node']);
  });

  it('cuts off a peer that does not take what is sent to it: frames, or answers to its pings', () => {
    world.channel.welcome();
    world.webSocket.bufferedAmount = 4 * FRAME_BYTES_MAX;
    world.channel.send(new Uint8Array(1));
    world.webSocket.emit('ping', Buffer.alloc(0));
    expect(world.ends).to.deep.equal([]);
    world.webSocket.bufferedAmount += 1;
    world.channel.send(new Uint8Array(1));
    expect(world.ends).to.deep.equal(['it does not take what is sent to it']);

    const flooded = new World();
    flooded.channel.welcome();
    flooded.webSocket.bufferedAmount = 4 * FRAME_BYTES_MAX + 1;
    flooded.webSocket.emit('ping', Buffer.alloc(0));
    expect(flooded.ends).to.deep.equal(['it does not take what is sent to it']);
  });

  it('ends at once when it is dropped', () => {
    world.channel.welcome();
    world.channel.drop();
    expect(world.ends).to.deep.equal(['closed by this node']);
  });

  it('tells how long nothing has come, and how long the last heartbeat took', async () => {
    world.channel.welcome();
    expect(world.channel.health().roundTripMs).to.equal(undefined);
    mock.timers.tick(HEARTBEAT_MS);
    expect(world.channel.health().roundTripMs).to.equal(undefined);
    world.webSocket.emit('pong', Buffer.alloc(0));
    const { roundTripMs, silentMs } = world.channel.health();
    expect(roundTripMs).to.be.within(0, 5_000);
    expect(silentMs).to.be.within(0, 5_000);
    world.webSocket.emit('pong', Buffer.alloc(0));
    expect(world.channel.health().roundTripMs, 'a pong that nobody asked for is none').to.equal(roundTripMs);
    mock.timers.reset();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(world.channel.health().silentMs).to.be.at.least(4);
  });

  it('holds what has come of a frame that is not whole, and what waits to be sent; heartbeats count for nothing', () => {
    const channel = world.openChannel;
    world.channel.welcome();
    expect(channel.heldBytes()).to.equal(0);
    for (let beat = 0; beat < 1_000; beat += 1) {
      world.socket.hear(28);
      world.webSocket.emit('pong', Buffer.alloc(0));
    }
    expect(channel.heldBytes()).to.equal(0);
    world.socket.hear(1e6);
    world.webSocket.bufferedAmount = 500;
    expect(channel.heldBytes()).to.equal(1e6 + 500);
    for (let ping = 0; ping < 100; ping += 1) world.webSocket.emit('ping', Buffer.alloc(100));
    expect(channel.heldBytes(), 'pings hide no more than their own length').to.equal(1e6 + 500 - 12_800);
    world.webSocket.emit('message', Buffer.alloc(1), true);
    expect(channel.heldBytes()).to.equal(500);
  });

  it('does not listen to a peer that sends without end until its time has come, and loses nothing', () => {
    const limited = new World({ isRateLimited: true });
    limited.channel.welcome();
    for (let frame = 0; frame < FRAMES_AT_ONCE_MAX; frame += 1) {
      limited.webSocket.emit('message', Buffer.alloc(1), true);
      if (limited.webSocket.isPaused) throw new Error(`paused after ${frame}`);
    }
    // A loaded machine gains some frames meanwhile.
    for (let frame = 0; frame < FRAMES_AT_ONCE_MAX / 2; frame += 1)
      limited.webSocket.emit(frame % 2 === 0 ? 'ping' : 'pong', Buffer.alloc(0));
    limited.webSocket.emit('message', Buffer.alloc(1), true);
    expect(limited.webSocket.isPaused).to.equal(true);
    expect(limited.frames).to.have.lengthOf(FRAMES_AT_ONCE_MAX + 1);
    mock.timers.tick(1);
    expect(limited.webSocket.isPaused).to.equal(true);
    mock.timers.tick(20_000);
    expect(limited.webSocket.isPaused).to.equal(false);
    expect(limited.ends).to.deep.equal([]);
  });

  it('tells its listener once that it is welcome', () => {
    let welcomes = 0;
    const limited = new World({ isRateLimited: true, onWelcome: () => (welcomes += 1) });
    expect(welcomes).to.equal(0);
    limited.channel.welcome();
    expect(welcomes).to.equal(1);
  });

  it('tells why the connection broke, without addresses', () => {
    const error = Object.assign(new Error('read ECONNRESET 192.0.2.1:443'), { code: 'ECONNRESET' });
    world.webSocket.emit('error', error);
    world.webSocket.terminate();
    expect(world.ends).to.deep.equal(['the connection was reset']);
  });
});

describe('the reason of a socket error', () => {
  const reasons: Record<string, string> = {
    ECONNREFUSED: 'nobody listens there',
    ECONNRESET: 'the connection was reset',
    EPIPE: 'the connection was reset',
    ETIMEDOUT: 'no answer in time',
    WS_ERR_TOO_MANY_BUFFERED_PARTS: 'it sent a frame in too many pieces',
    ENOTFOUND: 'its host name is not known',
    EAI_AGAIN: 'its host name is not known',
    WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'it sent a frame above the limit',
    EHOSTUNREACH: 'EHOSTUNREACH',
  };
  for (const [code, reason] of Object.entries(reasons)) {
    it(`of ${code} is: ${reason}`, () => {
      const error = Object.assign(new Error(`connect ${code} 192.0.2.1:443`), { code });
      expect(describeSocketError(error)).to.equal(reason);
    });
  }

  it('is its message where it has no code', () => {
    expect(describeSocketError(new Error('Unexpected server response: 404'))).to.equal(
      'Unexpected server response: 404',
    );
  });
});
