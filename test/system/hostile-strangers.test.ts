/** Strangers at the tally's port do what they like, all at once, while an honest round goes on beside them. */
import { expect } from 'chai';
import { makeHello } from '../../src/protocol/handshake.js';
import { HANDSHAKE_MS_MAX, STRANGER_FRAME_BYTES_MAX } from '../../src/protocol/limits.js';
import { testIdentity } from '../support/test-network.js';
import { HonestNetwork } from './honest-network.js';
import {
  clientHello,
  makePlace,
  overTcp,
  overTls,
  RawClient,
  type Ended,
  type Place,
  until,
} from './hostile-world.js';

/** On loaded cores. */
const SLACK_MS = 8_000;
const CROWD = 200;

const NODES = {
  collectors: ['collector-1', 'collector-2', 'collector-3'],
  keepers: ['keeper-1', 'keeper-2', 'keeper-3'],
};

/** A WebSocket client that does something, and how it ended. */
async function client(place: Place, act: (client: RawClient) => void): Promise<RawClient> {
  const stranger = await RawClient.open(place.port);
  act(stranger);
  await stranger.closed;
  return stranger;
}

describe('a tally among strangers', function () {
  this.timeout(240_000);

  let place: Place;
  let honest: HonestNetwork;
  const ended: Record<string, Ended> = {};
  const clients: Record<string, RawClient> = {};
  let crowd: RawClient[];

  before(async () => {
    place = await makePlace({ minCollectors: 3 });
    // The tally goes on, so that nobody is cut off by its end.
    const settings = { drawMs: 300, collectMs: 5_000, phaseMs: 10_000, rounds: Infinity };
    honest = new HonestNetwork(place, settings, NODES);
    const { port, known } = place;
    const hello = await clientHello();
    const helloOf = (by: string, { exporter }: Pick<RawClient, 'exporter'>) =>
      makeHello('node', { name: 'keeper-1', networkId: known.id, identity: testIdentity(by) }, exporter);

    const bySocket: Record<string, Promise<Ended>> = {
      'says nothing over TCP': overTcp(port, ''),
      'says half of a TLS hello': overTcp(port, hello.subarray(0, hello.length / 2)),
      'speaks HTTP without TLS': overTcp(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
      'speaks TLS 1.2': overTls(port, 'GET / HTTP/1.1\r\n\r\n', { maxVersion: 'TLSv1.2' }),
      'says nothing over TLS': overTls(port, ''),
      'says half of a request': overTls(port, 'GET / HT'),
      'asks for a page': overTls(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n'),
      'posts without end': overTls(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc'),
      'upgrades to something else': overTls(
        port,
        'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
      ),
      'wants a proxy': overTls(port, 'CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n'),
      'sends long headers': overTls(port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`),
      'sends bytes that are no HTTP': overTls(port, '\x00\x01\x02\x03\r\n\r\n'),
    };
    const byClient: Record<string, Promise<RawClient>> = {
      'says nothing': client(place, () => undefined),
      'says text': client(place, (stranger) => stranger.raw('{"kind":"hello"}')),
      'says garbage': client(place, (stranger) => stranger.raw(new Uint8Array(64).fill(255))),
      'says an empty frame': client(place, (stranger) => stranger.raw(new Uint8Array(0))),
      'says one byte too much': client(place, (stranger) => {
        stranger.raw(new Uint8Array(STRANGER_FRAME_BYTES_MAX + 1));
      }),
      'says a frame of 20 MB': client(place, (stranger) => stranger.raw(new Uint8Array(20e6))),
      'says a frame in thousands of pieces': client(place, (stranger) => {
        for (let piece = 0; piece < 5_000; piece += 1) stranger.raw(new Uint8Array(1), { fin: false });
      }),
      'pings without end': client(place, (stranger) => {
        for (let ping = 0; ping < 5_000; ping += 1) stranger.ping();
      }),
      "says a keeper's name": client(place, (stranger) => stranger.say(helloOf('collector-1', stranger))),
      "says a keeper's hello of another connection": client(place, (stranger) =>
        stranger.say(helloOf('keeper-1', { exporter: new Uint8Array(32).fill(1) })),
      ),
      'says a status before its hello': client(place, (stranger) =>
        stranger.say({ kind: 'status', isReady: true, software: 'x', nowMs: 0, parts: [] }),
      ),
    };
    const crowding = Promise.all(
      Array.from({ length: CROWD }, async () => {
        const stranger = new RawClient(port);
        await stranger.closed;
        return stranger;
      }),
    );
    await honest.counting();
    NODES.collectors.forEach((name, at) => honest.tell(name, at + 1));
    await until(() => honest.results.length > 0, 'the first round is over');
    for (const [who, waiting] of Object.entries(bySocket)) ended[who] = await waiting;
    for (const [who, waiting] of Object.entries(byClient)) clients[who] = await waiting;
    crowd = await crowding;
  });

  after(() => honest.close());

  it('releases the honest total', () => {
    expect(honest.outcome(0)).to.deep.include({ outcome: 'released', left_out: [] });
    expect(honest.streamsWithoutNoise(0)).to.equal(6n);
  });

  it('keeps all honest connections', () => {
    const lost = honest.tallyLines.filter((line) => line.includes('is no longer connected'));
    expect(lost).to.deep.equal([]);
  });

  for (const who of [
    'says nothing over TCP',
    'says half of a TLS hello',
    'says nothing over TLS',
    'says half of a request',
  ]) {
    it(`cuts off one who ${who}, in its time and no sooner`, () => {
      const { ms, received } = ended[who]!;
      expect(ms).to.be.within(HANDSHAKE_MS_MAX - 500, HANDSHAKE_MS_MAX + SLACK_MS);
      expect(received.toString('latin1')).to.match(/^$|^HTTP\/1\.1 408 /);
    });
  }

  for (const who of ['speaks HTTP without TLS', 'speaks TLS 1.2', 'wants a proxy']) {
    it(`says nothing to one who ${who}`, () => {
      expect(ended[who]!.received.toString('latin1')).to.equal('');
      expect(ended[who]!.ms).to.be.lessThan(SLACK_MS);
    });
  }

  const answers: Record<string, number> = {
    'asks for a page': 426,
    'posts without end': 426,
    'upgrades to something else': 400,
    'sends bytes that are no HTTP': 400,
  };
  for (const [who, status] of Object.entries(answers)) {
    it(`answers one who ${who} with ${status}, and is done with him`, () => {
      const { received, ms } = ended[who]!;
      expect(received.toString('latin1')).to.match(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(ms).to.be.lessThan(SLACK_MS);
    });
  }

  it('is done with one who sends long headers; the answer may be lost with what he still sends', () => {
    const { received, ms } = ended['sends long headers']!;
    expect(received.toString('latin1')).to.match(/^$|^HTTP\/1\.1 431 /);
    expect(ms).to.be.lessThan(SLACK_MS);
  });

  it('cuts off a WebSocket that says nothing, in its time and no sooner', () => {
    expect(clients['says nothing']!.closedAfterMs).to.be.within(
      HANDSHAKE_MS_MAX - 500,
      HANDSHAKE_MS_MAX + SLACK_MS,
    );
  });

  const frames = [
    'says text',
    'says one byte too much',
    'says a frame of 20 MB',
    'says a frame in thousands of pieces',
    'pings without end',
  ];
  for (const who of frames) {
    it(`cuts off a WebSocket that ${who}, at once and without a word`, () => {
      expect(clients[who]!.closeCode).to.equal(1006);
      expect(clients[who]!.closedAfterMs).to.be.lessThan(SLACK_MS);
      expect(clients[who]!.received).to.deep.equal([]);
    });
  }

  for (const [who, line] of Object.entries({
    'says garbage': 'warn: cut off a stranger: the header is longer than 16384 bytes',
    'says an empty frame': 'warn: cut off a stranger: the frame is too short',
  })) {
    it(`closes on a WebSocket that ${who}, and logs why`, () => {
      expect(clients[who]!.received).to.deep.equal([]);
      expect(honest.tallyLines.filter((logged) => logged === line)).to.have.lengthOf(1);
    });
  }

  for (const [who, reason] of Object.entries({
    "says a keeper's name": 'it could not prove the identity that network.yaml gives it',
    "says a keeper's hello of another connection":
      'it could not prove the identity that network.yaml gives it',
    'says a status before its hello': 'a status came before the hello',
  })) {
    it(`refuses a WebSocket that ${who}, and tells it why`, () => {
      expect(clients[who]!.received).to.deep.equal([{ kind: 'refused', reason, parts: [] }]);
      expect(clients[who]!.closeCode).to.equal(1000);
    });
  }

  it(`lets go of ${CROWD} that came at once`, () => {
    expect(crowd).to.have.lengthOf(CROWD);
    for (const stranger of crowd) {
      expect(stranger.received).to.deep.equal([]);
      expect(stranger.closedAfterMs).to.be.lessThan(HANDSHAKE_MS_MAX + 2 * SLACK_MS);
    }
  });

  it('logs no address of anybody', () => {
    expect(honest.tallyLines.filter((line) => /127\.0\.0\.1|::1/.test(line))).to.deep.equal([]);
  });
});
