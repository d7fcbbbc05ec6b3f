/** What a channel does in time, and with what is queued; over real connections it is in test/system/hostile-*.test.ts. */
import { EventEmitter } from 'node:events';
import { type TLSSocket } from 'node:tls';
import { mock } from 'node:test';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { describeSocketError, openFrameChannel } from '../../src/io/frame-channel.js';
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
  readonly channel: FrameChannel = openFrameChannel(
    this.webSocket as unknown as WebSocket,
    this.socket as unknown as TLSSocket,
    () => ({ onFrame: (frame) => this.frames.push(frame), onClose: (reason) => this.ends.push(reason) }),
  );
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
    world.webSocket.bufferedAmount = 2 * FRAME_BYTES_MAX;
    world.channel.send(new Uint8Array(1));
    world.webSocket.emit('ping');
    expect(world.ends).to.deep.equal([]);
    world.webSocket.bufferedAmount += 1;
    world.channel.send(new Uint8Array(1));
    expect(world.ends).to.deep.equal(['it does not take what is sent to it']);

    const flooded = new World();
    flooded.channel.welcome();
    flooded.webSocket.bufferedAmount = 2 * FRAME_BYTES_MAX + 1;
    flooded.webSocket.emit('ping');
    expect(flooded.ends).to.deep.equal(['it does not take what is sent to it']);
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
