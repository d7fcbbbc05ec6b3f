import { expect } from 'chai';
import { LoadShedder } from '../../src/roles/load-shedder.js';
import { FakeClock } from './tor-source-fakes.js';

const PERIOD_MS = 2000;

function world() {
  const clock = new FakeClock();
  const told: number[] = [];
  const load = { busy: 0, utilization: () => load.busy };
  const shedder = new LoadShedder({ clock, load }, (events) => told.push(events));
  return { clock, told, load, shedder };
}

describe('a load shedder', () => {
  it('drops nothing while the event loop has pauses', () => {
    const { clock, told, load, shedder } = world();
    load.busy = 0.95;
    clock.advance(3 * PERIOD_MS);
    expect(shedder.isShedding).to.equal(false);
    shedder.stop();
    expect(told).to.deep.equal([]);
    expect(shedder.hasDropped).to.equal(false);
  });

  it('drops for a period after one without a pause, then counts again', () => {
    const { clock, told, load, shedder } = world();
    load.busy = 1;
    clock.advance(PERIOD_MS);
    expect(shedder.isShedding).to.equal(true);
    for (let event = 0; event < 5; event += 1) shedder.drop();
    clock.advance(PERIOD_MS);
    expect(shedder.isShedding).to.equal(false);
    expect(told).to.deep.equal([5]);
    expect(shedder.hasDropped).to.equal(true);
  });

  it('tells what it dropped last when it is stopped, and drops no more', () => {
    const { clock, told, load, shedder } = world();
    load.busy = 1;
    clock.advance(PERIOD_MS);
    shedder.drop();
    shedder.stop();
    expect(told).to.deep.equal([1]);
    expect(shedder.isShedding).to.equal(false);
    clock.advance(10 * PERIOD_MS);
    expect(told).to.deep.equal([1]);
  });
});
