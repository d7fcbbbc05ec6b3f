import { mock } from 'node:test';
import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import {
  type GateSocket,
  sourceOf,
  STRANGER_BYTES_MAX,
  StrangerGate,
  STRANGERS_OF_SOURCE_MAX,
} from '../../src/io/stranger-gate.js';
import { HANDSHAKE_MS_MAX } from '../../src/protocol/limits.js';

class FakeSocket implements GateSocket {
  readonly remoteAddress: string;
  bytesRead = 0;
  isDestroyed = false;

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

describe('the gate for strangers', () => {
  let gate: StrangerGate;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    gate = new StrangerGate(1_000);
  });

  afterEach(() => {
    gate.close();
    mock.timers.reset();
  });

  function admit(address: string): FakeSocket {
    const socket = new FakeSocket(address);
    gate.admit(socket);
    return socket;
  }

  it('lets the longest waiting of a source go when that source has too many', () => {
    const wide = new StrangerGate(100_000);
    const other = new FakeSocket('192.0.2.2');
    wide.admit(other);
    const sockets = Array.from({ length: STRANGERS_OF_SOURCE_MAX }, () => new FakeSocket('192.0.2.1'));
    for (const socket of sockets) wide.admit(socket);
    expect(sockets.filter(({ isDestroyed }) => isDestroyed)).to.deep.equal([]);
    wide.admit(new FakeSocket('192.0.2.1'));
    expect(sockets.map(({ isDestroyed }) => isDestroyed).indexOf(true)).to.equal(0);
    expect(sockets.filter(({ isDestroyed }) => isDestroyed)).to.have.lengthOf(1);
    expect(other.isDestroyed, 'another source is not touched').to.equal(false);
    expect(wide.size).to.equal(STRANGERS_OF_SOURCE_MAX + 1);
    wide.close();
  });

  it('has room for three fifths of what the process may have open, and lets the longest waiting of all go', () => {
    const sockets = Array.from({ length: 600 }, (_, at) => admit(`192.0.2.${at % 100}`));
    expect(sockets.some(({ isDestroyed }) => isDestroyed)).to.equal(false);
    admit('192.0.2.200');
    expect(sockets.map(({ isDestroyed }) => isDestroyed).lastIndexOf(true)).to.equal(0);
    expect(gate.size).to.equal(600);
  });

  it('forgets who is welcome: nodes are no strangers, however many are behind one address', () => {
    for (let node = 0; node < 2 * STRANGERS_OF_SOURCE_MAX; node += 1) {
      const socket = admit('192.0.2.1');
      gate.leave(socket);
      gate.leave(socket);
      expect(socket.isDestroyed).to.equal(false);
    }
    expect(gate.size).to.equal(0);
  });

  it('turns out whoever has sent more than a hello and what is around it, within a second', () => {
    const patient = admit('192.0.2.1');
    const loud = admit('192.0.2.1');
    patient.bytesRead = STRANGER_BYTES_MAX;
    loud.bytesRead = STRANGER_BYTES_MAX + 1;
    mock.timers.tick(1_000);
    expect([patient.isDestroyed, loud.isDestroyed]).to.deep.equal([false, true]);
    expect(gate.size).to.equal(1);
  });

  it('turns out whoever says nothing at all in time; who says something has other limits', () => {
    let nowMs = 1_000;
    const clock = mock.method(performance, 'now', () => nowMs);
    const silent = admit('192.0.2.1');
    const speaking = admit('192.0.2.1');
    gate.noteFirstByte(speaking);
    const isOutAfter = (ms: number) => {
      nowMs = 1_000 + ms;
      mock.timers.tick(1_000);
      return silent.isDestroyed;
    };
    expect(isOutAfter(HANDSHAKE_MS_MAX - 1)).to.equal(false);
    expect(isOutAfter(HANDSHAKE_MS_MAX)).to.equal(true);
    expect(speaking.isDestroyed).to.equal(false);
    isOutAfter(4 * HANDSHAKE_MS_MAX);
    clock.mock.restore();
    expect(speaking.isDestroyed, 'but not for ever').to.equal(true);
    expect(gate.size).to.equal(0);
  });

  it('turns all out at the end', () => {
    const sockets = ['192.0.2.1', '2001:db8::1'].map(admit);
    gate.turnAllOut();
    expect(sockets.every(({ isDestroyed }) => isDestroyed)).to.equal(true);
    expect(gate.size).to.equal(0);
  });
});

describe('the source of a connection', () => {
  const sources: Record<string, string> = {
    '192.0.2.1': '192.0.2.1',
    '::ffff:192.0.2.1': '192.0.2.1',
    '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
    '2001:db8:1:2::6': '2001:db8:1:2::/64',
    '2001:db8::6': '2001:db8:0:0::/64',
    '::1': '0:0:0:0::/64',
    '2001:db8:1:2:3::': '2001:db8:1:2::/64',
    'fe80::1%eth0': 'fe80:0:0:0::/64',
    '': '',
  };
  for (const [address, source] of Object.entries(sources)) {
    it(`of ${address === '' ? 'one that is gone already' : address} is ${source}`, () => {
      expect(sourceOf(address)).to.equal(source);
    });
  }
});
