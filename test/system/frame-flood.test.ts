/** Floods of mutated frames over real connections, while real processes end their round. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { packagedConfig } from '../../src/cli/package-files.js';
import { parseNetwork } from '../../src/config/network-file.js';
import { toHex } from '../../src/core/hex.js';
import { Identity, testIdentitySeed } from '../../src/crypto/identity.js';
import { sha256 } from '../../src/crypto/primitives.js';
import { systemClock } from '../../src/io/clock.js';
import { encodeMessage } from '../../src/protocol/codec.js';
import { makeHello, TALLY_NAME } from '../../src/protocol/handshake.js';
import { type FrameChannel, type FrameEvents } from '../../src/roles/channel-ports.js';
import { Peers } from '../../src/roles/peers.js';
import { FakeLog } from '../roles/tor-source-fakes.js';
import { recordFrames } from '../soak/frame-fuzz.js';
import { FrameMutations } from '../soak/frame-mutations.js';
import { ProcessNetwork, totalsOf } from '../support/process-network.js';
import { testIdentity } from '../support/test-network.js';
import { startCollector, startKeeper } from './honest-network.js';
import { listen, makePlace, RawClient, until } from './hostile-world.js';

const LOGS = [1, 2, 3].map((relay) => packagedConfig(`demo/exit-${relay}.events.gz`));
const INTRUDER = 'collector-3';
const FRAMES_AT_A_TIME = 200;

/** Ends of streams in a relay's log, which ExitStreamCount counts if the stream has no others' fault. */
function streamsIn(log: string): number {
  const lines = gunzipSync(readFileSync(log)).toString('latin1').split('\n');
  return lines.filter((line) => line.includes('PRIVCOUNT_STREAM_ENDED')).length;
}

describe('a tally that a node of its network floods with mutated frames', function () {
  this.timeout(400_000);

  it('releases what the honest collectors counted, to the last stream', async () => {
    const recorded = await recordFrames();
    const network = await ProcessNetwork.start({
      keepers: 3,
      threshold: 2,
      eventLogs: LOGS,
      minCollectors: 2,
      settlePeriod: 6,
      collectPeriod: 8,
    });
    let isOver = false;
    try {
      await network.kill(INTRUDER);
      const flooding = flood(network, new FrameMutations(1, recorded.toTally), () => isOver);
      const { exitCode, outcome, tallies } = await network.result();
      isOver = true;
      const sent = await flooding;
      expect(outcome.Result.collectors).to.deep.equal(['collector-1', 'collector-2']);
      expect(exitCode).to.equal(0);
      const [streams] = totalsOf(tallies!).get('ExitStreamCount')!;
      expect(Number(streams)).to.be.within(100, streamsIn(LOGS[0]!) + streamsIn(LOGS[1]!));
      expect(totalsOf(tallies!).get('CollectorCount')).to.deep.equal([2n]);
      expect(totalsOf(tallies!).get('ZeroCount')).to.deep.equal([0n]);
      expect(sent).to.be.greaterThan(2 * FRAMES_AT_A_TIME);
    } finally {
      isOver = true;
      await network.stop();
    }
  });
});

/** In the name of a node whose key is known, until it is over; comes again each time that it is cut off. */
async function flood(
  network: ProcessNetwork,
  mutations: FrameMutations,
  isOver: () => boolean,
): Promise<number> {
  const file = join(network.folder, 'network/tally/network.yaml');
  const bytes = readFileSync(file);
  const { name, tallyServer } = parseNetwork({ file, bytes });
  const identity = new Identity(testIdentitySeed({ network: name, node: INTRUDER }));
  let sent = 0;
  while (!isOver()) {
    const client = await RawClient.open(tallyServer.port).catch(() => undefined);
    if (client !== undefined) {
      const node = { name: INTRUDER, networkId: toHex(sha256(bytes)), identity };
      client.say(makeHello('node', node, client.exporter));
      for (let turn = 0; turn < 20 && client.closeCode === undefined && !isOver(); turn += 1) {
        for (let frame = 0; frame < FRAMES_AT_A_TIME; frame += 1, sent += 1)
          client.raw(mutations.next(undefined));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      client.end();
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return sent;
}

for (const role of ['keeper', 'collector'] as const) {
  describe(`a ${role} whose tally floods it with mutated frames`, function () {
    this.timeout(400_000);

    it('is there for the tally once that is honest again', async () => {
      const place = await makePlace();
      const { known } = place;
      const { network, id: networkId } = known;
      const identity = testIdentity(TALLY_NAME);
      const mutations = new FrameMutations(2, (await recordFrames()).toNodes);
      let sent = 0;
      const attack = (channel: FrameChannel): FrameEvents => {
        channel.welcome();
        return {
          onFrame: () => {
            channel.send(
              encodeMessage(makeHello('tally', { name: TALLY_NAME, networkId, identity }, channel.exporter)),
            );
            for (let frame = 0; frame < FRAMES_AT_A_TIME; frame += 1, sent += 1)
              channel.send(mutations.next(undefined));
          },
          onClose: () => undefined,
        };
      };
      const hostile = await listen(place, attack);
      const node = role === 'keeper' ? startKeeper(place, 'keeper-1') : startCollector(place, 'collector-1');
      await until(() => sent >= 3 * FRAMES_AT_A_TIME, 'it came back for more');
      await hostile.close();
      const peers = new Peers(
        { identity, network, networkId },
        new FakeLog(),
        { onConnected: () => undefined, onDisconnected: () => undefined, onMessage: () => undefined },
        systemClock,
      );
      const honest = await listen(place, (channel) => peers.accept(channel));
      await until(
        () => peers.list().some(({ status }) => status !== undefined),
        `the ${role} is back`,
        60_000,
      );
      await node.role.close();
      await honest.close();
    });
  });
}
