import { mock } from 'node:test';
import { expect } from 'chai';
import { createClock, type NodeClock } from '../../src/io/clock.js';

/** A machine whose clocks a test moves. */
class Machine {
  wall = 1_700_000_000_000;
  steady = 5_000;
  up = 90_000;
  readonly clock: NodeClock = createClock({
    wallMs: () => this.wall,
    steadyMs: () => this.steady,
    uptimeMs: () => this.up,
  });

  /** Time passes, for the timers too. */
  pass(ms: number): void {
    this.wall += ms;
    this.steady += ms;
    this.up += ms;
    mock.timers.tick(ms);
  }

  /** Nothing runs, and only some clocks do. */
  sleep(ms: number): void {
    this.wall += ms;
    this.up += ms;
  }
}

describe("a node's clock", () => {
  let machine: Machine;
  const START_MS = 1_700_000_000_000;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    machine = new Machine();
  });

  afterEach(() => mock.timers.reset());

  it('begins with the wall clock, and goes on with what passes', () => {
    expect(machine.clock.nowMs()).to.equal(START_MS);
    machine.pass(86_400_000);
    expect(machine.clock.nowMs()).to.equal(START_MS + 86_400_000);
    expect(machine.clock.wallOffsetMs()).to.equal(0);
  });

  it('does not jump when the wall clock is set, in either direction, but tells how far off it is', () => {
    machine.pass(10_000);
    machine.wall += 3_600_000;
    expect(machine.clock.nowMs()).to.equal(START_MS + 10_000);
    expect(machine.clock.wallOffsetMs()).to.equal(3_600_000);
    machine.wall -= 7_200_000;
    machine.pass(5_000);
    expect(machine.clock.nowMs()).to.equal(START_MS + 15_000);
    expect(machine.clock.wallOffsetMs()).to.equal(-3_600_000);
  });

  it('counts the time that the machine sleeps', () => {
    machine.pass(60_000);
    machine.sleep(28_800_000);
    machine.pass(1_000);
    expect(machine.clock.nowMs()).to.equal(START_MS + 28_861_000);
    machine.sleep(7_000);
    machine.pass(1_000);
    expect(machine.clock.nowMs()).to.equal(START_MS + 28_869_000);
    expect(machine.clock.wallOffsetMs()).to.equal(0);
  });

  it('never goes back, whatever the uptime says', () => {
    let last = 0;
    for (const up of [0, 1_999, -100, -5_000, 2_100, 0, 50_000, 0]) {
      machine.pass(1_000);
      machine.up += up;
      const now = machine.clock.nowMs();
      expect(now).to.be.at.least(last + (last === 0 ? 0 : 1_000));
      last = now;
    }
  });

  it('takes the rounding of the uptime for no sleep', () => {
    machine.up += 1_999;
    machine.pass(1_000);
    expect(machine.clock.nowMs()).to.equal(START_MS + 1_000);
  });

  it('runs a task once its time has come, also after 100 days', () => {
    const runs: number[] = [];
    machine.clock.after(100, () => runs.push(100));
    machine.clock.after(0, () => runs.push(0));
    machine.clock.after(100 * 86_400_000, () => runs.push(Infinity));
    machine.pass(0);
    machine.pass(99);
    expect(runs).to.deep.equal([0]);
    machine.pass(1);
    expect(runs).to.deep.equal([0, 100]);
    for (let day = 0; day < 100; day += 1) for (let at = 0; at < 2880; at += 1) machine.pass(30_000);
    expect(runs).to.deep.equal([0, 100, Infinity]);
  });

  it('runs a task within half a minute after the machine slept through its time', () => {
    let runs = 0;
    machine.clock.after(3_600_000, () => (runs += 1));
    machine.pass(20_000);
    machine.sleep(7_200_000);
    machine.pass(10_000);
    machine.pass(1);
    expect(runs).to.equal(1);
  });

  it('does not run what was called off, however long it was to wait', () => {
    let runs = 0;
    const offs = [10, 50_000].map((delayMs) => machine.clock.after(delayMs, () => (runs += 1)));
    machine.pass(5);
    offs[0]!();
    machine.pass(40_000);
    offs[1]!();
    machine.pass(60_000);
    expect(runs).to.equal(0);
  });
});
