import { expect } from 'chai';
import {
  meanShares,
  SHARE_LINES,
  shareLines,
  shareRange,
  weighRelays,
  weightLines,
} from '../../src/cli/weights-report.js';
import { worstNoiseVariance } from '../../src/core/network.js';
import { type PositionShares } from '../../src/tor/consensus/position-shares.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';

const sharesOf = (exit: number): PositionShares => ({
  guard: 0.1,
  middle: 0.2,
  exit,
  hsdir2: 0.3,
  hsdir3: 0.4,
  intro: 0.5,
  rend2: 0.6,
  rend3: 0.7,
});
const relay = (exit: number) => ({ fingerprint: `${exit}`.padEnd(40, '0'), shares: sharesOf(exit) });

describe('meanShares', () => {
  it('is the mean of every position', () => {
    expect(meanShares([sharesOf(0.2), sharesOf(0.6)])).to.deep.equal({ ...sharesOf(0.4), exit: 0.4 });
  });
});

describe('shareRange', () => {
  it('is the least and the most of every position', () => {
    const { least, most } = shareRange([sharesOf(0.6), sharesOf(0.2), sharesOf(0.3)]);
    expect([least, most]).to.deep.equal([sharesOf(0.2), sharesOf(0.6)]);
  });
});

describe('weighRelays', () => {
  const relays = [0.4, 0.3, 0.2, 0.1].map(relay);

  it('keeps a variance of 1 when the worst that may be missing are, and hardly more', () => {
    for (const tolerated of [0, 1, 3]) {
      const weighed = weighRelays(relays, { position: 'exit', tolerated })!;
      for (const weights of [
        weighed.map(({ equalWeight }) => equalWeight),
        weighed.map(({ weightByShare }) => weightByShare!),
      ]) {
        expect(worstNoiseVariance(weights, tolerated)).to.be.within(1, 1 + 1e-5);
      }
    }
  });

  it('gives noise in proportion to what a relay sees', () => {
    const [most, , , least] = weighRelays(relays, { position: 'exit', tolerated: 1 })!;
    expect((most!.weightByShare! / least!.weightByShare!) ** 2).to.be.closeTo(4, 1e-4);
    expect(most!.equalWeight).to.equal(least!.equalWeight);
  });

  it('leaves out weights by share where too few can take the position', () => {
    const weighed = weighRelays([relay(0.5), relay(0), relay(0)], { position: 'exit', tolerated: 1 })!;
    expect(weighed.map(({ weightByShare }) => weightByShare)).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    expect(weightLines(weighed).at(-1)).to.match(/1\.5000 +-$/);
  });

  it('has no weights if all may be missing', () => {
    expect(weighRelays(relays, { position: 'exit', tolerated: 4 })).to.equal(undefined);
  });
});

describe('weightLines', () => {
  it('has a row for each relay and the excess noise ratio of both kinds', () => {
    const lines = weightLines(weighRelays([relay(0.5), relay(0.5)], { position: 'exit', tolerated: 0 })!);
    expect(lines).to.have.length(4);
    expect(lines[1]!.split(/ +/)).to.deep.equal([
      relay(0.5).fingerprint,
      '0.100000',
      '0.200000',
      '0.500000',
      '0.707107',
      '0.707107',
    ]);
    expect(lines[3]).to.match(/^excess_noise_ratio +1\.0000 +1\.0000$/);
  });
});

describeWithSharedData('shareLines', () => {
  it('are in the words of the original tool', () => {
    const wanted = readShared('tor/weights.none.txt')
      .toString('utf8')
      .split('\n')
      .filter((line) => line.includes(' : '));
    const none = Object.fromEntries(SHARE_LINES.map(({ position }) => [position, 0])) as PositionShares;
    expect(shareLines(none)).to.deep.equal(wanted);
  });
});
