/** The short form of `npm run soak -- half-open`. */
import { expect } from 'chai';
import { soakHalfOpen } from '../soak/half-open.js';

const STRANGERS = 500;
/** Loaded machines; the soak is strict. */
const ANSWER_MS_MAX = 5_000;

describe('a tally with hundreds of half-open connections', function () {
  this.timeout(400_000);

  it('answers its nodes', async () => {
    const { crowded, open, made } = await soakHalfOpen({
      strangers: STRANGERS,
      measureMs: 4_000,
      rampMsMax: 30_000,
    });
    expect(made).to.be.at.least(STRANGERS);
    expect(open.most).to.be.greaterThan(STRANGERS / 4);
    expect(crowded.count).to.be.greaterThan(10);
    expect(crowded.max).to.be.lessThan(ANSWER_MS_MAX);
  });
});
