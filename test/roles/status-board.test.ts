import { expect } from 'chai';
import { type PeerHealth, SKEW_MS_MAX } from '../../src/roles/peers.js';
import {
  nodeStatusBoard,
  SILENT_MS_MIN,
  statusSchema,
  type StatusOfSelf,
  tallyStatus,
} from '../../src/roles/status-board.js';
import { testNetwork } from '../support/test-network.js';

const NOW_MS = 1_700_000_000_000;
const { network } = testNetwork({ keepers: 2, threshold: 2, collectors: 2 });

function self(changes: Partial<StatusOfSelf> = {}): StatusOfSelf {
  return {
    name: 'tally',
    network,
    software: 'privcount 4',
    startedAtMs: NOW_MS - 60_000,
    nowMs: NOW_MS,
    rounds: [],
    lastRound: undefined,
    endedRounds: { released: 0, aborted: 0, unknown: 0 },
    wallOffsetMs: 0,
    ...changes,
  };
}

function peer(name: string, changes: Partial<PeerHealth> = {}): PeerHealth {
  return {
    name,
    role: name.startsWith('keeper') ? 'keeper' : 'collector',
    status: { kind: 'status', isReady: true, software: 'privcount 4', nowMs: NOW_MS, parts: [] },
    connectedAtMs: NOW_MS - 30_000,
    silentMs: 2_000,
    roundTripMs: 12.4,
    skewMs: -100,
    ...changes,
  };
}

const ALL = ['keeper-1', 'keeper-2', 'collector-1', 'collector-2'].map((name) => peer(name));
const QUIET = { waitingFor: '', objections: '' };

