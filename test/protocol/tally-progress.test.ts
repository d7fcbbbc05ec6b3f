import { expect } from 'chai';
import { roundProgress, type RoundProgress } from '../../src/protocol/tally-progress.js';
import { type TallyPhase } from '../../src/protocol/tally-state.js';
import { testNetwork } from '../support/test-network.js';
import { Scene, type Sent } from './scene.js';

const KEEPERS = ['keeper-1', 'keeper-2', 'keeper-3'];
const COLLECTORS = ['collector-1', 'collector-2', 'collector-3'];

function progressIn(scene: Scene, phase: TallyPhase): RoundProgress {
  scene.run(phase);
  expect(scene.tally.phase).to.equal(phase);
  return roundProgress(scene.tally, scene.nowMs);
}

/** A round in which nothing that these nodes say of this kind arrives. */
function without(kind: Sent['message']['kind'], names: readonly string[]): Scene {
  return new Scene({
    meddle: (sent) => (sent.message.kind === kind && names.includes(sent.from) ? [] : [sent]),
  });
}

describe("the progress of the tally's round", () => {
  it('has in each phase whom it asked, whom it waits for, and its end at the latest', () => {
    const scene = new Scene();
    const { phaseMs, drawMs, collectMs } = scene.plan;
    expect(progressIn(scene, 'keying')).to.deep.equal({ endsAtMs: phaseMs, waitingFor: KEEPERS, parties: 3 });
    expect(progressIn(scene, 'depositing')).to.deep.equal({
      endsAtMs: scene.nowMs + drawMs + phaseMs,
      waitingFor: COLLECTORS,
      parties: 6,
    });
    expect(progressIn(scene, 'collecting')).to.deep.equal({
      endsAtMs: scene.nowMs + collectMs,
      waitingFor: [],
      parties: 3,
    });
    expect(progressIn(scene, 'voting')).to.deep.equal({
      endsAtMs: scene.nowMs + phaseMs,
      waitingFor: KEEPERS,
      parties: 3,
    });
    expect(progressIn(scene, 'answering')).to.deep.include({ waitingFor: KEEPERS, parties: 3 });
    expect(progressIn(scene, 'over')).to.deep.equal({ waitingFor: [], parties: 0 });
  });

  it('waits no longer for those who have answered', () => {
    const scene = without('round-key', ['keeper-2']);
    for (let step = 0; step < 6; step += 1) scene.step();
    expect(progressIn(scene, 'keying').waitingFor).to.deep.equal(['keeper-2']);
  });

  it('waits for the keepers that have not acknowledged what was dealt', () => {
    const scene = without('acknowledgement', ['keeper-3']);
    scene.run('depositing');
    const { deadlineMs } = scene.tallyIn('depositing');
    // The last message has arrived when the next step would be a wake.
    while (scene.nowMs < deadlineMs - scene.plan.phaseMs / 2) scene.step();
    expect(progressIn(scene, 'depositing').waitingFor).to.deep.equal(['keeper-3']);
  });

  it('waits for reports when counting is over, until the deadline, and not for who is left out', () => {
    const scene = without('report', ['collector-1', 'collector-3']);
    scene.run('collecting');
    const { stopAtMs, deadlineMs } = scene.tallyIn('collecting');
    while (scene.nowMs < stopAtMs + scene.plan.phaseMs / 2) scene.step();
    const late = { endsAtMs: deadlineMs, parties: 3 };
    expect(progressIn(scene, 'collecting')).to.deep.equal({
      ...late,
      waitingFor: ['collector-1', 'collector-3'],
    });
    const { roundId } = scene.plan;
    const decline = { kind: 'decline', roundId, code: 'internal', reason: 'test', parts: [] } as const;
    scene.tellTally({ kind: 'message', from: 'collector-3', message: decline });
    expect(progressIn(scene, 'collecting')).to.deep.equal({ ...late, waitingFor: ['collector-1'] });
  });

  it('names each node once, however many deposits it has not answered', () => {
    const known = testNetwork({ keepers: 3, threshold: 2, collectors: 3 });
    const scene = new Scene({
      known,
      meddle: (sent) => (sent.message.kind === 'acknowledgement' ? [] : [sent]),
    });
    scene.run('depositing');
    const { deadlineMs } = scene.tallyIn('depositing');
    while (scene.nowMs < deadlineMs - scene.plan.phaseMs / 2) scene.step();
    expect(progressIn(scene, 'depositing').waitingFor).to.deep.equal(KEEPERS);
  });
});
