import { expect } from 'chai';
import { incrementCell } from '../../src/core/ring.js';
import { addReserve } from '../../src/protocol/collector-checkpoint.js';
import { collectorWakeMs } from '../../src/protocol/collector-state.js';
import { CHECKPOINTS_MAX, COLLECT_MS_MAX, GENERATIONS_MAX } from '../../src/protocol/limits.js';
import { resendMs } from '../../src/protocol/plan.js';
import { messagesOf, summary } from './effects.js';
import {
  acknowledgedFrom,
  beginDrawing,
  BEFORE_EVENTS,
  CHECKPOINT_MS,
  dealFrom,
  entropyOf,
  imageFrom,
  inPhase,
  known,
  readReport,
  recordOf,
  reserveFrom,
  self,
  startFrom,
  startOf,
  take,
  tell,
  unmasked,
  wake,
} from './collector-scene.js';
import { Scene } from './scene.js';

const START_MS = 2_000;
const dealt = dealFrom(beginDrawing());
const counting = startFrom(dealt, START_MS);
const reserved = reserveFrom(counting, START_MS);
const ready = acknowledgedFrom(reserved, START_MS + 100);
const dueMs = START_MS + CHECKPOINT_MS;

describe('the reserve of a collector that counts', () => {
  it('is asked for as soon as it counts, and dealt with a number of its own that is on the disk first', () => {
    const step = take(counting, { kind: 'entropy-drawn', entropy: entropyOf(2) }, START_MS);
    expect(summary(step)).to.deep.equal(['persist', 'deposit']);
    expect(recordOf(step)).to.deep.equal({ ...counting.record, generation: 2 });
    expect(reserved.generations, 'nothing of it is in the cells yet').to.deep.equal([1]);
    expect(reserved.reserve?.holders).to.equal(undefined);
  });

  it('is sent again now and then until enough keepers are known to hold it, and no longer', () => {
    const interval = resendMs(reserved.facts.plan);
    expect(collectorWakeMs(reserved)).to.equal(START_MS + interval);
    expect(wake(reserved, START_MS + interval - 1).effects).to.deep.equal([]);
    const again = wake(reserved, START_MS + interval);
    expect(messagesOf(again)).to.deep.equal([reserved.deposit]);
    expect(collectorWakeMs(again.state)).to.equal(START_MS + 2 * interval);
    expect(collectorWakeMs(ready)).to.equal(dueMs);
    expect(wake(ready, dueMs - 1)).to.deep.equal({ state: ready, effects: [] });
  });

  it('is the first deposit, too, that is sent again until it is told to start', () => {
    const { resendAtMs } = dealt;
    expect(messagesOf(wake(dealt, resendAtMs))).to.deep.equal([dealt.deposit]);
    expect(messagesOf(wake(dealt, resendAtMs - 1))).to.deep.equal([]);
  });

  it('tells the tally of which generation it knows that it is held', () => {
    const [started] = messagesOf(tell(reserved, startOf(reserved.deposit), START_MS));
    expect(started).to.deep.include({ kind: 'started', generation: 2 });
    expect(messagesOf(tell(ready, startOf(reserved.deposit), START_MS))).to.deep.equal([started]);
  });

  it('is of no use with acknowledgements of another deposit, or of too few keepers', () => {
    for (const start of [startOf(dealt.deposit), startOf(reserved.deposit, ['keeper-3'])]) {
      expect(tell(reserved, start, START_MS)).to.deep.equal({ state: reserved, effects: [] });
    }
  });

  it('is of no use to keepers that do not hold what is in the cells already', () => {
    const other = reserveFrom(startFrom(dealt, START_MS, ['keeper-1', 'keeper-2']), START_MS);
    const apart = tell(other, startOf(other.deposit, ['keeper-2', 'keeper-3']), START_MS);
    expect(apart).to.deep.equal({ state: other, effects: [] });
    expect(wake(apart.state, dueMs).effects, 'no image is taken').not.to.deep.include({ kind: 'take-image' });
    const both = acknowledgedFrom(other, START_MS);
    expect(both.reserve?.holders).to.deep.equal(['keeper-1', 'keeper-2']);
  });

  it('is one: entropy that comes while there is one is wiped', () => {
    for (const state of [reserved, ready, { ...counting, isStopping: true }, dealt]) {
      const entropy = entropyOf(9);
      const wiped = { kind: 'wipe', secrets: [entropy] };
      expect(take(state, { kind: 'entropy-drawn', entropy }, START_MS)).to.deep.equal({
        state,
        effects: [wiped],
      });
    }
  });

  it('is not dealt when the numbers are used up', () => {
    const at = (generation: number) => ({ ...counting, record: { ...counting.record, generation } });
    const input = { kind: 'entropy-drawn', entropy: entropyOf(2) } as const;
    expect(summary(take(at(GENERATIONS_MAX - 1), input, START_MS))).to.deep.equal(['persist', 'deposit']);
    const last = take(at(GENERATIONS_MAX), input, START_MS);
    expect(summary(last)).to.deep.equal(['wipe']);
    expect(collectorWakeMs(last.state)).to.equal(counting.stopAtMs);
  });

  it('is wiped when the round is over', () => {
    const counted = { vector: dealt.vector.slice(), countedMs: 5, isIncomplete: false };
    const [wipe] = take(ready, { kind: 'counted', ...counted }, ready.stopAtMs).effects;
    expect(wipe).to.deep.equal({ kind: 'wipe', secrets: [entropyOf(2)] });
  });
});

