/** Whoever answers at the tally's address does what he likes to keepers and collectors; then the honest tally is back. */
import { createServer, type Server } from 'node:https';
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { systemClock } from '../../src/io/clock.js';
import { makeTlsCredentials } from '../../src/io/tls-files.js';
import { encodeMessage } from '../../src/protocol/codec.js';
import { EXPORTER_BYTES, makeHello, TALLY_NAME } from '../../src/protocol/handshake.js';
import { FRAME_BYTES_MAX, PLAN_AGE_MS_MAX } from '../../src/protocol/limits.js';
import { type Message } from '../../src/protocol/messages.js';
import { toPlanJson, type Plan } from '../../src/protocol/plan.js';
import { signStatement } from '../../src/protocol/statements.js';
import { type FrameChannel, type Listening } from '../../src/roles/channel-ports.js';
import { Peers } from '../../src/roles/peers.js';
import { FakeLog } from '../roles/tor-source-fakes.js';
import { testIdentity, testPlan } from '../support/test-network.js';
import { startCollector, startKeeper } from './honest-network.js';
import { atPort, HOST, listen, makePlace, until, type Place } from './hostile-world.js';

type World = { readonly place: Place; readonly role: 'keeper' | 'collector' };

/** What the impostor does with a connection; the node's hello has not come yet. */
type Impostor = (channel: FrameChannel, world: World) => { onHello: (() => void) | undefined };

function tallyHello({ known }: Place, channel: FrameChannel, by = TALLY_NAME): Uint8Array {
  const identity = testIdentity(by);
  return encodeMessage(
    makeHello('tally', { name: TALLY_NAME, networkId: known.id, identity }, channel.exporter),
  );
}

function planMessage(
  { known }: Place,
  changes: Partial<Plan>,
  signer: { by?: string; networkId?: string } = {},
): Message {
  const plan = testPlan(known, { createdAtMs: Date.now(), ...changes });
  const { by = TALLY_NAME, networkId = known.id } = signer;
  const signed = signStatement('plan', toPlanJson(plan), { identity: testIdentity(by), networkId });
  return { kind: 'plan', roundId: plan.roundId, parts: [signed] };
}

/** Says its hello as the tally would, then these messages or bytes. */
function afterHello(say: (place: Place) => readonly (Message | Uint8Array)[]): Impostor {
  return (channel, { place }) => ({
    onHello: () => {
      channel.welcome();
      channel.send(tallyHello(place, channel));
      for (const said of say(place)) channel.send(said instanceof Uint8Array ? said : encodeMessage(said));
      // What is refused leaves the connection as it is: the impostor hangs up himself.
      setTimeout(() => channel.close(), 500);
    },
  });
}

type Scene = { readonly impostor: Impostor; readonly told: RegExp };

