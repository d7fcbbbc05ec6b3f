/** The layers below the messages: TLS, the upgrade, WebSocket frames; by strangers and by nodes with a good key. */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import { systemClock } from '../../src/io/clock.js';
import { FRAMES_AT_ONCE_MAX } from '../../src/io/frame-rate.js';
import { HANDSHAKE_MS_MAX } from '../../src/protocol/limits.js';
import { answerWant, artifactDigest } from '../../src/roles/artifacts.js';
import { type Listening } from '../../src/roles/channel-ports.js';
import { Peers } from '../../src/roles/peers.js';
import { FakeLog } from '../roles/tor-source-fakes.js';
import { testIdentity } from '../support/test-network.js';
import {
  clientHello,
  dripping,
  HOST,
  listen,
  makePlace,
  overTcp,
  overTls,
  type Place,
  RawClient,
  until,
  upgradeRequest,
} from './hostile-world.js';

const SLACK_MS = 10_000;
/** The answer to an upgrade ends with an empty line. */
const UPGRADED = /^HTTP\/1\.1 101 [\s\S]*?\r\n\r\n/;

describe('the transport of a tally', function () {
  this.timeout(240_000);

  const artifact = new Uint8Array(1 << 20).fill(3);
  const digest = artifactDigest(artifact);
  let place: Place;
  let listening: Listening;
  let log: FakeLog;

  before(async () => {
    place = await makePlace({ collectors: 4 });
    const { network, id: networkId } = place.known;
    log = new FakeLog();
    const peers = new Peers(
      { identity: testIdentity('tally'), network, networkId },
      log,
      {
        onConnected: () => undefined,
        onDisconnected: () => undefined,
        onMessage: (name, message) => {
          if (message.kind === 'want') peers.send(name, answerWant(new Map([[digest, artifact]]), message));
        },
      },
      systemClock,
    );
    listening = await listen(place, (channel) => peers.accept(channel));
  });

  after(() => listening.close());

  /** A client frame of these first two bytes, with a mask of zeros if it says that it has one. */
  function frame(first: number, content = ''): Buffer {
    return Buffer.concat([Buffer.from([first, 0x80 | content.length, 0, 0, 0, 0]), Buffer.from(content)]);
  }

  const raw: Record<string, Buffer> = {
    'a compressed frame': frame(0xc2, 'x'),
    'a frame without mask': Buffer.from([0x82, 0x01, 0x00]),
    'a frame of an unknown kind': frame(0x83, 'x'),
    'the rest of a frame that never began': frame(0x80, 'x'),
    'a ping in pieces': frame(0x09, 'x'),
    'a frame longer than any number': Buffer.from([
      0x82, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0,
    ]),
  };
  for (const [what, bytes] of Object.entries(raw)) {
    it(`ends with one who sends ${what}`, async () => {
      const request = Buffer.from(upgradeRequest('Sec-WebSocket-Extensions: permessage-deflate\r\n'));
      const { ms, received } = await overTls(place.port, Buffer.concat([request, bytes]));
      expect(received.toString('latin1')).to.match(UPGRADED);
      expect(received.toString('latin1'), 'it agrees to no compression').not.to.match(/permessage-deflate/);
      expect(ms).to.be.lessThan(SLACK_MS);
    });
  }

  it('has no time for who says his TLS hello byte by byte', async () => {
    const { ms } = await dripping(connectTcp({ port: place.port, host: HOST }), await clientHello(), 100);
    expect(ms).to.be.within(HANDSHAKE_MS_MAX - 500, HANDSHAKE_MS_MAX + SLACK_MS);
  });

  it('has no time for who asks for the upgrade, or says his first frame, byte by byte', async () => {
    const tls = () => connectTls({ port: place.port, host: HOST, rejectUnauthorized: false });
    const long = Buffer.concat([Buffer.from([0x82, 0xfe, 0x0f, 0xff, 0, 0, 0, 0]), Buffer.alloc(4_000)]);
    const upgraded = tls();
    upgraded.write(upgradeRequest());
    const [asking, saying] = await Promise.all([
      dripping(tls(), Buffer.from(upgradeRequest()), 200),
      dripping(upgraded, long, 100),
    ]);
    for (const { ms } of [asking, saying])
      expect(ms).to.be.within(HANDSHAKE_MS_MAX - 1_500, HANDSHAKE_MS_MAX + SLACK_MS);
  });

  it('does not collect a TLS hello of 100 KB', async () => {
    // Records of 16 KB that all belong to one handshake message of 100 KB.
    const record = (content: Buffer) => {
      const head = Buffer.from([0x16, 0x03, 0x01, 0, 0]);
      head.writeUInt16BE(content.length, 3);
      return Buffer.concat([head, content]);
    };
    const first = Buffer.concat([Buffer.from([0x01, 0x01, 0x86, 0xa0, 0x03, 0x03]), Buffer.alloc(16_000)]);
    const { ms } = await overTcp(place.port, Buffer.concat([record(first), record(Buffer.alloc(16_000))]));
    expect(ms).to.be.lessThan(HANDSHAKE_MS_MAX - 2_000);
  });

  it('cuts off a node that sends a frame in thousands of pieces', async () => {
    const node = await RawClient.openAs('collector-1', place);
    for (let piece = 0; piece < 5_000; piece += 1) node.raw(new Uint8Array(1), { fin: false });
    await node.closed;
    await until(
      () =>
        log.lines.includes('warn: collector-1 is no longer connected: it sent a frame in too many pieces'),
      'the tally says why',
    );
  });

  it('cuts off a node that asks and asks, and takes no answers', async () => {
    const node = await RawClient.openAs('collector-2', place);
    node.stopReading();
    for (let ask = 0; ask < 2_000; ask += 1) node.say({ kind: 'want', digest, offset: 0, parts: [] });
    await until(
      () =>
        log.lines.includes('warn: collector-2 is no longer connected: it does not take what is sent to it'),
      'the tally says why',
    );
    node.end();
  });

  it('is done with a node that pings without end', async () => {
    const node = await RawClient.openAs('collector-3', place);
    for (let ping = 0; ping < 20_000; ping += 1) node.ping();
    await node.closed;
  });

  it('keeps time for other nodes while one asks without end', async () => {
    const loud = await RawClient.openAs('collector-3', place);
    const quiet = await RawClient.openAs('collector-4', place);
    const ask = { kind: 'want', digest: 'ee'.repeat(32), offset: 0, parts: [] } as const;
    for (let asked = 0; asked < 2 * FRAMES_AT_ONCE_MAX; asked += 1) loud.say(ask);
    const startMs = performance.now();
    quiet.say(ask);
    await until(() => quiet.received.some(({ kind }) => kind === 'piece'), 'the quiet one has its answer');
    expect(performance.now() - startMs).to.be.lessThan(SLACK_MS);
    await until(() => loud.received.length > FRAMES_AT_ONCE_MAX, 'the loud one is answered as well');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(loud.received.length, 'but not faster than it may').to.be.lessThan(2 * FRAMES_AT_ONCE_MAX);
    expect(loud.closeCode, 'it is only kept waiting').to.equal(undefined);
    loud.end();
    quiet.end();
  });
});