describe('a checkpoint', () => {
  it('is due when its time has come and the reserve is held', () => {
    expect(summary(wake(ready, dueMs))).to.deep.equal(['take-image']);
    expect(wake(reserveFrom(counting, dueMs), dueMs)).to.deep.include({ effects: [] });
    const late = acknowledgedFrom(reserveFrom(counting, dueMs), dueMs + 300);
    expect(collectorWakeMs(late)).to.equal(dueMs);
    expect(summary(wake(late, dueMs + 300))).to.deep.equal(['take-image']);
  });

  it('is on the disk before the masks of the reserve are added, and these before anything else', () => {
    const step = imageFrom(ready, dealt.vector, dueMs);
    expect(summary(step)).to.deep.equal(['persist', 'add-masks', 'wipe', 'draw-entropy']);
    const [, add, wipe] = step.effects;
    expect(add).to.deep.equal({
      kind: 'add-masks',
      seeds: ready.reserve!.seeds,
      generation: 2,
      facts: ready.facts,
    });
    expect(wipe).to.deep.equal({ kind: 'wipe', secrets: [ready.reserve!.entropy] });
  });

  it('tells whose masks are in it, who holds them and how long was counted', () => {
    const kept = acknowledgedFrom(reserved, START_MS, ['keeper-1', 'keeper-3']);
    const first = imageFrom(kept, dealt.vector, dueMs);
    const { cells, ...about } = recordOf(first).image!;
    expect(about).to.deep.equal({
      generations: [1],
      holders: ['keeper-1', 'keeper-2', 'keeper-3'],
      countedMs: dueMs,
    });
    expect(unmasked(kept.facts, { cells, ...about })).to.deep.equal(BEFORE_EVENTS);
    const next = inPhase('counting', first.state);
    expect(next.generations).to.deep.equal([1, 2]);
    expect(next.holders).to.deep.equal(['keeper-1', 'keeper-3']);
    expect(next.reserve).to.equal(undefined);
    expect(next.checkpointAtMs).to.equal(dueMs + CHECKPOINT_MS);
  });

  it('and the next one are under different masks, and each opens to what was counted until then', () => {
    const vector = dealt.vector.slice();
    let state = ready;
    for (const [at, events] of [2, 0, 3].entries()) {
      for (let event = 0; event < events; event += 1) incrementCell(vector, 4);
      const nowMs = dueMs + at * CHECKPOINT_MS;
      const step = imageFrom(state, vector, nowMs);
      const image = recordOf(step).image!;
      expect(image.generations).to.deep.equal([1, 2, 3].slice(0, at + 1));
      const counted = [2n, 2n, 5n][at]!;
      expect(unmasked(state.facts, image)).to.deep.equal(
        BEFORE_EVENTS.map((cell, number) => (number === 1 ? cell + counted : cell)),
      );
      const added = step.effects.find((effect) => effect.kind === 'add-masks')!;
      addReserve(self, vector, added);
      state = acknowledgedFrom(reserveFrom(step.state, nowMs), nowMs);
    }
    const counted = { kind: 'counted', vector, countedMs: 5, isIncomplete: false } as const;
    const { report } = inPhase('reported', take(state, counted, state.stopAtMs).state);
    expect(readReport(report).generations).to.deep.equal([1, 2, 3, 4]);
    expect(unmasked(state.facts, readReport(report))[1]).to.equal(0n);
    expect(readReport(report).isIncomplete).to.equal(false);
  });

  it('is not made without a reserve that is held, nor when counting ends', () => {
    const image = { kind: 'image-taken', cells: new Uint8Array(80), countedMs: 1 } as const;
    for (const state of [counting, reserved, { ...ready, isStopping: true }, dealt]) {
      expect(take(state, image, dueMs)).to.deep.equal({ state, effects: [] });
    }
  });

  it('is not due any more when counting ends before it', () => {
    const lastMs = counting.stopAtMs - CHECKPOINT_MS;
    const before = inPhase('counting', imageFrom(ready, dealt.vector, lastMs - 1).state);
    expect(before.checkpointAtMs).to.equal(counting.stopAtMs - 1);
    const after = inPhase('counting', imageFrom(ready, dealt.vector, lastMs).state);
    expect(after.checkpointAtMs).to.equal(undefined);
    expect(collectorWakeMs(acknowledgedFrom(reserveFrom(after, lastMs), lastMs))).to.equal(counting.stopAtMs);
  });

  it('is not made more often than a round may have them', () => {
    expect(beginDrawing().checkpointMs).to.equal(CHECKPOINT_MS);
    const long = new Scene({ known, plan: { collectMs: COLLECT_MS_MAX } }).run('depositing');
    const { checkpointMs } = beginDrawing(long.last('plan', self.name));
    expect(checkpointMs).to.equal(Math.ceil(COLLECT_MS_MAX / CHECKPOINTS_MAX));
  });

  it('is made at once when the collector is told to end, if the reserve is held', () => {
    expect(summary(take(ready, { kind: 'suspend' }, dueMs - 500))).to.deep.equal(['take-image']);
    for (const state of [counting, reserved, { ...ready, isStopping: true }, dealt, beginDrawing()]) {
      expect(take(state, { kind: 'suspend' }, dueMs)).to.deep.equal({ state, effects: [] });
    }
  });
});
