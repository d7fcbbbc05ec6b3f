import { expect } from 'chai';
import { stalenessOf, toStatusLines } from '../../src/cli/status-table.js';
import { STATUS_VERSION, type Status } from '../../src/roles/status-board.js';

const NOW_MS = 1_700_000_000_000;

const TALLY: Status = {
  version: STATUS_VERSION,
  role: 'tally',
  name: 'tally',
  network: 'example',
  software: 'privcount 4',
  writtenAtMs: NOW_MS - 3_000,
  startedAtMs: NOW_MS - 3 * 86_400_000,
  phase: 'collecting',
  rounds: [
    {
      roundId: 'ab',
      phase: 'collecting',
      sinceMs: NOW_MS - 5 * 3_600_000,
      endsAtMs: NOW_MS + 3_600_000,
      waitingFor: [],
      parties: 2,
    },
  ],
  endedRounds: { released: 2, aborted: 0, unknown: 0 },
  lastRound: { roundId: 'cd', outcome: 'released', endedAtMs: NOW_MS - 300_000 },
  nodes: [
    {
      name: 'keeper-1',
      role: 'keeper',
      state: 'ready',
      software: 'privcount 4',
      heardAtMs: NOW_MS - 7_000,
      roundTripMs: 31,
      skewMs: -1_240,
    },
    { name: 'collector-with-a-name', role: 'collector', state: 'away' },
  ],
  warnings: [{ text: 'collector-with-a-name is not connected', advice: 'ask its operator' }],
};

describe('the page of privcount status', () => {
  it('shows the node, its rounds, each other node, and what would help', () => {
    expect(toStatusLines(TALLY, NOW_MS)).to.deep.equal([
      'tally server of network example, privcount 4',
      '  started     3 d ago',
      '  now         collecting',
      '  round       ab: collecting, since 5 h ago',
      '  last round  cd: released, 5 min ago',
      '',
      '  node                   role       state  heard    round trip  clock   version',
      '  keeper-1               keeper     ready  7 s ago  31 ms       -1.2 s  privcount 4',
      '  collector-with-a-name  collector  away   -        -           -       -',
      '',
      'warnings:',
      '  collector-with-a-name is not connected',
      '      ask its operator',
    ]);
  });

  it('shows what nodes say of themselves without what would turn the direction of writing', () => {
    const [node] = TALLY.nodes!;
    const software = 'privcount \u202e9';
    const nodes = [{ ...node!, software }];
    const warnings = [{ text: `keeper-1 runs ${software}`, advice: 'run one version' }];
    const page = toStatusLines({ ...TALLY, nodes, warnings }, NOW_MS).join('\n');
    expect(page).not.to.include('\u202e');
    expect(page.split('privcount \\u{202e}9')).to.have.length(3);
  });

  it('shows a keeper or collector with its connection', () => {
    const status: Status = {
      version: STATUS_VERSION,
      role: 'keeper',
      name: 'keeper-1',
      network: TALLY.network,
      software: TALLY.software,
      writtenAtMs: TALLY.writtenAtMs,
      startedAtMs: TALLY.startedAtMs,
      phase: 'waiting for a round',
      rounds: [],
      endedRounds: { released: 0, aborted: 0, unknown: 0 },
      tally: { connectedAtMs: NOW_MS - 61_000 },
      warnings: [],
    };
    expect(toStatusLines(status, NOW_MS)).to.deep.equal([
      'keeper keeper-1 of network example, privcount 4',
      '  started     3 d ago',
      '  now         waiting for a round',
      '  tally       connected 61 s ago',
      '',
      'no warnings',
    ]);
    expect(toStatusLines({ ...status, tally: {} }, NOW_MS)).to.include('  tally       not connected');
  });

  it('says when the node does not run', () => {
    for (const ageMs of [0, 44_999, -44_999]) {
      expect(stalenessOf({ ...TALLY, writtenAtMs: NOW_MS - ageMs }, NOW_MS)).to.equal(undefined);
    }
    const old = { ...TALLY, writtenAtMs: NOW_MS - 7_200_000 };
    const told = "the status is 2 h old: the node does not run, or can't write into its state folder";
    expect(stalenessOf(old, NOW_MS)).to.equal(told);
    expect(toStatusLines(old, NOW_MS)).to.include(`STALE: ${told}`);
  });
});
