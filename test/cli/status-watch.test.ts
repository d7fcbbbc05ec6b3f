import { expect } from 'chai';
import fc from 'fast-check';
import { frameOf, type WatchedNode } from '../../src/cli/status-frame.js';
import { statusLine } from '../../src/cli/status-line.js';
import { startWatch } from '../../src/cli/status-watch.js';
import { terminalOn } from '../../src/cli/terminal.js';
import { type NodeStatus, type Status } from '../../src/roles/status-board.js';
import { NOW_MS, statusOf } from '../roles/monitor-facts.js';
import { FakeTerminal } from './fake-terminal.js';

const ROUND = {
  roundId: '0123456789abcdef',
  phase: 'collecting',
  sinceMs: NOW_MS - 30_000,
  endsAtMs: NOW_MS + 90_000,
  waitingFor: [],
  parties: 3,
};
const LATE = { ...ROUND, phase: 'voting', waitingFor: ['keeper-2'], parties: 3, endsAtMs: NOW_MS + 8_000 };

function tally(changes: Partial<Status> = {}): WatchedNode {
  return { kind: 'status', status: statusOf('tally', { rounds: [ROUND], ...changes }) };
}

function manyNodes(count: number): NodeStatus[] {
  return Array.from({ length: count }, (_, at) => ({
    name: `collector-${at}`,
    role: 'collector' as const,
    state: at === count - 1 ? ('away' as const) : ('ready' as const),
  }));
}

const SIZE = { nowMs: NOW_MS, columns: 100, rows: 30, hasColours: false };

