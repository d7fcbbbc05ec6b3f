/** What is released, planned and spent: released-privacy, plan-privacy, ledger. */
import { expect } from 'chai';
import { muOf } from '../../src/privacy/gaussian-dp.js';
import { checkBudget, entriesInWindow, type LedgerEntry } from '../../src/privacy/ledger.js';
import { longRoundWarning, muOfPlan, plannedNoiseFaults } from '../../src/privacy/plan-privacy.js';
import { isExcessRight, releasedPrivacy } from '../../src/privacy/released-privacy.js';

const level = { epsilon: 0.3, delta: 1e-3 };
const mu = muOf(level, 'differential');
const DAY_MS = 86_400_000;

describe('releasedPrivacy', () => {
  it('gives both epsilons: all honest, and the heaviest coalition that is tolerated', () => {
    const weights = [2, 1, 1, 1, 1].map((weight) => weight / Math.sqrt(8));
    const { allHonest, worstTolerated, delta } = releasedPrivacy(weights, { mu, delta: 1e-3, coalition: 1 });
    expect(delta).to.equal(1e-3);
    expect(allHonest.variance).to.be.closeTo(1, 1e-12);
    expect(allHonest.epsilon).to.be.closeTo(0.3, 1e-9);
    expect(worstTolerated.variance).to.be.closeTo(0.5, 1e-12);
    expect(worstTolerated.epsilon.toFixed(3)).to.equal('0.454');
  });

  it('is infinite where no noise is left', () => {
    const { allHonest, worstTolerated } = releasedPrivacy([1, 1], { mu, delta: 1e-3, coalition: 2 });
    expect(allHonest.epsilon).to.be.below(0.3);
    expect(worstTolerated).to.deep.equal({ variance: 0, epsilon: Infinity });
  });
});

describe('isExcessRight', () => {
  it('takes the sum of squared weights within 1 %', () => {
    const weights = [1, 1, 1];
    expect([2.97, 3, 3.03].map((stated) => isExcessRight(stated, weights))).to.deep.equal([true, true, true]);
    expect([2.969, 3.031, 0].map((stated) => isExcessRight(stated, weights))).to.deep.equal([
      false,
      false,
      false,
    ]);
  });
});

describe('plannedNoiseFaults', () => {
  const counter = { name: 'A', sensitivity: 10, sigma: 10 / mu };

  it('takes sigmas that just keep the level, and refuses a part in a million less', () => {
    expect(plannedNoiseFaults([counter], level)).to.deep.equal([]);
    expect(plannedNoiseFaults([{ ...counter, sigma: counter.sigma * (1 - 1e-6) }], level)[0]).to.match(
      /^the sigmas give delta 0\.00100\d+ at epsilon 0\.3, above 0\.001$/,
    );
    expect(plannedNoiseFaults([counter, { ...counter, name: 'B' }], level)).to.have.length(1);
    expect(plannedNoiseFaults([], level)).to.deep.equal([]);
  });

  it('counts blocks once', () => {
    const block = ['A', 'B'].map((name) => ({ ...counter, name, block: 'groups' }));
    expect(plannedNoiseFaults(block, level)).to.deep.equal([]);
    expect(muOfPlan([...block, counter])).to.be.closeTo(mu * Math.SQRT2, 1e-12);
  });

  it('names every counter with numbers that are not above 0', () => {
    expect(
      plannedNoiseFaults(
        [
          { name: 'A', sensitivity: 0, sigma: 1 },
          { name: 'B', sensitivity: 1, sigma: NaN },
          { name: 'C', sensitivity: -1, sigma: Infinity },
        ],
        level,
      ),
    ).to.deep.equal([
      'counter A has a sensitivity of 0, not above 0',
      'counter B has a sigma of NaN, not above 0',
      'counter C has a sensitivity of -1, not above 0',
      'counter C has a sigma of Infinity, not above 0',
    ]);
  });
});

describe('longRoundWarning', () => {
  it('speaks of rounds longer than a day, or than what was stated', () => {
    expect(longRoundWarning(DAY_MS)).to.equal(undefined);
    expect(longRoundWarning(DAY_MS + 1)).to.contain('longer than the 24 h');
    expect(longRoundWarning(3_600_000, 1_800_000)).to.match(/^a round of 1 h is longer than the 0\.5 h/);
  });
});

describe('the ledger', () => {
  const budget = { epsilon: 0.957, delta: 1e-3, windowDays: 30 };
  const entries = (count: number): LedgerEntry[] =>
    Array.from({ length: count }, (_, day) => ({ roundId: `r${day}`, atMs: day * DAY_MS, mu }));

  it('lets seven rounds into a budget of 0.957, and not the eighth', () => {
    const seventh = checkBudget(entries(6), { atMs: 7 * DAY_MS, mu }, budget);
    expect(seventh.isWithin).to.equal(true);
    expect(seventh.epsilonAfter.toFixed(3)).to.equal('0.957');
    const eighth = checkBudget(entries(7), { atMs: 8 * DAY_MS, mu }, budget);
    expect(eighth.isWithin).to.equal(false);
    expect(eighth.epsilonBefore.toFixed(3)).to.equal('0.957');
  });

  it('forgets rounds that left the window, to the millisecond', () => {
    const old = { roundId: 'old', atMs: 0, mu };
    const kept = (nowMs: number) => entriesInWindow([old], { nowMs, windowDays: 30 }).length;
    expect([kept(30 * DAY_MS - 1), kept(30 * DAY_MS)]).to.deep.equal([1, 0]);
    expect(checkBudget(entries(7), { atMs: 31 * DAY_MS, mu }, budget).isWithin).to.equal(true);
  });

  it('counts rounds in the future, as a clock that was set back must not clear it', () => {
    expect(entriesInWindow(entries(7), { nowMs: 0, windowDays: 30 })).to.have.length(7);
    expect(checkBudget(entries(7), { atMs: 0, mu }, budget).isWithin).to.equal(false);
  });

  it('takes a first round that spends the whole budget, and any that costs nothing', () => {
    const whole = { epsilon: 0.3, delta: 1e-3, windowDays: 30 };
    expect(checkBudget([], { atMs: 0, mu }, whole).isWithin).to.equal(true);
    expect(checkBudget([], { atMs: 0, mu: mu * (1 + 1e-6) }, whole).isWithin).to.equal(false);
    expect(checkBudget([], { atMs: 0, mu: 0 }, whole)).to.deep.equal({
      isWithin: true,
      epsilonBefore: 0,
      epsilonAfter: 0,
    });
  });
});
