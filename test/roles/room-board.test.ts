import { expect } from 'chai';
import { composedMu, epsilonOf } from '../../src/privacy/gaussian-dp.js';
import { RoomBoard } from '../../src/roles/room-board.js';
import { toRoomBudget } from '../../src/roles/room-budget.js';
import { toRoomNodes, toRoomNow } from '../../src/roles/room-now.js';
import { withRefusal } from '../../src/roles/room-refusals.js';
import { type Status, statusSchema, tallyStatus } from '../../src/roles/status-board.js';
import { testNetwork } from '../support/test-network.js';
import { pastLine, roomState } from '../support/room-states.js';

const NOW_MS = 1_800_000_000_000;
const { network } = testNetwork({ keepers: 3, threshold: 2, collectors: 3 });

function statusOf({ objections = '', nowMs = NOW_MS }: { objections?: string; nowMs?: number } = {}): Status {
  const rounds = [
    { roundId: 'ab', phase: 'voting', sinceMs: 5, endsAtMs: 9, waitingFor: ['keeper-2'], parties: 3 },
  ];
  const self = {
    name: 'tally',
    network,
    software: 'privcount 9',
    startedAtMs: 1,
    nowMs,
    rounds,
    lastRound: undefined,
    endedRounds: { released: 0, aborted: 0, unknown: 0 },
    wallOffsetMs: 0,
  };
  return tallyStatus(self, { peers: [], waitingFor: '2 keepers', objections });
}

describe('what the room shows of now', () => {
  it('is named key by key, so that what a status tells later does not come to the page by itself', () => {
    const status = statusOf();
    const secretive = {
      ...status,
      rounds: status.rounds.map((round) => ({ ...round, secret: 'secret' })),
      nodes: status.nodes!.map((node) => ({ ...node, address: 'secret' })),
      counts: 'secret',
    };
    const shown = {
      now: toRoomNow(secretive, { refusals: [], isOver: false, nowMs: 7 }),
      nodes: toRoomNodes(secretive),
    };
    expect(JSON.stringify(shown)).not.to.include('secret');
    expect(shown.now.atMs).to.equal(7);
    expect(shown.now.rounds).to.deep.equal(status.rounds);
  });

  it('says the same of several nodes once', () => {
    const { warnings } = toRoomNow(statusOf(), { refusals: [], isOver: false, nowMs: 0 });
    expect(warnings).to.have.length(1);
    expect(warnings[0]!.text).to.equal('is not connected');
    expect(warnings[0]!.names).to.deep.equal(
      [...network.keepers, ...network.collectors].map(({ name }) => name),
    );
  });

  it('does not say of nodes that they are away when all rounds are over', () => {
    const now = toRoomNow(statusOf(), { refusals: [], isOver: true, nowMs: 0 });
    expect(now.warnings).to.deep.equal([]);
    expect(now.phase).to.equal('all rounds are over');
  });

  it('has every kind of thing that a status may tell, and fits its schema', () => {
    expect(statusSchema.safeParse(statusOf()).success).to.equal(true);
    const heard = { name: 'c', role: 'collector', state: 'ready', heardAtMs: 12_345, skewMs: 0 } as const;
    const [shown] = toRoomNodes({ ...statusOf(), nodes: [heard] });
    expect(shown).to.deep.equal({ ...heard, heardAtMs: 10_000, isInRound: false });
  });

  it('does not tell how fast a node answers, which follows from how much its relay does', () => {
    const shownOf = (times: { roundTripMs: number; skewMs: number }) =>
      toRoomNodes({ ...statusOf(), nodes: [{ name: 'c', role: 'collector', state: 'ready', ...times }] });
    const idle = shownOf({ roundTripMs: 1, skewMs: -40 });
    expect(shownOf({ roundTripMs: 350, skewMs: -390 })).to.deep.equal(idle);
    expect(idle).to.deep.equal([
      { name: 'c', role: 'collector', state: 'ready', isInRound: false, skewMs: 0 },
    ]);
    expect(shownOf({ roundTripMs: 1, skewMs: 31_600 })[0]!.skewMs).to.equal(32_000);
  });
});