const SCENES: Record<string, Scene> = {
  'says nothing and hangs up': {
    impostor: (channel) => ({ onHello: () => channel.close() }),
    told: /^no connection to the tally server: the peer closed the connection; trying again$/,
  },
  'has the right pin and another identity': {
    impostor: (channel, { place }) => ({
      onHello: () => channel.send(tallyHello(place, channel, 'collector-2')),
    }),
    told: /^whoever answers at the tally's address is not the tally: it could not prove the identity/,
  },
  'sends garbage instead of a hello': {
    impostor: (channel) => ({ onHello: () => channel.send(new Uint8Array(500).fill(255)) }),
    told: /^the tally sent what is no message: the header is longer than 16384 bytes; trying again$/,
  },
  'sends 1 MB before its hello': {
    impostor: (channel) => ({ onHello: () => channel.send(new Uint8Array(1e6)) }),
    told: /^no connection to the tally server: it sent too much before it proved who it is; trying again$/,
  },
  'sends garbage after its hello': {
    impostor: afterHello(() => [new Uint8Array(500).fill(255)]),
    told: /^the tally sent what is no message: the header is longer than 16384 bytes; trying again$/,
  },
  'sends a frame above the limit': {
    impostor: afterHello(() => [new Uint8Array(FRAME_BYTES_MAX + 1)]),
    told: /^no connection to the tally server: it sent a frame above the limit; trying again$/,
  },
  'sends a plan that it did not sign': {
    impostor: afterHello((place) => [planMessage(place, {}, { by: 'keeper-2' })]),
    told: /^round [0-9a-f]{32}: refused, the tally of network\.yaml did not sign its plan$/,
  },
  'sends a plan that was signed for another network': {
    impostor: afterHello((place) => [planMessage(place, {}, { networkId: 'cd'.repeat(32) })]),
    told: /^round [0-9a-f]{32}: refused, the tally of network\.yaml did not sign its plan$/,
  },
  'sends a plan that names another network': {
    impostor: afterHello((place) => [planMessage(place, { networkId: 'cd'.repeat(32) })]),
    told: /^round [0-9a-f]{32}: declined, the plan is of another network/,
  },
  'plays an old plan again': {
    impostor: afterHello((place) => [
      planMessage(place, { createdAtMs: Date.now() - PLAN_AGE_MS_MAX - 1000 }),
    ]),
    told: /^round [0-9a-f]{32}: declined, the plan was made 601 s ago by this node's clock; at most 600 s is taken/,
  },
  'wants a proposal voted that belongs to no round': {
    impostor: afterHello(() => [
      { kind: 'proposal', roundId: 'ee'.repeat(16), parts: [new Uint8Array(100)] },
    ]),
    told: /^round e{32}: a proposal of a round that this node takes no part in$/,
  },
};

class Meeting {
  readonly log: FakeLog;
  readonly close: () => Promise<void>;
  /** The honest tally has heard the node's status, after the impostor. */
  readonly served: Promise<void>;

  constructor(
    world: World,
    { serve, close }: { serve: (peers: Peers, log: FakeLog) => Promise<void>; close: () => Promise<void> },
  ) {
    const { place, role } = world;
    const name = `${role}-1`;
    const node = role === 'keeper' ? startKeeper(place, name) : startCollector(place, name);
    this.log = node.ports.log;
    const peers = new Peers(
      { identity: testIdentity(TALLY_NAME), network: place.known.network, networkId: place.known.id },
      new FakeLog(),
      { onConnected: () => undefined, onDisconnected: () => undefined, onMessage: () => undefined },
      systemClock,
    );
    this.served = serve(peers, this.log).then(() =>
      until(
        () => peers.list().some(({ status }) => status !== undefined),
        `${name} is with the honest tally`,
      ),
    );
    this.close = async () => {
      await node.role.close();
      await close();
    };
  }

  get warnings(): string[] {
    return this.log.lines
      .filter((line) => /^(warn|error): /.test(line))
      .map((line) => line.replace(/^\w+: /, ''));
  }
}

/** The first connection meets the impostor, the next ones the honest tally, at the same port with the same key. */
async function meet(role: World['role'], impostor: Impostor): Promise<Meeting> {
  const place = await makePlace();
  const world: World = { place, role };
  let isFirst = true;
  let honest: Peers | undefined;
  const listening = await listen(place, (channel) => {
    if (!isFirst) return honest!.accept(channel);
    isFirst = false;
    let { onHello } = impostor(channel, world);
    const onFrame = (): void => {
      onHello?.();
      onHello = undefined;
    };
    return { onFrame, onClose: () => undefined };
  });
  return new Meeting(world, {
    serve: (peers) => {
      honest = peers;
      return Promise.resolve();
    },
    close: () => listening.close(),
  });
}

