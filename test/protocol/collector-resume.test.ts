import { expect } from 'chai';
import fc from 'fast-check';
import { incrementCell, type RingVector } from '../../src/core/ring.js';
import { addReserve } from '../../src/protocol/collector-checkpoint.js';
import {
  collectorWakeMs,
  type CollectorEffect,
  type CollectorImage,
  type CollectorInput,
  type CollectorRecord,
  type CollectorRound,
  type CollectorStep,
} from '../../src/protocol/collector-state.js';
import { GENERATIONS_MAX } from '../../src/protocol/limits.js';
import { type MessageOf } from '../../src/protocol/messages.js';
import { roundMsMax } from '../../src/protocol/plan.js';
import { messagesOf, summary } from './effects.js';
import { collectorResumes } from './purely.js';
import {
  acknowledgedFrom,
  beginDrawing,
  BEFORE_EVENTS,
  CHECKPOINT_MS,
  collectMs,
  dealFrom,
  drawMs,
  entropyOf,
  imageFrom,
  inPhase,
  known,
  NOISE,
  readReport,
  recordOf,
  reserveFrom,
  resume,
  self,
  startFrom,
  startOf,
  take,
  tell,
  unmasked,
  wake,
} from './collector-scene.js';

const START_MS = 2_000;
const drawing = beginDrawing();
const dealt = dealFrom(drawing);
const counting = startFrom(dealt, START_MS);
const ready = acknowledgedFrom(reserveFrom(counting, START_MS), START_MS);
const imageMs = START_MS + CHECKPOINT_MS;
const image = imageFrom(ready, dealt.vector, imageMs);
const afterImage = recordOf(image);
const { stopAtMs } = counting;
const { facts } = drawing;