describe('rounds that were not opened', () => {
  it('are told from the warning of the tally itself, with their times', () => {
    const first = withRefusal([], statusOf({ objections: 'too much', nowMs: 10 }));
    expect(first).to.deep.equal([{ reason: 'too much', fromMs: 10 }]);
    expect(withRefusal(first, statusOf({ objections: 'too much', nowMs: 20 }))).to.equal(first);
    const second = withRefusal(first, statusOf({ objections: 'too soon', nowMs: 30 }));
    expect(second).to.deep.equal([
      { reason: 'too soon', fromMs: 30 },
      { reason: 'too much', fromMs: 10, untilMs: 30 },
    ]);
    const over = withRefusal(second, statusOf({ nowMs: 40 }));
    expect(over[0]).to.deep.equal({ reason: 'too soon', fromMs: 30, untilMs: 40 });
    expect(withRefusal(over, statusOf({ nowMs: 50 }))).to.equal(over);
  });

  it('are one while only a number in the reason changes', () => {
    const first = withRefusal([], statusOf({ objections: 'wait 12 s', nowMs: 10 }));
    expect(withRefusal(first, statusOf({ objections: 'wait 9 s', nowMs: 20 }))).to.deep.equal([
      { reason: 'wait 9 s', fromMs: 10 },
    ]);
  });

  it('are twenty at most', () => {
    let refusals = withRefusal([], statusOf());
    for (let at = 0; at < 50; at += 1)
      refusals = withRefusal(refusals, statusOf({ objections: `reason ${'x'.repeat(at)}`, nowMs: at }));
    expect(refusals).to.have.length(20);
    expect(refusals[0]!.reason).to.have.length(7 + 49);
  });
});

describe('the budget over time', () => {
  const budget = { epsilon: 2, delta: 1e-3, windowDays: 10 };
  const day = 86_400_000;

  it('has what each round costs, and what the window that ends with it does', () => {
    const mus = [0.1, 0.2, 0.3];
    const ledger = mus.map((mu, at) => ({ roundId: `r${at}`, atMs: NOW_MS + (at - 3) * day, mu }));
    const shown = toRoomBudget(ledger, budget, NOW_MS);
    expect(shown.entries.map(({ epsilon }) => epsilon)).to.deep.equal(mus.map((mu) => epsilonOf(mu, 1e-3)));
    expect(shown.entries.map(({ togetherEpsilon }) => togetherEpsilon)).to.deep.equal(
      [1, 2, 3].map((count) => epsilonOf(composedMu(mus.slice(0, count)), 1e-3)),
    );
    expect(shown.spentEpsilon).to.equal(shown.entries[2]!.togetherEpsilon);
  });

  it('forgets what is older than the window, and shows 250 rounds at most', () => {
    const old = { roundId: 'old', atMs: NOW_MS - 10 * day, mu: 5 };
    expect(toRoomBudget([old], budget, NOW_MS)).to.deep.equal({ ...budget, spentEpsilon: 0, entries: [] });
    const ledger = Array.from({ length: 251 }, (_, at) => ({
      roundId: `r${at}`,
      atMs: NOW_MS - 300 + at,
      mu: 0.01,
    }));
    expect(toRoomBudget(ledger, budget, NOW_MS).entries.map(({ roundId }) => roundId)).to.have.length(250);
    expect(toRoomBudget(ledger, budget, NOW_MS).entries[0]!.roundId).to.equal('r1');
  });
});

describe('the board of the room', () => {
  const { about } = roomState();
  let nowMs = NOW_MS;
  const clock = { nowMs: () => nowMs, after: () => () => undefined };
  const budget = { epsilon: 2, delta: 1e-3, windowDays: 10 };

  it('is starting until the tally has told something, then shows what it tells', () => {
    const board = new RoomBoard(about, { clock, budget, readLedger: () => [] });
    expect(board.state().now.phase).to.equal('starting');
    expect(board.state().nodes).to.deep.equal([]);
    board.show(statusOf());
    expect(board.state().now.rounds.map(({ phase }) => phase)).to.deep.equal(['voting']);
    expect(board.state().nodes).to.have.length(6);
    board.end();
    expect(board.state().nodes).to.deep.equal([]);
    expect(board.state().now.isOver).to.equal(true);
  });

  it('says when a round has ended, so that the results are read again', () => {
    const board = new RoomBoard(about, { clock, budget, readLedger: () => [] });
    const ended = { roundId: 'r', outcome: 'released', endedAtMs: 1 } as const;
    expect(board.show(statusOf())).to.equal(false);
    expect(board.show({ ...statusOf(), lastRound: ended })).to.equal(true);
    expect(board.show({ ...statusOf(), lastRound: ended })).to.equal(false);
    const past = { rounds: [pastLine(5)], faults: [], unread: 0 };
    board.showPast(past);
    expect(board.state().past).to.equal(past);
  });

  it('reckons the budget again when a round is booked, and once a minute', () => {
    let ledger: readonly { roundId: string; atMs: number; mu: number }[] = [];
    const board = new RoomBoard(about, { clock, budget, readLedger: () => ledger });
    const first = board.state().budget;
    nowMs += 59_999;
    expect(board.state().budget).to.equal(first);
    ledger = [{ roundId: 'r', atMs: nowMs, mu: 0.1 }];
    const second = board.state().budget;
    expect(second.entries).to.have.length(1);
    nowMs += 60_000;
    expect(board.state().budget).not.to.equal(second);
  });
});
