import { expect } from 'chai';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { readStatement } from '../../src/protocol/statements.js';
import { resendMs } from '../../src/protocol/plan.js';
import { tallyWakeMs, type TallyInput, type TallyPhase } from '../../src/protocol/tally-state.js';
import { testNetwork } from '../support/test-network.js';
import { tallyTakes } from './purely.js';
import { Scene, type Sent } from './scene.js';

const PHASES: readonly TallyPhase[] = ['keying', 'depositing', 'collecting', 'voting', 'answering', 'over'];
const KEEPERS = ['keeper-1', 'keeper-2', 'keeper-3'];
const COLLECTORS = ['collector-1', 'collector-2', 'collector-3'];

/** What the tally asked since the scene was in this state, as "kind to name". */
function asked(effects: readonly { kind: string }[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'send') return [];
    const { to, message } = effect as unknown as { to: string; message: RoundMessage };
    return [`${message.kind} to ${to}`];
  });
}

function to(kind: RoundMessage['kind'], names: readonly string[]): string[] {
  return names.map((name) => `${kind} to ${name}`);
}

function wake(scene: Scene, nowMs: number) {
  return tallyTakes(scene.self('tally'), scene.tally, { kind: 'wake' }, nowMs);
}

function give(scene: Scene, input: TallyInput) {
  return tallyTakes(scene.self('tally'), scene.tally, input, scene.nowMs);
}

describe("the tally's round", () => {
  it('goes through its phases in order, and says so', () => {
    const scene = new Scene().run();
    expect(scene.outcome?.kind).to.equal('released');
    expect(scene.logs).to.deep.equal([
      `round ${scene.plan.roundId}: begins with 3 collectors`,
      `round ${scene.plan.roundId}: released, a total over 3 collectors`,
    ]);
    const kinds = [...new Set(scene.sent.map(({ message }) => message.kind))];
    expect(kinds).to.deep.equal([
      'plan',
      'round-key',
      'deposit',
      'acknowledgement',
      'start',
      'started',
      'report',
      'proposal',
      'vote',
      'certificate',
      'answer',
      'end',
    ]);
  });

  it('asks in each phase those whose answer it needs', () => {
    const wanted: Record<TallyPhase, string[]> = {
      keying: to('plan', KEEPERS),
      depositing: to('plan', COLLECTORS),
      collecting: to('start', COLLECTORS),
      voting: to('proposal', KEEPERS),
      answering: to('certificate', KEEPERS),
      over: to('end', [...KEEPERS, ...COLLECTORS]),
    };
    const scene = new Scene();
    for (const phase of PHASES) {
      const requests = scene.run(phase).sent.filter(({ from }) => from === 'tally');
      const last = requests.slice(-wanted[phase].length).map((sent) => `${sent.message.kind} to ${sent.to}`);
      expect(last, phase).to.deep.equal(wanted[phase]);
    }
  });

  it('shows collectors the roster, and keepers each their own box', () => {
    const scene = new Scene().run();
    expect(scene.last('plan', 'keeper-1').parts).to.have.length(1);
    expect(scene.last('plan', 'collector-1').parts).to.have.length(4);
    const dealt = scene.sent.find(
      ({ from, message }) => from === 'collector-1' && message.kind === 'deposit',
    )!.message;
    KEEPERS.forEach((name, at) => {
      const passed = scene.sent.find(
        (sent) =>
          sent.to === name && sent.message.kind === 'deposit' && sent.message.collector === 'collector-1',
      )!.message;
      expect(passed.parts).to.deep.equal([dealt.parts[0], dealt.parts[at + 1]]);
    });
  });

  it('shows each collector the acknowledgements of its own deposit', () => {
    const scene = new Scene().run('collecting');
    const deposits = scene.tallyIn('collecting').deposits;
    for (const name of COLLECTORS) {
      const [, ...acknowledgements] = scene.last('start', name).parts;
      expect(acknowledgements).to.have.length(3);
      for (const [at, signed] of acknowledgements.entries()) {
        const { identity } = scene.self(KEEPERS[at]!);
        const said = readStatement('acknowledgement', signed, {
          publicKey: identity.publicKey,
          networkId: scene.known.id,
        });
        expect(said?.deposit).to.equal(deposits.get(name)!.get(1)!.digest);
      }
    }
  });

  it('has each sum sent whole once, and shares that work', () => {
    const scene = new Scene({ known: testNetwork({ keepers: 5, threshold: 3 }) }).run();
    const shares = scene.sent.flatMap(({ message }) =>
      message.kind === 'answer' ? [message.send.length] : [],
    );
    expect(shares).to.have.length(5);
    expect(shares.reduce((sum, share) => sum + share)).to.equal(10);
    expect(Math.max(...shares)).to.be.at.most(3);
  });

  it('works for every shape of keepers', () => {
    const shapes = [
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 3],
      [5, 3],
    ] as const;
    for (const [keepers, threshold] of shapes) {
      const scene = new Scene({ known: testNetwork({ keepers, threshold, collectors: 2 }) }).run();
      expect(scene.outcome?.kind, `${threshold} of ${keepers}`).to.equal('released');
    }
  });
});