describe('a collector that comes back', () => {
  it('before anything left it draws new noise and deals under a new number', () => {
    const step = resume(drawing.record, 500);
    expect(summary(step)).to.deep.equal(['persist', 'draw']);
    expect(recordOf(step)).to.deep.equal({ ...drawing.record, generation: 2 });
    const again = inPhase('drawing', step.state);
    expect(again.depositAtMs).to.equal(500 + drawMs);
    expect(again.noise).to.equal(undefined);
    const other = dealFrom(again, [9n, 9n, 9n, 0n, 0n]);
    expect(other.generations).to.deep.equal([2]);
    const { vector: masked } = other;
    const cells = new Uint8Array(masked.buffer.slice(0));
    expect(unmasked(facts, { cells, generations: [2] })).to.deep.equal([9n, 9n, 9n, 0n, 1n]);
  });

  it('before it was started waits for a start as the first time, and then counts without a gap to tell of', () => {
    const again = dealFrom(resume(dealt.record, 500).state);
    const started = startFrom(again, 5_000);
    expect(started.wasRestarted).to.equal(false);
    expect(started.stopAtMs).to.equal(5_000 + collectMs);
  });

  it('after it was started counts from new noise until its time is up, and says that something is missing', () => {
    const again = resume(counting.record, imageMs);
    expect(summary(again)).to.deep.equal(['persist', 'draw']);
    const started = startFrom(dealFrom(again.state), imageMs + drawMs);
    expect(started.stopAtMs).to.equal(stopAtMs);
    expect(started.resumedMs).to.equal(0);
    const counted = { vector: dealt.vector, countedMs: 7, isIncomplete: false };
    const { report } = inPhase('reported', take(started, { kind: 'counted', ...counted }, stopAtMs).state);
    expect(readReport(report)).to.include({ countedMs: 7, isIncomplete: true });
    expect(readReport(report).generations).to.deep.equal([2]);
  });

  it('too late to draw noise and count declines, though it was started before', () => {
    const again = resume(counting.record, stopAtMs - drawMs);
    const late = wake(take(again.state, { kind: 'noise-drawn', noise: undefined }, stopAtMs).state, stopAtMs);
    expect(summary(late)).to.deep.equal(['wipe', 'restart-late']);
    const drawn = inPhase('drawing', again.state);
    const noise = new Uint32Array(4 * NOISE.length);
    expect(summary(wake({ ...drawn, noise }, stopAtMs))).to.deep.equal(['wipe', 'restart-late']);
  });

  it('with an image adds masks of fresh seeds before it says or counts anything', () => {
    const step = resume(afterImage, imageMs + 500);
    expect(summary(step)).to.deep.equal(['wipe', 'persist', 'deposit']);
    const again = inPhase('deposited', step.state);
    expect(again.generations).to.deep.equal([1, 3]);
    expect(recordOf(step)).to.deep.equal({ ...afterImage, generation: 3 });
    const cells = new Uint8Array(again.vector.buffer.slice(0));
    expect(cells).not.to.deep.equal(afterImage.image!.cells);
    expect(unmasked(facts, { cells, generations: [1, 3] })).to.deep.equal(BEFORE_EVENTS);
    const started = startFrom(again, imageMs + 900);
    expect(started).to.include({ stopAtMs, wasRestarted: true, resumedMs: afterImage.image!.countedMs });
  });

  it('with an image needs t keepers that hold both what is in it and what it deals now', () => {
    const narrow = { ...afterImage, image: { ...afterImage.image!, holders: ['keeper-1', 'keeper-2'] } };
    const again = inPhase('deposited', resume(narrow, imageMs).state);
    const apart = tell(again, startOf(again.deposit, ['keeper-2', 'keeper-3']), imageMs);
    expect(apart.state).to.equal(again);
    expect(startFrom(again, imageMs).holders).to.deep.equal(['keeper-1', 'keeper-2']);
  });

  it('and takes no start that tells of what it dealt before', () => {
    const again = inPhase('deposited', resume(afterImage, imageMs).state);
    expect(tell(again, startOf(ready.deposit), imageMs).state).to.equal(again);
  });

  it('after its time is up reports the image itself, to the byte', () => {
    const again = resume(afterImage, stopAtMs);
    const late = wake(again.state, stopAtMs);
    expect(summary(late)).to.deep.equal(['wipe', 'persist', 'report']);
    const { report } = inPhase('reported', late.state);
    const { cells, generations, countedMs } = readReport(report);
    expect(generations).to.deep.equal([1]);
    expect(cells).to.deep.equal(afterImage.image!.cells);
    expect(countedMs).to.equal(afterImage.image!.countedMs);
    expect(readReport(report).isIncomplete).to.equal(true);
    const [wipe] = late.effects;
    const { vector } = inPhase('deposited', again.state);
    expect(wipe).to.deep.equal({ kind: 'wipe', secrets: [new Uint8Array(vector.buffer)] });
  });

  it('after its time is up, without an image, is done', () => {
    const again = inPhase('deposited', { ...dealt, record: counting.record, startByMs: stopAtMs });
    expect(wake(again, stopAtMs).state).to.deep.equal({ phase: 'ended', outcome: 'aborted' });
  });

  it('counts no longer than the tally says is left, whatever its clock says now', () => {
    const again = inPhase('deposited', resume(afterImage, 3).state);
    const start = startOf(again.deposit, undefined, 1_000);
    expect(inPhase('counting', tell(again, start, 5).state).stopAtMs).to.equal(1_005);
  });

  it('is told to count less than the plan says if it begins late', () => {
    const late = tell(dealt, startOf(dealt.deposit, undefined, 7_000), START_MS);
    expect(inPhase('counting', late.state).stopAtMs).to.equal(START_MS + 7_000);
    const longer = tell(dealt, startOf(dealt.deposit, undefined, collectMs + 1), START_MS);
    expect(inPhase('counting', longer.state).stopAtMs).to.equal(START_MS + collectMs);
  });

  it('with a report sends the same bytes, when it is asked', () => {
    const counted = { vector: dealt.vector, countedMs: 7, isIncomplete: false };
    const reporting = take(ready, { kind: 'counted', ...counted }, stopAtMs);
    const record = recordOf(reporting);
    expect(record.image).to.equal(undefined);
    const step = resume(record, stopAtMs + 9);
    expect(summary(step)).to.deep.equal(['wipe']);
    const request = { kind: 'report-request', roundId: record.plan.roundId, parts: [] } as const;
    expect(messagesOf(tell(step.state, request, stopAtMs + 9))).to.deep.equal([record.report]);
    expect(collectorWakeMs(step.state)).to.equal(record.expiresAtMs);
  });

  it('when the round can not last any longer forgets it', () => {
    expect(drawing.record.expiresAtMs).to.equal(roundMsMax(facts.plan));
    for (const record of [drawing.record, afterImage]) {
      const step = resume(record, record.expiresAtMs);
      expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'aborted' });
      expect(summary(step)).to.deep.equal(['wipe']);
      expect(resume(record, record.expiresAtMs - 1).state.phase).not.to.equal('ended');
    }
  });

  it('in another network has no part in the round, and wipes what it was given', () => {
    const given = { entropy: entropyOf(1), checkpointMs: CHECKPOINT_MS, nowMs: imageMs };
    const elsewhere = { ...self, known: { ...known, id: 'cd'.repeat(32) } };
    const step = collectorResumes(elsewhere, afterImage, given);
    expect(step.state).to.deep.equal({ phase: 'ended', outcome: 'aborted' });
    expect(step.effects[0]).to.deep.equal({ kind: 'wipe', secrets: [entropyOf(1)] });
    const other = { ...afterImage, plan: { ...afterImage.plan, parts: afterImage.plan.parts.slice(0, 2) } };
    expect(resume(other, imageMs).state.phase, 'with fewer than t round keys').to.equal('ended');
  });

  it('too often has no part in the round any more', () => {
    const at = (generation: number): CollectorRecord => ({ ...afterImage, generation });
    expect(resume(at(GENERATIONS_MAX - 1), imageMs).state.phase).to.equal('deposited');
    expect(resume(at(GENERATIONS_MAX), imageMs).state.phase).to.equal('ended');
  });
});

