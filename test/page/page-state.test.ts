import { expect } from 'chai';
import { withChanges } from '../../src/page/changes.js';
import { hashOfRound, roundOfHash, tokenOfHash } from '../../src/page/hash.js';
import { PHASES, progressOf } from '../../src/page/phases.js';
import { roomChanges } from '../../src/roles/room-changes.js';
import { type TallyPhase } from '../../src/protocol/tally-state.js';
import { node, outcomeName, roomState, runningRound } from '../support/room-states.js';

describe('the progress of a round', () => {
  it('has a title for each phase of the tally, in their order', () => {
    const known: Record<TallyPhase, number> = {
      keying: 0,
      depositing: 1,
      collecting: 2,
      voting: 3,
      answering: 4,
      over: 5,
    };
    expect(PHASES.map(({ name }) => name)).to.deep.equal(Object.keys(known));
  });

  it('is that of the time while the collectors count', () => {
    const round = runningRound({ sinceMs: 1000, endsAtMs: 5000 });
    expect([0, 1000, 2000, 5000, 9000].map((nowMs) => progressOf(round, nowMs))).to.deep.equal([
      0, 0, 0.25, 1, 1,
    ]);
    expect(progressOf(runningRound({ sinceMs: 5000, endsAtMs: 5000 }), 6000)).to.equal(undefined);
  });

  it('is the part of the nodes that have answered in the other phases, and after counting', () => {
    const waitingFor = ['a'];
    expect(progressOf(runningRound({ phase: 'voting', waitingFor, parties: 4 }), 0)).to.equal(0.75);
    expect(progressOf(runningRound({ waitingFor, parties: 2 }), 0)).to.equal(0.5);
    expect(progressOf(runningRound({ phase: 'over', parties: 0 }), 0)).to.equal(undefined);
  });
});

describe('changes of the state', () => {
  const state = roomState({ nodes: [node('keeper-1'), node('collector-1'), node('collector-2')] });

  it('are none if only time went on', () => {
    expect(roomChanges(state, { ...state, now: { ...state.now, atMs: state.now.atMs + 5 } })).to.equal(
      undefined,
    );
  });

  it('name the parts that differ, and of the nodes those that do', () => {
    const next = {
      ...state,
      now: { ...state.now, phase: 'idle' },
      nodes: [node('keeper-1'), node('collector-1', { state: 'away' }), node('collector-2')],
      past: { ...state.past, unread: 3 },
      budget: { ...state.budget, spentEpsilon: 1 },
      about: { ...state.about, software: 'another' },
    };
    const changes = roomChanges(state, next)!;
    expect(changes.nodes).to.deep.equal([next.nodes[1]]);
    expect(Object.keys(changes)).to.have.members(['about', 'now', 'nodes', 'past', 'budget']);
    const shown = withChanges(state, changes);
    expect(shown).to.deep.equal(next);
    // What did not change is the same object, so that it is not drawn again.
    expect(shown.nodes[0]).to.equal(state.nodes[0]);
  });

  it('may bring nodes that were not there', () => {
    const next = { ...state, nodes: [...state.nodes, node('collector-3')] };
    expect(withChanges(state, roomChanges(state, next)!)).to.deep.equal(next);
  });
});

describe('the end of an address', () => {
  it('names a round, and nothing but a round', () => {
    const file = outcomeName(1234);
    expect(roundOfHash(hashOfRound(file))).to.equal(file);
    for (const hash of [
      '',
      '#rounds',
      '#round=',
      '#round=../../etc/passwd',
      `#round=${file}/..`,
      `#round=x${file}`,
    ])
      expect(roundOfHash(hash), hash).to.equal(undefined);
  });

  it('may hold a token', () => {
    expect(tokenOfHash('#token=a%2Bb')).to.equal('a+b');
    expect(tokenOfHash('#token=%')).to.equal('%');
    for (const hash of ['', '#token=', '#rounds']) expect(tokenOfHash(hash)).to.equal(undefined);
  });
});