describe('the tally asks again', () => {
  it('now and then, those who have not answered, and nobody before it is time', () => {
    const scene = new Scene();
    const interval = resendMs(scene.plan);
    expect(tallyWakeMs(scene.tally)).to.equal(interval);
    expect(wake(scene, interval - 1)).to.deep.equal({ state: scene.tally, effects: [] });
    const step = wake(scene, interval);
    expect(asked(step.effects)).to.deep.equal(to('plan', KEEPERS));
    expect(tallyWakeMs(step.state)).to.equal(2 * interval);
  });

  it('only those who are connected, and anybody as soon as it connects', () => {
    const scene = new Scene({ away: ['keeper-2'] });
    expect(asked(wake(scene, resendMs(scene.plan)).effects)).to.deep.equal(
      to('plan', ['keeper-1', 'keeper-3']),
    );
    expect(asked(give(scene, { kind: 'connected', name: 'keeper-2' }).effects)).to.deep.equal(
      to('plan', ['keeper-2']),
    );
    const without = give(scene, { kind: 'disconnected', name: 'keeper-1' });
    expect(without.effects).to.deep.equal([]);
    expect([...without.state.connected].sort()).to.deep.equal([...COLLECTORS, 'keeper-3']);
  });

  it('no collector while it draws its noise', () => {
    const scene = new Scene().run('depositing');
    const { drawMs } = scene.plan;
    expect(tallyWakeMs(scene.tally)).to.equal(drawMs + resendMs(scene.plan));
    expect(asked(wake(scene, drawMs).effects)).to.deep.equal([]);
    expect(asked(wake(scene, drawMs + resendMs(scene.plan)).effects)).to.deep.equal(to('plan', COLLECTORS));
  });

  it('a keeper that has not answered a deposit, with its box', () => {
    let isLost = true;
    const scene = new Scene({
      meddle: (sent) => (isLost && isOf(sent, 'keeper-2', ['deposit']) ? [] : [sent]),
    }).run('depositing');
    while (scene.tallyIn('depositing').deposits.size < 3) scene.step();
    isLost = false;
    const requests = asked(wake(scene, scene.tallyIn('depositing').resendAtMs).effects);
    expect(requests.filter((request) => request.endsWith('keeper-2'))).to.have.length(3);
    scene.run();
    if (scene.outcome?.kind !== 'released') throw new Error('the round was not released');
    expect(scene.outcome.keepers).to.deep.equal(KEEPERS);
  });

  it('for reports only when they are late', () => {
    const scene = new Scene({ meddle: (sent) => (sent.message.kind === 'report' ? [] : [sent]) }).run(
      'collecting',
    );
    for (const from of COLLECTORS) {
      const message = { kind: 'started', roundId: scene.plan.roundId, generation: 1, parts: [] } as const;
      scene.tellTally({ kind: 'message', from, message });
    }
    const { stopAtMs } = scene.tallyIn('collecting');
    expect(asked(wake(scene, stopAtMs).effects)).to.deep.equal([]);
    expect(asked(wake(scene, stopAtMs + resendMs(scene.plan)).effects)).to.deep.equal(
      to('report-request', COLLECTORS),
    );
  });

  it('nobody once the round is over, but tells who connects then', () => {
    const scene = new Scene().run();
    expect(tallyWakeMs(scene.tally)).to.equal(undefined);
    expect(wake(scene, Number.MAX_SAFE_INTEGER).effects).to.deep.equal([]);
    const step = give(scene, { kind: 'connected', name: 'collector-2' });
    expect(asked(step.effects)).to.deep.equal(to('end', ['collector-2']));
    expect(give(scene, { kind: 'disconnected', name: 'collector-2' }).effects).to.deep.equal([]);
  });
});

