/**
 * Noise: the exact sampler beside a plain one with bigints, all of PrivCount's bins drawn in the thread that a collector
 * uses, with the longest pause of the event loop meanwhile, and both allocators over all of PrivCount's counters.
 */
import { randomFillSync } from 'node:crypto';
import { createNoiseSource } from '../../src/io/noise-source.js';
import { allocateNoise } from '../../src/privacy/allocation.js';
import { drawNoise } from '../../src/privacy/noise-vector.js';
import { type NoiseRequest } from '../../src/privacy/noise-request.js';
import { type BenchRow } from './bench-row.js';

const SAMPLES = 20_000;
const PLAIN_SAMPLES = 2000;
const SIGMA = 447.88951770132604;
/** PrivCount's counters and their bins. */
const COUNTERS = 5314;
const BINS = 11_456;
/** The first rounds compile, the best of the others counts. */
const ROUNDS = 5;

const systemRandom = (length: number): Uint8Array => randomFillSync(new Uint8Array(length));

function bestSeconds(work: () => void): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    work();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

/** Algorithms 1 to 3 of arXiv 2004.00010 word for word, with sigma^2 = variance / 2^shift. */
class PlainSampler {
  readonly #variance: bigint;
  readonly #denominator: bigint;
  readonly #scale: bigint;

  constructor(sigma: number) {
    const shift = 40n;
    const root = BigInt(Math.round(sigma * 2 ** 40));
    this.#variance = root * root;
    this.#denominator = 1n << (2n * shift);
    this.#scale = BigInt(Math.floor(sigma)) + 1n;
  }

  sample(): bigint {
    const t = this.#scale;
    for (;;) {
      const y = this.#laplace();
      const distance = (y < 0n ? -y : y) * t * this.#denominator - this.#variance;
      const denominator = 2n * this.#variance * this.#denominator * t * t;
      if (this.#expMinus(distance * distance, denominator)) return y;
    }
  }

  #laplace(): bigint {
    for (;;) {
      const u = below(this.#scale);
      if (!this.#expMinus(u, this.#scale)) continue;
      let v = 0n;
      while (this.#expMinus(1n, 1n)) v += 1n;
      const magnitude = u + this.#scale * v;
      const isNegative = below(2n) === 1n;
      if (!isNegative || magnitude !== 0n) return isNegative ? -magnitude : magnitude;
    }
  }

  #expMinus(numerator: bigint, denominator: bigint): boolean {
    for (; numerator > denominator; numerator -= denominator) if (!this.#expMinus(1n, 1n)) return false;
    let k = 1n;
    while (below(denominator * k) < numerator) k += 1n;
    return k % 2n === 1n;
  }
}

/** A bigint uniform in [0, bound), by rejection. */
function below(bound: bigint): bigint {
  const bits = bound.toString(2).length;
  const bytes = Math.ceil(bits / 8);
  for (;;) {
    let value = 0n;
    for (const byte of systemRandom(bytes)) value = (value << 8n) | BigInt(byte);
    value >>= BigInt(8 * bytes - bits);
    if (value < bound) return value;
  }
}

function benchSampler(): BenchRow {
  const sigmas = new Float64Array(SAMPLES).fill(SIGMA);
  const value = SAMPLES / bestSeconds(() => drawNoise(sigmas, systemRandom));
  const plain = new PlainSampler(SIGMA);
  const plainPerSecond =
    PLAIN_SAMPLES /
    bestSeconds(() => {
      for (let at = 0; at < PLAIN_SAMPLES; at += 1) plain.sample();
    });
  return { name: 'exact discrete Gaussian', unit: 'samples/s', value, ratio: value / plainPerSecond };
}

/**
 * Draws all bins in the collector's thread and watches the event loop, which is busy all the while: the worst of all rounds,
 * so that other programs' work on the machine counts too.
 */
async function benchDraw(): Promise<BenchRow[]> {
  const source = createNoiseSource();
  const sigmas = Float64Array.from({ length: BINS }, (_, bin) => 10 * 1.001 ** (bin % 20_000));
  let [worstMs, pauseMs] = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    let isDrawn = false;
    const start = performance.now();
    const pause = longestPauseMs(() => isDrawn);
    await source.draw(sigmas);
    isDrawn = true;
    worstMs = Math.max(worstMs, performance.now() - start);
    pauseMs = Math.max(pauseMs, await pause);
  }
  return [
    { name: `noise for ${BINS} bins, thread and all, at worst`, unit: 'ms', value: worstMs },
    { name: 'longest pause of the busy event loop meanwhile, at worst', unit: 'ms', value: pauseMs },
  ];
}

function longestPauseMs(isOver: () => boolean): Promise<number> {
  return new Promise((resolve) => {
    let longest = 0;
    let last = performance.now();
    const look = (): void => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (isOver()) resolve(longest);
      else setImmediate(look);
    };
    setImmediate(look);
  });
}

function benchAllocation(): BenchRow[] {
  const request: NoiseRequest = {
    epsilon: 0.3,
    delta: 1e-3,
    excessNoiseRatio: 3,
    counters: Array.from({ length: COUNTERS }, (_, at) => ({
      name: `C${at}`,
      sensitivity: 1 + (at % 997) ** 2,
      estimatedValue: 1 + (at % 7919) ** 3,
    })),
  };
  return (['joint', 'privcount'] as const).map((allocator) => ({
    name: `allocator ${allocator} over ${COUNTERS} counters`,
    unit: 'ms',
    value: 1000 * bestSeconds(() => allocateNoise(request, { allocator })),
  }));
}

export async function benchNoise(): Promise<BenchRow[]> {
  return [benchSampler(), ...(await benchDraw()), ...benchAllocation()];
}
