/**
 * The sampler's tails at a probability of 1e-6, by splitting (subset simulation). A sample is a function of the words that
 * the sampler is given. Of many tapes of words, those whose sample is among the largest tenth are kept and changed at random,
 * in a way that keeps uniform tapes uniform and that is taken back where the sample falls below the level; so the conditional
 * distribution stays what it is, and the next level is looked for in it. The tail's probability is the product of the parts.
 */
import { expect } from 'chai';
import { sampleGaussian, toGaussianSampler } from '../../src/privacy/discrete-gaussian.js';
import { RandomWords } from '../../src/privacy/random-words.js';
import { RandomSource } from '../support/random-source.js';
import { discreteGaussianPmf } from '../privacy/statistics.js';
import { print } from './verdict.js';

/** |X| of the sample that these words give. */
type Sampler = (words: RandomWords) => number;

const SIGMA = 100;
const TAPES = 2000;
const KEPT = TAPES / 5;
/** Nine fifths are 1e-6; a tail that ends before is not looked for any longer. */
const LEVELS_MAX = 12;
/** After so many the copies of one tape have parted. */
const CHANGES = 30;
/** A sample rarely takes more words; what comes behind them is the same for all tapes. */
const TAPE_WORDS = 64;
const REST_WORDS = 4096;

const sampler = toGaussianSampler(SIGMA);
const real: Sampler = (words) => Math.abs(Number(sampleGaussian(sampler, words)));

/** Words from a tape instead of a generator. */
class TapedWords extends RandomWords {
  #taken = 0;
  readonly #words: Uint32Array;
  readonly #rest: Uint32Array;

  constructor(words: Uint32Array, rest: Uint32Array) {
    super(() => new Uint8Array(0));
    this.#words = words;
    this.#rest = rest;
  }

  override next(): number {
    const at = this.#taken;
    this.#taken += 1;
    return at < TAPE_WORDS ? this.#words[at]! : this.#rest[(at - TAPE_WORDS) % REST_WORDS]!;
  }
}

type Tape = { readonly words: Uint32Array; readonly reach: number };

/** The probability of |X| >= far. */
function tailBySplitting(draw: Sampler, far: number, seed: number): number {
  const random = new RandomSource(seed);
  const fresh = (length: number): Uint32Array => Uint32Array.from({ length }, () => random.word());
  const rest = fresh(REST_WORDS);
  const play = (words: Uint32Array): Tape => ({ words, reach: draw(new TapedWords(words, rest)) });
  let tapes = Array.from({ length: TAPES }, () => play(fresh(TAPE_WORDS)));
  let probability = 1;
  for (let level = 0; level < LEVELS_MAX; level += 1) {
    const inOrder = [...tapes].sort((left, right) => right.reach - left.reach);
    const floor = Math.min(far, inOrder[KEPT - 1]!.reach);
    const above = inOrder.filter(({ reach }) => reach >= floor);
    probability *= above.length / TAPES;
    if (floor >= far) return probability;
    // Nothing is above the highest level: the tail ends here.
    if (above.length === TAPES) return 0;
    tapes = Array.from({ length: TAPES }, (_, at) => {
      let tape = above[at % above.length]!;
      for (let change = 0; change < CHANGES; change += 1) {
        const changed = play(changedWords(tape.words, random));
        if (changed.reach >= floor) tape = changed;
      }
      return tape;
    });
  }
  return 0;
}

/**
 * A word moved by some power of two, a word anew, all from some place on, or some words put in or taken out: each as likely
 * there as back.
 */
function changedWords(words: Uint32Array, random: RandomSource): Uint32Array {
  const changed = words.slice();
  const at = random.below(TAPE_WORDS);
  const some = 1 + random.below(4);
  const renew = (from: number, to: number): void => {
    for (let place = from; place < Math.min(to, TAPE_WORDS); place += 1) changed[place] = random.word();
  };
  switch (random.below(6)) {
    case 0:
      renew(at, at + 1);
      break;
    case 1:
      renew(at, TAPE_WORDS);
      break;
    case 2:
      changed.copyWithin(at + some, at);
      renew(at, at + some);
      break;
    case 3:
      changed.copyWithin(at, at + some);
      renew(Math.max(at, TAPE_WORDS - some), TAPE_WORDS);
      break;
    default:
      changed[at]! += (random.isLikely(0.5) ? 1 : -1) * 2 ** random.below(32);
  }
  return changed;
}

/** The exact one, by summing the definition. */
function exactTail(far: number): number {
  const pmf = discreteGaussianPmf(SIGMA);
  let sum = 0;
  for (let x = Math.ceil(40 * SIGMA); x >= far; x -= 1) sum += 2 * pmf(x);
  return sum;
}

/** The least integer whose tail is below this. */
function tailPoint(probability: number): number {
  let far = 0;
  while (exactTail(far) > probability) far += 1;
  return far;
}

/** Runs scatter by a third; their mean, over the seeds that were tried, by a fifth. */
const RUNS = 3;
const FACTOR_MAX = 2;

function estimate(draw: Sampler, far: number, runs: number): number {
  let sum = 0;
  for (let seed = 1; seed <= runs; seed += 1) sum += tailBySplitting(draw, far, seed);
  return sum / runs;
}

const MUTANTS: Readonly<Record<string, Sampler>> = {
  'a tail that is cut at 4.5 sigma': (words) => Math.min(real(words), 4.5 * SIGMA - 1),
  'a sigma that is 10 % short': (words) => real(words) * 0.9,
  'a sigma that is 10 % long': (words) => real(words) * 1.1,
};

describe('an attack on the tails of the sampler, by splitting', function () {
  this.timeout(240_000);
  const far = tailPoint(1e-6);
  const exact = exactTail(far);
  const factorOf = (draw: Sampler, runs: number): number => estimate(draw, far, runs) / exact;

  it('finds the exact tail at 1e-6', () => {
    const factor = factorOf(real, RUNS);
    print(
      `P[|X| >= ${far}] of sigma ${SIGMA} is ${exact.toExponential(3)}; found ${factor.toFixed(2)} times that`,
    );
    expect(factor).to.be.within(1 / FACTOR_MAX, FACTOR_MAX);
  });

  for (const [name, mutant] of Object.entries(MUTANTS)) {
    it(`catches ${name}`, () => {
      const factor = factorOf(mutant, 1);
      print(
        `${name}: ${factor.toFixed(2)} times the tail at 1e-6, where ${FACTOR_MAX} either way is suspicious`,
      );
      expect(factor).not.to.be.within(1 / FACTOR_MAX, FACTOR_MAX);
    });
  }
});
