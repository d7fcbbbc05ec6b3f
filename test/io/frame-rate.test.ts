import { expect } from 'chai';
import { FRAMES_AT_ONCE_MAX, FRAMES_PER_S_MAX, FrameRate } from '../../src/io/frame-rate.js';

describe('the rate of frames', () => {
  function takeMany(rate: FrameRate, count: number, nowMs: number): number {
    let waitMs = 0;
    for (let frame = 0; frame < count; frame += 1) waitMs = rate.take(nowMs);
    return waitMs;
  }

  it('lets as many come at once as a keeper has acknowledgements for, twice', () => {
    const rate = new FrameRate(5);
    expect(takeMany(rate, FRAMES_AT_ONCE_MAX, 5)).to.equal(0);
    expect(rate.take(5)).to.equal(Math.ceil(1000 / FRAMES_PER_S_MAX));
  });

  it('has a sender wait until all that it sent is paid for', () => {
    const rate = new FrameRate(0);
    takeMany(rate, FRAMES_AT_ONCE_MAX, 0);
    expect(takeMany(rate, FRAMES_PER_S_MAX, 0)).to.equal(1000);
    expect(rate.take(1500), 'after 1.5 s there is room for half a second').to.equal(0);
  });

  it('does not let unused time pile up', () => {
    const rate = new FrameRate(0);
    expect(takeMany(rate, FRAMES_AT_ONCE_MAX, 1e9)).to.equal(0);
    expect(rate.take(1e9)).to.be.greaterThan(0);
  });
});
