/** Attacks by who speaks as another: with another's name, or from the middle of a connection. */
import { expect } from 'chai';
import { toSigned } from '../../src/core/ring.js';
import { makeHello, TALLY_NAME, tallyFault, welcomeNode } from '../../src/protocol/handshake.js';
import { type Sent } from '../protocol/scene.js';
import { testIdentity } from '../support/test-network.js';
import { KNOWN, OurRound, signedBy, statementOf, trueCount } from './our-round.js';
import { HandshakeClient, HandshakeServer } from './original-handshake.js';
import { OriginalCollector } from './original-model.js';
import { signed, sumOf } from './original-numbers.js';
import { OriginalTally } from './original-tally.js';
import { DAY_S, OriginalWorld, startConfig, trueCounts } from './original-world.js';

const VICTIM = 'collector-1';
const IMPOSTOR = 'collector-3';
const NOT_PROVEN = 'it could not prove the identity that network.yaml gives it';
const { network, id: networkId } = KNOWN;

describe("a collector that takes another's name", () => {
  it("has its own numbers published in the original in the place of the other's, which are left out", () => {
    const world = new OriginalWorld();
    const config = startConfig({ sigma: 0 });
    const shareKeepers = new Set(world.keepers.map(({ uid }) => uid));
    const delay = { delayPeriodS: DAY_S, alwaysDelay: false };
    const options = { name: VICTIM, fingerprint: 'D'.repeat(40), shareKeepers, delay };
    const impostor = new OriginalCollector(options, world.random);
    const tally = new OriginalTally(config, { skThreshold: 2 });
    world.checkIn(tally);
    tally.begin();
    // It comes first; the real one is told that there is nothing to do.
    const asImpostor = [impostor, ...world.collectors.slice(1)];
    world.checkIn(tally, {}, asImpostor);
    world.checkIn(tally);
    world.pass();
    impostor.count({ ExitStreamCount: [1_000_000] });
    tally.stop();
    world.checkIn(tally, {}, asImpostor);
    const others = trueCounts(1, 2);
    expect(tally.hasFailed).to.equal(false);
    expect(tally.tallies).to.deep.equal({
      ...others,
      ExitStreamCount: [others['ExitStreamCount']![0]! + 1_000_000n],
    });
  });

  it('is not welcome here under a name whose identity it does not have', () => {
    const exporter = new Uint8Array(32).fill(5);
    const hello = makeHello('node', { name: VICTIM, networkId, identity: testIdentity(IMPOSTOR) }, exporter);
    expect(welcomeNode(hello, { network, networkId, exporter })).to.deep.equal({ fault: NOT_PROVEN });
  });

  it("is left out by name here when it deals or reports in another's name under its own", () => {
    for (const kind of ['deposit', 'report'] as const) {
      const meddle = (sent: Sent): readonly Sent[] => {
        const { from, message } = sent;
        if (from !== IMPOSTOR || message.kind !== kind) return [sent];
        const [own, ...rest] = message.parts;
        const parts = [signedBy(IMPOSTOR, kind, { ...statementOf(own!), collector: VICTIM }), ...rest];
        const forged = message.kind === 'deposit' ? { ...message, collector: VICTIM } : message;
        return [{ ...sent, message: { ...forged, parts } }];
      };
      const { outcome } = new OurRound('over', meddle).scene;
      if (outcome?.kind !== 'released') throw new Error('nothing was released');
      expect(outcome.leftOut.map(({ name }) => name)).to.deep.equal([IMPOSTOR]);
      expect(toSigned(outcome.totals)[0]).to.equal(trueCount([VICTIM, 'collector-2']));
    }
  });
});

describe('a machine in the middle of a connection', () => {
  it("is taken for the tally in the original without knowing the secret, and reads a collector's exact counts", () => {
    const world = new OriginalWorld();
    const secret = world.random.bytes(32);
    // Each node's handshake lines are carried to the real tally and back; then the connection is the attacker's.
    for (let node = 0; node < 3; node += 1) {
      const tally = new HandshakeServer(secret, world.random.bytes(32));
      const client = new HandshakeClient(secret, world.random.bytes(32));
      const proven = tally.answer(client.answer(tally.first()));
      expect(tally.answer(client.answer(proven!))).to.equal(undefined);
      expect([client.isDone, tally.isDone]).to.deep.equal([true, true]);
    }
    const config = startConfig({ sigma: 0 });
    const victim = world.collectors.slice(0, 1);
    const dealt = world.deal(config, victim).map((shares) => shares!);
    world.pass();
    const reports = world.reports(victim);
    const sums = world.keepers.map((keeper) => world.open(keeper, config, dealt));
    expect(signed(sumOf([...reports, ...sums]))).to.deep.equal(trueCounts(0));
  });

  it('can carry no hello here from one connection to another, neither way', () => {
    // A node's connection to whoever is in the middle, and his to the tally: two channels, two exporter values.
    const [toMiddle, toTally] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const identity = testIdentity(VICTIM);
    const hello = makeHello('node', { name: VICTIM, networkId, identity }, toMiddle);
    const welcome = (exporter: Uint8Array) => welcomeNode(hello, { network, networkId, exporter });
    expect(welcome(toTally)).to.deep.equal({ fault: NOT_PROVEN });
    expect(welcome(toMiddle)).to.deep.equal({ role: 'collector', name: VICTIM });
    const proof = { name: TALLY_NAME, networkId, identity: testIdentity('tally') };
    const answer = makeHello('tally', proof, toTally);
    const fault = (exporter: Uint8Array) => tallyFault(answer, { network, networkId, exporter });
    expect(fault(toMiddle)).to.equal(NOT_PROVEN);
    expect(fault(toTally)).to.equal(undefined);
  });
});
