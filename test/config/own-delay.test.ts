import { expect } from 'chai';
import { strictestDelay } from '../../src/config/own-delay.js';

const rule = { delayPeriodMs: 1000, alwaysDelay: false, sigmaDecreaseTolerance: 1e-6 };

describe('strictestDelay', () => {
  it('is the network’s rule where a node says nothing of its own', () => {
    expect(strictestDelay(rule, {})).to.deep.equal(rule);
  });

  it('takes a node’s own values where they are stricter, one by one', () => {
    expect(strictestDelay(rule, { delayPeriodMs: 2000, sigmaDecreaseTolerance: 1 })).to.deep.equal({
      ...rule,
      delayPeriodMs: 2000,
    });
    expect(
      strictestDelay(rule, { delayPeriodMs: 0, alwaysDelay: true, sigmaDecreaseTolerance: 1e-9 }),
    ).to.deep.equal({
      delayPeriodMs: 1000,
      alwaysDelay: true,
      sigmaDecreaseTolerance: 1e-9,
    });
  });

  it('never lets a node loosen the rule', () => {
    const strict = { delayPeriodMs: 1000, alwaysDelay: true, sigmaDecreaseTolerance: 1e-9 };
    expect(
      strictestDelay(strict, { delayPeriodMs: 1, alwaysDelay: false, sigmaDecreaseTolerance: 1 }),
    ).to.deep.equal(strict);
  });
});