describe('the tally waits', () => {
  /** Runs with these nodes silent from the start of the phase on: they get nothing and say nothing. */
  function silence(names: readonly string[], phase: TallyPhase, known = testNetwork()): Scene {
    const isSilent = ({ tally }: Scene) => PHASES.indexOf(tally.phase) >= PHASES.indexOf(phase);
    return new Scene({
      known,
      meddle: (sent, scene) =>
        isSilent(scene) && [sent.from, sent.to].some((name) => names.includes(name)) ? [] : [sent],
    }).run();
  }

  for (const phase of ['depositing', 'collecting', 'voting', 'answering'] as const) {
    it(`for a silent keeper until the end of phase ${phase}, and does without it`, () => {
      const { outcome } = silence(['keeper-1'], phase);
      if (outcome?.kind !== 'released') throw new Error('the round was not released');
      expect(outcome.keepers).to.deep.equal(['keeper-2', 'keeper-3']);
      expect(outcome.collectors.map(({ name }) => name)).to.deep.equal(COLLECTORS);
    });
  }

  it('for a silent collector, and does without it', () => {
    for (const phase of ['depositing', 'collecting'] as const) {
      const { outcome } = silence(['collector-2'], phase);
      if (outcome?.kind !== 'released') throw new Error('the round was not released');
      expect(outcome.collectors.map(({ name }) => name)).to.deep.equal(['collector-1', 'collector-3']);
      expect(outcome.leftOut.map(({ name }) => name)).to.deep.equal(['collector-2']);
    }
  });

  it('not for a keeper that is away when enough have voted or answered', () => {
    const scene = new Scene({
      meddle: (sent) => (isOf(sent, 'keeper-3', ['proposal', 'vote']) ? [] : [sent]),
    });
    scene.run('voting');
    const sinceMs = scene.nowMs;
    scene.tellTally({ kind: 'disconnected', name: 'keeper-3' });
    scene.run();
    expect(scene.outcome?.kind).to.equal('released');
    expect(scene.outcome?.endedAtMs).to.equal(sinceMs);
  });

  const aborted: readonly [phase: TallyPhase, silent: string[], reason: string, culprits: string[]][] = [
    [
      'keying',
      ['keeper-1', 'keeper-2'],
      'only 1 of the 2 keepers that are needed gave a key for the round',
      ['keeper-1', 'keeper-2'],
    ],
    [
      'depositing',
      ['collector-1', 'collector-2'],
      "too few collectors are ready to count: 1 collectors are fewer than network.yaml's dc_threshold of 2",
      ['collector-1', 'collector-2'],
    ],
    [
      'depositing',
      ['keeper-1', 'keeper-2'],
      "too few collectors are ready to count: 0 collectors are fewer than network.yaml's dc_threshold of 2",
      ['keeper-1', 'keeper-2'],
    ],
    [
      'collecting',
      ['collector-1', 'collector-3'],
      "1 collectors are fewer than network.yaml's dc_threshold of 2",
      ['collector-1', 'collector-3'],
    ],
    [
      'voting',
      ['keeper-1', 'keeper-2'],
      'only 1 of the 2 keepers that are needed voted',
      ['keeper-1', 'keeper-2'],
    ],
    [
      'answering',
      ['keeper-1', 'keeper-2'],
      'nobody sent the sums of masks of 1 of the 3 holder sets',
      ['keeper-1', 'keeper-2'],
    ],
  ];
  for (const [phase, silent, reason, culprits] of aborted) {
    it(`in vain for ${silent.join(' and ')} in phase ${phase}, aborts and names them`, () => {
      const { outcome, logs, plan, known } = silence(silent, phase, testNetwork({ minCollectors: 2 }));
      expect(outcome).to.deep.include({ kind: 'aborted', reason, culprits });
      expect(logs.at(-1)).to.equal(
        `round ${plan.roundId}: aborted, ${reason} (${culprits.join(', ')}); nothing is released`,
      );
      expect(known.network.minCollectors).to.equal(2);
    });
  }

  it('in vain for noise that is lost with its collectors', () => {
    const base = testNetwork();
    const collectors = base.network.collectors.map((entry) => ({ ...entry, noiseWeight: 0.8 }));
    const known = { ...base, network: { ...base.network, collectors } };
    for (const phase of ['depositing', 'collecting'] as const) {
      const { outcome } = silence(['collector-1', 'collector-2'], phase, known);
      if (outcome?.kind !== 'aborted') throw new Error('the round was released');
      expect(outcome.reason).to.include('is below the floor');
      expect(outcome.culprits).to.deep.equal(['collector-1', 'collector-2']);
    }
  });
});

function isOf({ from, to: name, message }: Sent, node: string, kinds: readonly string[]): boolean {
  return (from === node || name === node) && kinds.includes(message.kind);
}
