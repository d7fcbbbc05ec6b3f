/**
 * Does the time that something takes tell how large the noise is? By the processor's clock, over 100,000 draws: so this is
 * run by `npm run attack` on a quiet machine, and not by `npm test`. The sampler by itself does tell, which is the power of
 * the attack; the collector's answer, from the wake-up at the end of the plan's time to draw to the message that leaves,
 * must not, and a collector that answers when it has drawn is caught.
 */
import { expect } from 'chai';
import { randomFillSync } from 'node:crypto';
import { addVector, fromSigned, newVector, type RingVector, toSigned } from '../../src/core/ring.js';
import { addMasks } from '../../src/core/masks.js';
import { nodePrimitives } from '../../src/crypto/primitives.js';
import { sampleGaussian, toGaussianSampler } from '../../src/privacy/discrete-gaussian.js';
import { RandomWords } from '../../src/privacy/random-words.js';
import { rankCorrelation, type Timed, welch } from './leak-statistics.js';
import { print } from './verdict.js';

const DRAWS = 100_000;
/** The first runs are compiled meanwhile. */
const WARM_UP = 20_000;
/** As in the verification of hardware against side channels, where 4.5 is the custom; and both must stay below. */
const DEVIATIONS_MAX = 4.5;
const SIGMA = 447.88951770132604;
/** As little else as can be, so that what the noise adds shows. */
const CELLS = 4;

const sampler = toGaussianSampler(SIGMA);
const words = new RandomWords((length) => randomFillSync(new Uint8Array(length)));
const fresh = (): bigint => sampleGaussian(sampler, words);

/** How long `act` takes for each of many noises, made beforehand by `draw` or within. */
function timed(act: (noise: bigint) => bigint, draw: () => bigint): Timed[] {
  const pairs: Timed[] = [];
  for (let at = -WARM_UP; at < DRAWS; at += 1) {
    const before = draw();
    const start = process.hrtime.bigint();
    const noise = act(before);
    const time = Number(process.hrtime.bigint() - start);
    if (at >= 0) pairs.push({ size: Number(noise < 0n ? -noise : noise), time });
  }
  return withoutInterruptions(pairs);
}

/** Without the slowest hundredth, in which the machine did something else: Welch's test is about means. */
function withoutInterruptions(pairs: readonly Timed[]): Timed[] {
  const times = pairs.map(({ time }) => time).sort((left, right) => left - right);
  const limit = times[Math.floor(times.length * 0.99)]!;
  return pairs.filter(({ time }) => time <= limit);
}

function leak(what: string, pairs: readonly Timed[]): number {
  const { rho, deviations } = rankCorrelation(pairs);
  const t = welch(pairs);
  print(
    `${what}, ${pairs.length} times: rank correlation ${rho.toFixed(4)}, ${deviations.toFixed(1)} standard deviations; ` +
      `Welch ${t.toFixed(1)}`,
  );
  return Math.max(Math.abs(deviations), Math.abs(t));
}

const context = { networkId: 'ab'.repeat(32), roundId: '01'.repeat(16), collector: 'dc', generation: 1 };
const seeds = [{ set: 0, seed: new Uint8Array(32).fill(1) }];

/** What a collector does with its noise from the wake-up on (protocol/collector-deposit.ts): noise and masks into the cells. */
function blind(noise: RingVector): void {
  const vector = newVector(CELLS);
  addVector(vector, noise);
  addMasks(nodePrimitives, vector, { seeds, context });
  noise.fill(0);
}

function vectorOf(noise: bigint): RingVector {
  return fromSigned(Array.from({ length: CELLS }, () => noise));
}

describe('an attack on times, by the processor’s clock', function () {
  this.timeout(600_000);

  it('finds that the sampler tells the size of its noise: that is its power', () => {
    const found = leak(
      'the sampler',
      timed(fresh, () => 0n),
    );
    expect(found).to.be.above(20);
  });

  it('finds nothing in what a collector does between its wake-up and its answer', () => {
    let vector = newVector(CELLS);
    const pairs = timed(
      (noise) => {
        blind(vector);
        return noise;
      },
      () => {
        const noise = fresh();
        vector = vectorOf(noise);
        return noise;
      },
    );
    expect(leak('the answer', pairs)).to.be.below(DEVIATIONS_MAX);
  });

  it('catches a collector that answers once it has drawn', () => {
    const vector = newVector(CELLS);
    const pairs = timed(
      () => {
        const noise = fresh();
        addVector(vector, vectorOf(noise));
        return noise;
      },
      () => 0n,
    );
    expect(leak('an answer after drawing', pairs)).to.be.above(DEVIATIONS_MAX);
  });

  it('catches a planted leak of a microsecond for every standard deviation', () => {
    let vector = newVector(CELLS);
    const pairs = timed(
      (noise) => {
        blind(vector);
        const untilNs =
          process.hrtime.bigint() + (1000n * (noise < 0n ? -noise : noise)) / BigInt(Math.round(SIGMA));
        while (process.hrtime.bigint() < untilNs);
        return noise;
      },
      () => {
        const noise = fresh();
        vector = vectorOf(noise);
        return noise;
      },
    );
    expect(leak('the planted leak', pairs)).to.be.above(DEVIATIONS_MAX);
    expect(toSigned(vector)[0]).to.equal(0n);
  });
});
