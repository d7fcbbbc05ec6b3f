/** The processes of half-open.ts: the tally, or a crowd of strangers. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '../../src/io/clock.js';
import { Peers } from '../../src/roles/peers.js';
import { answerWant } from '../../src/roles/artifacts.js';
import { FakeLog } from '../roles/tor-source-fakes.js';
import { testIdentity } from '../support/test-network.js';
import { clientHello, HOST, listen, type Place, upgradeRequest } from '../system/hostile-world.js';
import { type HalfOpenCall, type HalfOpenReport } from './half-open.js';

/** So many strangers have one address, fewer than the tally turns out. */
const STRANGERS_OF_ADDRESS = 250;
/** How fast a crowd begins connections: each lasts ten seconds, and two crowds of 5,200 are to be there at any time. */
const BEGIN_PER_MS = 0.8;
const BEGIN_EVERY_MS = 20;
/** A process that had to wait for its turn catches up, but not with all at once. */
const AT_ONCE_MAX = 1_000;

let report = (): HalfOpenReport => ({ memory: process.memoryUsage().rss, open: 0, made: 0 });

process.on('message', (call: HalfOpenCall) => {
  switch (call.kind) {
    case 'tally':
      void beTally(call.place);
      break;
    case 'strangers':
      void beStrangers(call);
      break;
    case 'report':
      process.send!(report());
  }
});
// The soak's own process has ended.
process.on('disconnect', () => process.exit(0));

async function beTally(place: Place): Promise<void> {
  const { network, id: networkId } = place.known;
  const peers = new Peers(
    { identity: testIdentity('tally'), network, networkId },
    new FakeLog(),
    {
      onConnected: () => undefined,
      onDisconnected: () => undefined,
      onMessage: (name, message) => {
        if (message.kind === 'want') peers.send(name, answerWant(new Map(), message));
      },
    },
    systemClock,
  );
  await listen(place, (channel) => peers.accept(channel));
}

/**
 * Keeps so many connections open, each idle from a point on: of 32, 26 after TCP, four after half of the TLS handshake, one
 * after TLS, one after the upgrade to a WebSocket.
 */
async function beStrangers(call: Extract<HalfOpenCall, { kind: 'strangers' }>): Promise<void> {
  const { port, count, first } = call;
  const hello = await clientHello();
  const open = new Set<Socket>();
  const idle = Array.from({ length: count }, (_, at) => first + at);
  let made = 0;
  const begin = (number: number): void => {
    const place = {
      port,
      host: HOST,
      localAddress: `127.0.1.${1 + Math.floor(number / STRANGERS_OF_ADDRESS)}`,
    };
    made += 1;
    const kind = number % 32;
    const socket: Socket =
      kind < 30
        ? connectTcp(place, () => {
            if (kind < 26) open.add(socket);
            else socket.write(hello);
          })
        : connectTls({ ...place, rejectUnauthorized: false }, () => {
            if (kind === 30) open.add(socket);
            else socket.write(upgradeRequest());
          });
    // The answer to half of a handshake, or to the upgrade.
    socket.once('data', () => open.add(socket));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      idle.push(number);
    });
  };
  let begunAtMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    const due = Math.min(AT_ONCE_MAX, Math.floor((nowMs - begunAtMs) * BEGIN_PER_MS));
    begunAtMs = nowMs;
    for (const number of idle.splice(0, due)) begin(number);
  }, BEGIN_EVERY_MS);
  report = () => ({ memory: process.memoryUsage().rss, open: open.size, made });
}