/** Another key first, at the same port; then the tally's own. */
async function meetWrongPin(role: World['role']): Promise<Meeting> {
  const place = await makePlace();
  const impostor = await listen({ port: place.port, tls: await makeTlsCredentials(Date.now()) }, () => ({
    onFrame: () => undefined,
    onClose: () => undefined,
  }));
  let honest: Listening | undefined;
  return new Meeting(
    { place, role },
    {
      serve: async (peers, log) => {
        await until(() => log.lines.length > 0, 'the wrong pin is told');
        await impostor.close();
        honest = await listen(place, (channel) => peers.accept(channel));
      },
      close: async () => {
        await honest?.close();
      },
    },
  );
}

/** A tally that says its hello in one breath with the answer to the upgrade, before the node can have said its own. */
async function hastyServer(place: Place): Promise<Server> {
  const server = createServer({ key: place.tls.key, cert: place.tls.cert });
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']!}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    // Signed for no connection in particular: that of this one is not known here yet.
    const identity = testIdentity(TALLY_NAME);
    const named = { name: TALLY_NAME, networkId: place.known.id, identity };
    const frame = encodeMessage(makeHello('tally', named, new Uint8Array(EXPORTER_BYTES)));
    const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
    socket.on('error', () => undefined);
    socket.write(
      Buffer.concat([
        Buffer.from(head),
        Buffer.from([0x82, 126, frame.length >> 8, frame.length & 255]),
        frame,
      ]),
    );
  });
  await new Promise<void>((resolve) => server.listen(place.port, HOST, resolve));
  return server;
}

for (const role of ['keeper', 'collector'] as const) {
  describe(`a ${role} that meets an impostor in the tally's place`, function () {
    this.timeout(240_000);

    const meetings = new Map<string, Meeting>();

    before(async () => {
      const all = Object.entries(SCENES).map(async ([what, { impostor }]) =>
        meetings.set(what, await meet(role, impostor)),
      );
      await Promise.all([
        ...all,
        meetWrongPin(role).then((meeting) => meetings.set('has another TLS key', meeting)),
      ]);
      await Promise.all([...meetings.values()].map(({ served }) => served));
    });

    after(() => Promise.all([...meetings.values()].map((meeting) => meeting.close())));

    const told: Record<string, RegExp> = {
      'has another TLS key':
        /^no connection to the tally server: its TLS key is not the one that network\.yaml pins \(tally_server\.tls_pin\); trying again$/,
      ...Object.fromEntries(Object.entries(SCENES).map(([what, scene]) => [what, scene.told])),
    };
    for (const [what, line] of Object.entries(told)) {
      it(`who ${what}: says so in one line, and serves the honest tally afterwards`, async () => {
        const meeting = meetings.get(what)!;
        await meeting.served;
        const others =
          /^no connection to the tally server: (the peer closed the connection|nobody listens there|the connection was reset)/;
        const lines = meeting.warnings.filter((warning) => line.test(warning) || !others.test(warning));
        expect(lines).to.have.lengthOf(1);
        expect(lines[0]).to.match(line);
      });
    }
  });
}

describe('a node whose tally speaks with its very first bytes', () => {
  it('reads them, and is none the worse for it', async () => {
    const place = await makePlace();
    const server = await hastyServer(place);
    const { role, ports } = startKeeper(place, 'keeper-1');
    try {
      await until(() => ports.log.lines.length > 0, 'it logs');
      expect(ports.log.lines).to.deep.equal([
        "warn: whoever answers at the tally's address is not the tally: it could not prove the identity that network.yaml gives it; trying again",
      ]);
    } finally {
      role.close();
      server.close();
      server.closeAllConnections();
    }
  });

  it('is told where nobody at all listens', async () => {
    const { known, ...place } = await makePlace();
    const { role, ports } = startKeeper(
      { ...place, known: atPort(known, place.port, place.tls.pin) },
      'keeper-1',
    );
    await until(() => ports.log.lines.length > 0, 'it logs');
    role.close();
    expect(ports.log.lines).to.deep.equal([
      'warn: no connection to the tally server: nobody listens there; trying again',
    ]);
  });
});
