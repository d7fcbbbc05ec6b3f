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
/** Connections that a crowd begins in 20 ms. */
const AT_ONCE = 15;
const BEGIN_EVERY_MS = 20;

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
 * Keeps so many connections open, each idle from a point on: of sixteen, twelve after TCP, two after half of the TLS handshake,
 * one after TLS, one after the upgrade to a WebSocket.
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
    const kind = number % 16;
    const socket: Socket =
      kind < 14
        ? connectTcp(place, () => {
            if (kind < 12) open.add(socket);
            else socket.write(hello);
          })
        : connectTls({ ...place, rejectUnauthorized: false }, () => {
            if (kind === 14) open.add(socket);
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
  setInterval(() => {
    for (const number of idle.splice(0, AT_ONCE)) begin(number);
  }, BEGIN_EVERY_MS);
  report = () => ({ memory: process.memoryUsage().rss, open: open.size, made });
}