describe('the page of privcount status --watch', () => {
  it('shows the round with its phase and the time that is left, and each node', () => {
    expect(frameOf([tally()], SIZE)).to.deep.equal([
      'tally server of network example, privcount 4',
      '  round       01234567  collecting  [######----------------]  90 s left',
      '  last round  none yet; 3 released, 1 aborted since the start 60 s ago',
      '',
      '  node         role       state      heard    round trip  clock    version',
      '  keeper-1     keeper     ready      -        -           -31.4 s  privcount 4',
      '  keeper-2     keeper     away       -        -           -        -',
      '  collector-1  collector  not ready  1 s ago  77 ms       +0.4 s   privcount 5',
    ]);
  });

  it('shows whom a phase waits for, and how many have answered', () => {
    const lastRound = { roundId: 'ffffffffff', outcome: 'aborted' as const, endedAtMs: NOW_MS - 300_000 };
    expect(frameOf([tally({ rounds: [LATE], lastRound })], SIZE).slice(1, 4)).to.deep.equal([
      '  round       01234567  voting  [###############-------]  2 of 3  8 s left',
      '  waiting for keeper-2',
      '  last round  ffffffff  aborted 5 min ago; 3 released, 1 aborted since the start 60 s ago',
    ]);
  });

  it('shows a keeper with its connection, and warnings with advice', () => {
    const warnings = ['a', 'b', 'c', 'd', 'e'].map((text) => ({ text, advice: `mend ${text}` }));
    const status = statusOf('keeper', { phase: 'waiting for a round', tally: {}, warnings });
    expect(frameOf([{ kind: 'status', status }], SIZE)).to.deep.equal([
      'keeper keeper-1 of network example, privcount 4',
      '  now         waiting for a round',
      '  last round  none yet; 3 released, 1 aborted since the start 60 s ago',
      '  tally       not connected',
      '',
      '  a',
      '      mend a',
      '  b',
      '      mend b',
      '  c',
      '      mend c',
      '  and 2 more warnings',
    ]);
  });

  it('shows first those that somebody must look after, where not all fit', () => {
    const frame = frameOf([tally({ nodes: manyNodes(500) })], { ...SIZE, rows: 12 });
    expect(frame).to.have.length(11);
    expect(frame[5]).to.match(/^ {2}collector-499 +collector +away/);
    expect(frame[6]).to.match(/^ {2}collector-0 /);
    expect(frame.at(-1)).to.equal('  and 495 more: 499 ready, 1 away');
  });

  it('gives the table the rows that other nodes leave, and advice its place only where the table has its own', () => {
    const warnings = [{ text: 'keeper-2 is not connected', advice: 'ask its operator' }];
    const keeper: WatchedNode = { kind: 'status', status: statusOf('keeper') };
    const nodes = manyNodes(8);
    const [roomy, tight] = [24, 21].map((rows) =>
      frameOf([tally({ nodes, warnings }), keeper], { ...SIZE, rows }),
    );
    expect(roomy!.filter((each) => each.includes('collector-'))).to.have.length(8);
    expect(roomy).to.include('      ask its operator');
    expect(tight!.filter((each) => each.includes('collector-'))).to.have.length(8);
    expect(tight).to.include('  keeper-2 is not connected');
    expect(tight).to.not.include('      ask its operator');
    expect(tight!.at(-1)).to.match(/tally {7}connected/);
  });

  it('fits every terminal, whatever is in it', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(
        fc.record({
          columns: fc.integer({ min: 1, max: 200 }),
          rows: fc.integer({ min: 1, max: 60 }),
          nodes: fc.integer({ min: 0, max: 80 }),
          warnings: fc.integer({ min: 0, max: 9 }),
          text: texts,
          copies: fc.integer({ min: 1, max: 4 }),
        }),
        ({ columns, rows, nodes, warnings, text, copies }) => {
          const node = tally({
            network: text,
            nodes: manyNodes(nodes),
            warnings: Array.from({ length: warnings }, () => ({ text, advice: text })),
            rounds: [{ ...LATE, waitingFor: [text] }],
          });
          const shown: WatchedNode[] = Array.from({ length: copies }, () => node);
          const frame = frameOf([...shown, { kind: 'away', reason: text }], { ...SIZE, columns, rows });
          expect(frame.length).to.be.at.most(Math.max(1, rows - 1));
          for (const each of frame) {
            expect(each.length).to.be.at.most(Math.max(0, columns - 1));
            expect(each).to.not.match(/[\p{Cc}\p{Cf}]/u);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('has colours where they are wanted', () => {
    const frame = frameOf([tally()], { ...SIZE, hasColours: true });
    const away = frame.find((each) => each.includes('keeper-2'))!;
    expect(away.startsWith('\u001b[31m')).to.equal(true);
    expect(away.endsWith('\u001b[0m')).to.equal(true);
    expect(frame[0]).to.equal('tally server of network example, privcount 4');
  });
});

class World {
  readonly stream: FakeTerminal;
  nowMs = NOW_MS;
  nodes: readonly WatchedNode[] = [tally()];
  readonly watch;

  constructor(options: ConstructorParameters<typeof FakeTerminal>[0] = {}) {
    this.stream = new FakeTerminal({ columns: 100, ...options });
    this.watch = startWatch({
      read: () => this.nodes,
      stream: this.stream,
      terminal: terminalOn(this.stream, { NO_COLOR: '1' }),
      nowMs: () => this.nowMs,
    });
  }

  look(): string[] {
    this.watch.look();
    return this.stream.screen;
  }
}

describe('watching on a terminal', () => {
  it('draws the page again in its place', () => {
    const world = new World();
    expect(world.look()[1]).to.match(/90 s left$/);
    expect(world.stream.isCursorShown).to.equal(false);
    world.nowMs += 30_000;
    const later = world.look();
    expect(later[1]).to.match(/60 s left$/);
    expect(later).to.have.length(8);
    expect(later[1]!.includes('90 s')).to.equal(false);
    world.nodes = [{ kind: 'status', status: statusOf('tally', { nodes: [] }) }];
    expect(world.look().join()).to.not.include('keeper-2');
  });

  it('shows the whole page, whichever lines of it have changed', () => {
    const world = new World({ rows: 40 });
    const seconds = fc.array(
      fc.record({
        nodes: fc.integer({ min: 0, max: 6 }),
        waiting: fc.boolean(),
        released: fc.integer({ min: 0, max: 3 }),
        warnings: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(seconds, (looks) => {
        for (const { nodes, waiting, released, warnings } of looks) {
          world.nodes = [
            tally({
              nodes: manyNodes(nodes),
              rounds: [waiting ? LATE : ROUND],
              endedRounds: { released, aborted: 0, unknown: 0 },
              warnings: Array.from({ length: warnings }, () => ({ text: 'a', advice: 'b' })),
            }),
          ];
          const size = { nowMs: world.nowMs, columns: 100, rows: 40, hasColours: false };
          expect(world.look()).to.deep.equal(frameOf(world.nodes, size).map((each) => each.trimEnd()));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('writes nothing while nothing changes', () => {
    const world = new World();
    world.look();
    const { length } = world.stream.written;
    world.look();
    expect(world.stream.written).to.have.length(length);
  });

  it('survives that the status is away for a while', () => {
    const world = new World();
    world.look();
    world.nodes = [{ kind: 'away', reason: 'there is no status' }];
    expect(world.look()).to.deep.equal(['there is no status']);
    world.nodes = [tally()];
    expect(world.look()[0]).to.match(/^tally server/);
  });

  it('begins anew where the terminal has another size', () => {
    const world = new World();
    world.look();
    world.stream.columns = 40;
    world.stream.rows = 6;
    const screen = world.look();
    expect(screen).to.have.length(4);
    for (const each of screen) expect(each.length).to.be.at.most(39);
    expect(screen.at(-1)).to.equal('  nodes       1 ready, 1 not ready, ...');
  });

  it('leaves the last page and gives the cursor back when it ends, once', () => {
    const world = new World();
    const screen = world.look();
    world.watch.end();
    world.watch.end();
    world.watch.look();
    expect(world.stream.isCursorShown).to.equal(true);
    expect(world.stream.screen).to.deep.equal(screen);
    expect(world.stream.written.split('?25h')).to.have.length(2);
  });
});

describe('watching where the output is no terminal', () => {
  it('prints a line when something has changed, and only then', () => {
    const world = new World({ isTTY: false });
    world.look();
    world.nowMs += 10_000;
    world.look();
    world.nodes = [tally({ rounds: [LATE] })];
    world.look();
    world.nodes = [{ kind: 'away', reason: 'gone' }];
    world.look();
    world.watch.end();
    const lines = world.stream.written.trimEnd().split('\n');
    expect(lines.map((each) => each.slice(25))).to.deep.equal([
      'tally server: round 01234567 collecting until 2023-11-14T22:14:50Z; keeper-2 away, collector-1 not ready',
      'tally server: round 01234567 voting until 2023-11-14T22:13:28Z, waiting for keeper-2; keeper-2 away, collector-1 not ready',
      'gone',
    ]);
    expect(world.stream.written).to.match(/^2023-11-14T22:13:20\.000Z tally server/);
    expect(world.stream.written).to.not.include('\u001b');
  });

  it('tells of each of several nodes, of a tally that is away, and of a node that does not run', () => {
    const lastRound = { roundId: 'ffffffffff', outcome: 'released' as const, endedAtMs: NOW_MS };
    const warnings = [{ text: 'a', advice: 'b' }];
    const status = statusOf('keeper', { phase: 'connecting', tally: {}, lastRound, warnings });
    expect(statusLine({ kind: 'status', status }, NOW_MS)).to.equal(
      'keeper keeper-1: connecting; last round ffffffff released at 2023-11-14T22:13:20Z; not connected to the tally; 1 warnings',
    );
    expect(statusLine({ kind: 'status', status }, NOW_MS + 60_000)).to.match(
      /; STALE: the node does not run$/,
    );
    const names = manyNodes(30).map(({ name }) => name);
    expect(statusLine(tally({ rounds: [{ ...LATE, waitingFor: names }] }), NOW_MS)).to.include(
      'waiting for collector-0, collector-1, collector-2, collector-3, collector-4 and 25 more',
    );
    expect(statusLine({ kind: 'away', reason: 'a\u001b[2Jb' }, NOW_MS)).to.equal('a\\u{1b}[2Jb');
  });
});