/** A collector whose shell counts, writes checkpoints and is killed as a test says; what it sends is held by all keepers. */
class Walk {
  state: CollectorRound;
  record: CollectorRecord;
  /** Each image and report that left the memory. */
  readonly left: { readonly cells: Uint8Array; readonly generations: readonly number[]; counts: bigint }[] =
    [];
  nowMs = 0;
  #vector: RingVector | undefined;
  /** Events in the live cells, and in the image on the disk. */
  #counts = 0n;
  #kept = 0n;
  #image: CollectorImage | undefined;

  constructor() {
    this.state = drawing;
    this.record = drawing.record;
    this.#draw();
  }

  count(): void {
    if (this.#vector === undefined) return;
    incrementCell(this.#vector, 0);
    this.#counts += 1n;
  }

  checkpoint(): void {
    this.step({ kind: 'suspend' });
  }

  kill(): void {
    this.#vector = undefined;
    this.#counts = this.#kept;
    this.#image = this.record.image;
    this.#settle(resume(this.record, this.nowMs));
    if (this.state.phase === 'drawing') this.#draw();
  }

  /** Right after the image is on the disk: nothing else of what follows happens. */
  killInCheckpoint(): void {
    const { effects } = take(this.state, { kind: 'suspend' }, this.nowMs);
    if (effects.length > 0) this.#perform(recordOnly(imageFrom(this.state, this.#vector!, this.nowMs)));
    this.kill();
  }

  finish(): void {
    this.nowMs = Math.max(this.nowMs, this.record.stopAtMs!);
    this.step({ kind: 'wake' });
  }

  step(input: CollectorInput): void {
    this.#settle(take(this.state, input, this.nowMs));
  }

  #draw(): void {
    this.#counts = 0n;
    this.state = dealFrom(this.state);
    this.record = this.state.record;
    this.#hold(this.state.deposit);
  }

  #settle({ state, effects }: CollectorStep): void {
    this.state = state;
    this.#perform(effects);
  }

