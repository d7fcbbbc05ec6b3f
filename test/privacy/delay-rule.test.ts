import { expect } from 'chai';
import {
  type DelayRule,
  type DelayState,
  earliestStartMs,
  stateAfterRound,
} from '../../src/privacy/delay-rule.js';

const rule: DelayRule = { delayPeriodMs: 1000, alwaysDelay: false, sigmaDecreaseTolerance: 0.5 };
const sigmas = (values: Record<string, number>): ReadonlyMap<string, number> =>
  new Map(Object.entries(values));
const state: DelayState = { sigmas: sigmas({ A: 10, B: 20 }), lastEndMs: 5000 };

const startOf = (values: Record<string, number>, change: Partial<DelayRule> = {}): number =>
  earliestStartMs(state, sigmas(values), { ...rule, ...change });

describe('earliestStartMs', () => {
  it('lets the first round start at once', () => {
    expect(earliestStartMs(undefined, sigmas({ A: 1 }), rule)).to.equal(0);
  });

  it('lets a round with the same or more noise follow at once', () => {
    expect(startOf({ A: 10, B: 20 })).to.equal(5000);
    expect(startOf({ B: 25, A: 10.5 })).to.equal(5000);
  });

  it('takes a sigma that fell by no more than the tolerance for the same', () => {
    expect(startOf({ A: 9.5, B: 20 })).to.equal(5000);
    expect(startOf({ A: 9.499, B: 20 })).to.equal(6000);
  });

  it('delays a round whose counters are others', () => {
    expect(startOf({ A: 10 })).to.equal(6000);
    expect(startOf({ A: 10, B: 20, C: 5 })).to.equal(6000);
    expect(startOf({ A: 10, C: 20 })).to.equal(6000);
  });

  it('delays every round if it is told to', () => {
    expect(startOf({ A: 10, B: 20 }, { alwaysDelay: true })).to.equal(6000);
  });
});

describe('stateAfterRound', () => {
  it('starts a series with the first round', () => {
    const first = sigmas({ A: 1 });
    expect(stateAfterRound(undefined, { sigmas: first, endMs: 7 }, rule)).to.deep.equal({
      sigmas: first,
      lastEndMs: 7,
    });
  });

  it('keeps the sigmas of the series’ first round, so that they can’t creep down', () => {
    let now: DelayState = state;
    for (const step of [0.2, 0.4]) {
      const round = { sigmas: sigmas({ A: 10 - step, B: 20 }), endMs: now.lastEndMs + 100 };
      expect(earliestStartMs(now, round.sigmas, rule)).to.equal(now.lastEndMs);
      now = stateAfterRound(now, round, rule);
    }
    expect(now).to.deep.equal({ sigmas: state.sigmas, lastEndMs: 5200 });
    expect(earliestStartMs(now, sigmas({ A: 9.4, B: 20 }), rule)).to.equal(6200);
  });

  it('starts a new series with a round that had to wait', () => {
    const fewer = sigmas({ A: 5, B: 20 });
    expect(stateAfterRound(state, { sigmas: fewer, endMs: 9000 }, rule)).to.deep.equal({
      sigmas: fewer,
      lastEndMs: 9000,
    });
    const more = sigmas({ A: 50, B: 20 });
    expect(
      stateAfterRound(state, { sigmas: more, endMs: 9000 }, { ...rule, alwaysDelay: true }).sigmas,
    ).to.equal(more);
    expect(stateAfterRound(state, { sigmas: more, endMs: 9000 }, rule).sigmas).to.equal(state.sigmas);
  });
});
