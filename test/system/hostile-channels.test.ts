/** Channels over real TLS: what both ends agree on, the limits, and how they end. */
import { expect } from 'chai';
import { dialer } from '../../src/io/dialer.js';
import { makeTlsCredentials, pinOfCertificate, pinOfKey } from '../../src/io/tls-files.js';
import { FRAME_BYTES_MAX } from '../../src/protocol/limits.js';
import { type FrameChannel, type Listening } from '../../src/roles/channel-ports.js';
import { HOST, listen, makePlace, until, type Place } from './hostile-world.js';

/** One end of a connection, and what came of it. */
class End {
  channel: FrameChannel | undefined;
  readonly frames: Uint8Array[] = [];
  reason: string | undefined;
  readonly events = {
    onOpen: (channel: FrameChannel) => {
      this.channel = channel;
      channel.welcome();
    },
    onFrame: (frame: Uint8Array) => void this.frames.push(frame),
    onClose: (reason: string) => (this.reason = reason),
  };
}

describe('a channel between tally and node', function () {
  this.timeout(240_000);

  let place: Place;
  let listening: Listening;
  let tally: End;
  let node: End;

  beforeEach(async () => {
    place = await makePlace();
    tally = new End();
    node = new End();
    listening = await listen(place, (channel) => {
      tally.events.onOpen(channel);
      return tally.events;
    });
  });

  afterEach(() => listening.close());

  async function connect(tlsPin = place.tls.pin): Promise<void> {
    dialer.dial({ host: HOST, port: place.port, tlsPin }, node.events);
    await until(() => node.channel !== undefined || node.reason !== undefined, 'the dial ends');
  }

  it('has the same exporter value at both ends, and another one each time', async () => {
    await connect();
    await until(() => tally.channel !== undefined, 'the tally has it');
    expect(Buffer.from(node.channel!.exporter)).to.deep.equal(Buffer.from(tally.channel!.exporter));
    expect(node.channel!.exporter).to.have.lengthOf(32);
    const first = node.channel!.exporter;
    node = new End();
    await connect();
    expect(Buffer.from(node.channel!.exporter)).not.to.deep.equal(Buffer.from(first));
  });

  it('carries the longest frame, both ways, in order', async () => {
    await connect();
    const long = new Uint8Array(FRAME_BYTES_MAX).fill(7);
    node.channel!.send(long);
    node.channel!.send(new Uint8Array([1]));
    await until(() => tally.frames.length === 2, 'both frames are there');
    expect(tally.frames.map(({ length }) => length)).to.deep.equal([FRAME_BYTES_MAX, 1]);
    expect(Buffer.compare(tally.frames[0]!, long)).to.equal(0);
    tally.channel!.send(long);
    await until(() => node.frames.length === 1, 'the frame is there');
    expect(Buffer.compare(node.frames[0]!, long)).to.equal(0);
  });

  it('is cut off by a frame one byte longer, and both ends say why they end', async () => {
    await connect();
    node.channel!.send(new Uint8Array(FRAME_BYTES_MAX + 1));
    await until(() => tally.reason !== undefined && node.reason !== undefined, 'both ends are told');
    expect(tally.reason).to.equal('it sent a frame above the limit');
    expect(tally.frames).to.deep.equal([]);
    expect(node.reason).to.match(/^(the peer closed the connection|the connection was reset)$/);
  });

  it('sends what is queued before it closes', async () => {
    await connect();
    await until(() => tally.channel !== undefined, 'the tally has it');
    tally.channel!.send(new Uint8Array(FRAME_BYTES_MAX));
    tally.channel!.close();
    await until(() => node.reason !== undefined, 'the node is told');
    expect(node.frames.map(({ length }) => length)).to.deep.equal([FRAME_BYTES_MAX]);
    await until(() => tally.reason !== undefined, 'the tally is told');
    expect(tally.reason).to.equal('closed by this node');
  });

  it('sends what is queued in channels that were closed before the listener is', async () => {
    await connect();
    await until(() => tally.channel !== undefined, 'the tally has it');
    tally.channel!.send(new Uint8Array(FRAME_BYTES_MAX));
    tally.channel!.close();
    await listening.close();
    await until(() => node.reason !== undefined, 'the node is told');
    expect(node.frames.map(({ length }) => length)).to.deep.equal([FRAME_BYTES_MAX]);
  });

  it('is cut off with the listener if nobody closed it', async () => {
    await connect();
    await listening.close();
    await until(() => node.reason !== undefined && tally.reason !== undefined, 'both ends are told');
  });

  it('does not come about with another pin, and the tally is shown nothing', async () => {
    await connect('00'.repeat(32));
    expect(node.channel).to.equal(undefined);
    expect(node.reason).to.equal('its TLS key is not the one that network.yaml pins (tally_server.tls_pin)');
    expect(tally.frames).to.deep.equal([]);
  });

  it('does not come about where nobody listens, and the node is told once', async () => {
    await listening.close();
    await connect();
    expect(node.reason).to.equal('nobody listens there');
  });

  it('needs a port that is free', async () => {
    const error: unknown = await listen(place, () => tally.events).catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'EADDRINUSE' });
  });
});

describe('TLS credentials', () => {
  it('are a key and its certificate, with one pin', async () => {
    const { key, cert, pin } = await makeTlsCredentials(Date.now());
    expect(pin).to.match(/^[0-9a-f]{64}$/);
    expect(pinOfKey(key)).to.equal(pin);
    expect(pinOfCertificate(cert)).to.equal(pin);
    expect((await makeTlsCredentials(Date.now())).pin).not.to.equal(pin);
  });

  it('have no pin where they are no PEM', () => {
    expect(() => pinOfKey('no key')).to.throw();
    expect(() => pinOfCertificate('no certificate')).to.throw();
  });
});