  #hold(deposit: MessageOf<'deposit'>): void {
    this.step({ kind: 'message', message: startOf(deposit) });
  }

  #perform(effects: readonly CollectorEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'persist') this.#write(effect.record);
      if (effect.kind === 'count') this.#vector = effect.vector.slice();
      if (effect.kind === 'add-masks') addReserve(self, this.#vector!, effect);
      if (effect.kind === 'take-image') this.#settle(imageFrom(this.state, this.#vector!, this.nowMs));
      if (effect.kind === 'send' && effect.message.kind === 'deposit') this.#hold(effect.message);
      if (effect.kind === 'draw-entropy') {
        const entropy = entropyOf(this.record.generation + 1);
        this.step({ kind: 'entropy-drawn', entropy });
      }
      if (effect.kind === 'stop-counting' && this.#vector !== undefined)
        this.step({ kind: 'counted', vector: this.#vector, countedMs: 1, isIncomplete: false });
    }
  }

  #write(record: CollectorRecord): void {
    this.record = record;
    const { image: next, report } = record;
    if (next !== undefined && next !== this.#image) {
      this.#image = next;
      this.#kept = this.#counts;
      this.left.push({ ...next, counts: this.#counts });
    }
    if (report !== undefined) this.left.push({ ...readReport(report), counts: this.#counts });
  }
}

/** Only what is put on the disk. */
function recordOnly({ effects }: CollectorStep): CollectorEffect[] {
  return effects.filter(({ kind }) => kind === 'persist').slice(0, 1);
}

const moves = ['count', 'count', 'checkpoint', 'kill', 'killInCheckpoint'] as const;

describe('any walk of counting, checkpoints and kills', () => {
  const walks = fc.array(fc.constantFrom(...moves), { maxLength: 12 });

  function walked(steps: readonly (typeof moves)[number][]): Walk {
    const walk = new Walk();
    for (const step of steps) {
      walk.nowMs += 100;
      walk[step]();
    }
    walk.finish();
    return walk;
  }

  it('ends in a report of just what was counted, and no two images give away what came between', () => {
    fc.assert(
      fc.property(walks, (steps) => {
        const walk = walked(steps);
        const { report } = inPhase('reported', walk.state);
        const { counts } = walk.left.at(-1)!;
        const wanted = BEFORE_EVENTS.map((cell, at) => (at === 0 ? cell + counts : cell));
        expect(unmasked(facts, readReport(report))).to.deep.equal(wanted);
        walk.left.forEach((later, at) => {
          for (const earlier of walk.left.slice(0, at)) expectNoDifference(earlier, later);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('counts exactly what an image or the report came after', () => {
    const walk = walked([
      'count',
      'checkpoint',
      'count',
      'kill',
      'count',
      'count',
      'killInCheckpoint',
      'count',
    ]);
    expect(walk.left.map(({ counts }) => counts)).to.deep.equal([1n, 3n, 4n]);
  });

  it('is checked by a check that finds images under the same masks', () => {
    const { left } = walked(['count', 'checkpoint', 'count']);
    const [first, last] = [left[0]!, left.at(-1)!];
    expectNoDifference(first, last);
    const bad = { ...last, generations: first.generations };
    expect(() => expectNoDifference(first, bad)).to.throw();
  });
});

/** The same bytes, or masks that are in one of them only: seeds that have never been used for another image. */
function expectNoDifference(earlier: Walk['left'][number], later: Walk['left'][number]): void {
  if (Buffer.compare(earlier.cells, later.cells) === 0) return;
  expect([...earlier.generations]).not.to.have.members([...later.generations]);
  const all = [...new Set([...earlier.generations, ...later.generations])];
  const shared = all.filter((at) => earlier.generations.includes(at) && later.generations.includes(at));
  const [before, after] = [earlier, later].map(({ cells }) =>
    unmasked(facts, { cells, generations: shared }),
  );
  after!.forEach((cell, at) => {
    const gap = BigInt.asIntN(128, cell - before![at]!);
    expect(gap > 1000n || gap < -1000n, 'a difference as small as a count').to.equal(true);
  });
}
