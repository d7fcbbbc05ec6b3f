import { expect } from 'chai';
import { type Status } from '../../src/roles/status-board.js';
import { STATUS_PERIOD_MS, StatusReporter } from '../../src/roles/status-reporter.js';
import { FakeClock, FakeLog } from './tor-source-fakes.js';

class World {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  /** When each was written, from the start on. */
  readonly writtenMs: number[] = [];
  failure: Error | undefined;
  readonly #startMs = this.clock.nowMs();
  readonly reporter = new StatusReporter(
    {
      clock: this.clock,
      log: this.log,
      status: {
        write: () => {
          if (this.failure !== undefined) throw this.failure;
          this.writtenMs.push(this.clock.nowMs() - this.#startMs);
        },
      },
    },
    () => ({}) as Status,
  );
}

describe('the reporter of the status', () => {
  let world: World;

  beforeEach(() => {
    world = new World();
  });

  it('writes soon after something is noted, and then every 15 s', () => {
    world.clock.advance(5_000);
    expect(world.writtenMs).to.deep.equal([]);
    world.reporter.note();
    world.clock.advance(2 * STATUS_PERIOD_MS);
    expect(world.writtenMs).to.deep.equal([5_000, 20_000, 35_000]);
  });

  it('writes at most once a second, the last change too', () => {
    for (let at = 0; at < 25; at += 1) {
      world.reporter.note();
      world.clock.advance(100);
    }
    world.clock.advance(5_000);
    expect(world.writtenMs).to.deep.equal([0, 1_000, 2_000, 3_000]);
  });

  it('tells once that it can not write, and goes on', () => {
    world.failure = new Error("can't write /state/status.json: no space");
    world.reporter.note();
    world.clock.advance(4 * STATUS_PERIOD_MS);
    expect(world.log.lines).to.deep.equal([
      "warn: the status can't be written: can't write /state/status.json: no space",
    ]);
    world.failure = undefined;
    world.clock.advance(STATUS_PERIOD_MS);
    expect(world.writtenMs).to.have.lengthOf(1);
  });

  it('writes once more when it is closed, and nothing from then on', () => {
    world.reporter.note();
    world.clock.advance(500);
    world.reporter.close();
    world.clock.advance(STATUS_PERIOD_MS);
    // Connections end after the status does.
    world.reporter.note();
    world.clock.advance(2 * STATUS_PERIOD_MS);
    expect(world.writtenMs).to.deep.equal([0, 500]);
  });
});