describe("the tally's status", () => {
  function withPeer(changes: Partial<PeerHealth>) {
    const peers = ALL.map((found) => (found.name === 'collector-1' ? { ...found, ...changes } : found));
    return tallyStatus(self(), { ...QUIET, peers });
  }

  it('has every node of network.yaml, keepers first, and no warnings if all is well', () => {
    const status = tallyStatus(self(), { ...QUIET, peers: [...ALL].reverse() });
    expect(status.nodes!.map(({ name }) => name)).to.deep.equal(ALL.map(({ name }) => name));
    expect(status.nodes![0]).to.deep.equal({
      name: 'keeper-1',
      role: 'keeper',
      state: 'ready',
      software: 'privcount 4',
      connectedAtMs: NOW_MS - 30_000,
      heardAtMs: NOW_MS - 2_000,
      roundTripMs: 12,
      skewMs: -100,
    });
    expect(status.warnings).to.deep.equal([]);
    expect(status.phase).to.equal('idle');
  });

  it('is what its schema says, through JSON too', () => {
    const now = { roundId: '01'.repeat(16), phase: 'collecting', sinceMs: NOW_MS - 5 };
    const rounds = [{ ...now, endsAtMs: NOW_MS + 5, waitingFor: ['collector-1'], parties: 2 }];
    const lastRound = { roundId: '02'.repeat(16), outcome: 'aborted' as const, endedAtMs: NOW_MS - 9 };
    const status = tallyStatus(self({ rounds, lastRound }), { ...QUIET, peers: [peer('keeper-2')] });
    expect(statusSchema.parse(JSON.parse(JSON.stringify(status)))).to.deep.equal(status);
    expect(status).to.deep.include({ phase: 'collecting', rounds, lastRound });
  });

  it('says what it waits for, and why it opens no round', () => {
    const status = tallyStatus(self(), {
      peers: ALL,
      waitingFor: '1 more share keepers, of keeper-1',
      objections: 'the budget is used up',
    });
    expect(status.phase).to.equal('waiting for 1 more share keepers, of keeper-1');
    expect(status.warnings.map(({ text }) => text)).to.deep.equal([
      'no round is opened: the budget is used up',
    ]);
  });

  it('warns of a node that is not there', () => {
    const status = tallyStatus(self(), { ...QUIET, peers: ALL.slice(1) });
    expect(status.nodes![0]).to.deep.equal({ name: 'keeper-1', role: 'keeper', state: 'away' });
    expect(status.warnings.map(({ text }) => text)).to.deep.equal(['keeper-1 is not connected']);
  });

  it('warns of a node that has sent no status, or is not ready', () => {
    for (const status of [
      undefined,
      { kind: 'status' as const, isReady: false, software: 'privcount 4', nowMs: 0, parts: [] },
    ]) {
      const { nodes, warnings } = withPeer({ status });
      expect(nodes![2]!.state).to.equal('not ready');
      expect(warnings.map(({ text }) => text)).to.deep.equal(['collector-1 is connected, but not ready']);
    }
  });

  it('warns of a node that is silent for more than two heartbeats', () => {
    expect(withPeer({ silentMs: SILENT_MS_MIN - 1 }).warnings).to.deep.equal([]);
    const { nodes, warnings } = withPeer({ silentMs: SILENT_MS_MIN });
    expect(nodes![2]).to.deep.include({ state: 'silent', heardAtMs: NOW_MS - SILENT_MS_MIN });
    expect(warnings.map(({ text }) => text)).to.deep.equal(['collector-1 does not answer heartbeats']);
  });

  it('warns of a clock that is off, either way, and of none that is off by less', () => {
    for (const skewMs of [SKEW_MS_MAX, -SKEW_MS_MAX, undefined])
      expect(withPeer({ skewMs }).warnings).to.deep.equal([]);
    const [ahead] = withPeer({ skewMs: SKEW_MS_MAX + 1 }).warnings;
    expect(ahead!.text).to.equal("collector-1 has a clock that is 30 s ahead of the tally's");
    expect(ahead!.advice).to.match(/NTP.*600 s/);
    const [behind] = withPeer({ skewMs: -90_000 }).warnings;
    expect(behind!.text).to.equal("collector-1 has a clock that is 90 s behind the tally's");
  });

  it('warns of another version', () => {
    const status = { kind: 'status' as const, isReady: true, software: 'privcount 5', nowMs: 0, parts: [] };
    expect(withPeer({ status }).warnings.map(({ text }) => text)).to.deep.equal([
      'collector-1 runs privcount 5, the tally privcount 4',
    ]);
  });

  it("warns when the machine's clock was set while it runs", () => {
    for (const [wallOffsetMs, texts] of [
      [SKEW_MS_MAX, []],
      [3_600_000, ['the clock of this machine was set forward by 3600 s since the node was started']],
      [-60_000, ['the clock of this machine was set back by 60 s since the node was started']],
    ] as const) {
      const { warnings } = tallyStatus(self({ wallOffsetMs }), { ...QUIET, peers: ALL });
      expect(warnings.map(({ text }) => text)).to.deep.equal(texts);
    }
  });
});

describe("a node's status", () => {
  it('tells that it waits for a round, since when the tally is there, and its rounds', () => {
    const quiet = nodeStatusBoard('keeper', self({ name: 'keeper-1' }), { tallySinceMs: 5, isReady: true });
    expect(quiet).to.deep.include({
      role: 'keeper',
      name: 'keeper-1',
      phase: 'waiting for a round',
      tally: { connectedAtMs: 5 },
      isReady: true,
      warnings: [],
    });
    expect(statusSchema.parse(JSON.parse(JSON.stringify(quiet)))).to.deep.equal(quiet);
    const now = { roundId: '01'.repeat(16), phase: 'counting', sinceMs: 1 };
    const rounds = [{ ...now, waitingFor: [], parties: 0 }];
    const busy = nodeStatusBoard('collector', self({ rounds }), { tallySinceMs: 5, isReady: true });
    expect(busy.phase).to.equal('counting');
  });

  it('warns that the tally or the event source is not there', () => {
    const status = nodeStatusBoard('collector', self(), { tallySinceMs: undefined, isReady: false });
    expect(status.phase).to.equal('connecting');
    expect(status).to.deep.include({ tally: {}, isReady: false });
    expect(status.warnings.map(({ text }) => text)).to.deep.equal([
      'the tally server is not there',
      'the event source is not ready, so that this collector is invited to no round',
    ]);
  });
});
