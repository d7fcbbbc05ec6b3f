import { expect } from 'chai';
import { Alarm } from '../../src/roles/alarm.js';
import { FakeClock } from './tor-source-fakes.js';

describe('an alarm', () => {
  let clock: FakeClock;
  let rings: number[];
  let alarm: Alarm;

  beforeEach(() => {
    clock = new FakeClock();
    rings = [];
    alarm = new Alarm(clock, () => rings.push(clock.nowMs()));
  });

  it('rings once, at its time', () => {
    const atMs = clock.nowMs() + 500;
    alarm.set(atMs);
    clock.advance(499);
    expect(rings).to.deep.equal([]);
    clock.advance(10_000);
    expect(rings).to.deep.equal([atMs]);
  });

  it('rings at the last time that was set, earlier or later than the one before', () => {
    const startMs = clock.nowMs();
    alarm.set(startMs + 1000);
    alarm.set(startMs + 100);
    clock.advance(200);
    expect(rings).to.deep.equal([startMs + 100]);
    alarm.set(startMs + 300);
    alarm.set(startMs + 700);
    clock.advance(10_000);
    expect(rings).to.deep.equal([startMs + 100, startMs + 700]);
  });

  it('does not ring when its time is taken away', () => {
    alarm.set(clock.nowMs() + 100);
    alarm.set(undefined);
    clock.advance(1000);
    expect(rings).to.deep.equal([]);
    expect(clock.waits()).to.deep.equal([]);
  });

  it('keeps its one timer when the same time is set again', () => {
    const atMs = clock.nowMs() + 100;
    alarm.set(atMs);
    alarm.set(atMs);
    expect(clock.waits()).to.deep.equal([100]);
    clock.advance(100);
    expect(rings).to.have.lengthOf(1);
  });

  it('rings as soon as the clock runs tasks for a time that is past', () => {
    alarm.set(clock.nowMs() - 5000);
    expect(rings, 'not within the call').to.deep.equal([]);
    clock.advance(0);
    expect(rings).to.have.lengthOf(1);
  });

  it('can be set for the very time at which it has rung, as when a clock runs ahead of its timers', () => {
    const atMs = clock.nowMs() + 100;
    alarm.set(atMs);
    clock.advance(100);
    alarm.set(atMs);
    clock.advance(1);
    expect(rings).to.have.lengthOf(2);
  });

  it('may be set by its own task', () => {
    const again = new Alarm(clock, () => {
      rings.push(clock.nowMs());
      if (rings.length < 3) again.set(clock.nowMs() + 10);
    });
    again.set(clock.nowMs() + 10);
    clock.advance(1000);
    expect(rings).to.have.lengthOf(3);
  });
});
