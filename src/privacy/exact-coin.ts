/**
 * Exact coins: true with a probability that is a fraction of whole numbers or e to the power of minus one, without
 * floating point (Canonne, Kamath, Steinke, arXiv 2004.00010, algorithm 1).
 *
 * Hot path. A coin compares a uniform number U in [0, 1), of which it draws 32 bits at a time, with its probability, of
 * which it first knows 16 leading bits. All these numbers are integers up to 2^53, which a double holds exactly. Where
 * the leading bits don't decide, once in some 2^15 coins, bigints go on with the same U. The plain version is the
 * comparison of bigints in test/privacy/exact-coin.test.ts.
 */
import { type RandomWords } from './random-words.js';

/** 32 bits of U, times 16 leading bits, times a divisor of 5 bits: 53 bits. */
export const TOP_BITS = 16;
const DIVISORS_MAX = 31;
const WORD_VALUES = 2 ** 32;

/**
 * A fraction of whole numbers, 0 <= numerator <= denominator, and both divided by one power of two, such that
 * 2^15 <= denominatorTop < 2^16, and rounded down.
 */
export type Fraction = {
  readonly numerator: bigint | number;
  readonly denominator: bigint | number;
  readonly numeratorTop: number;
  readonly denominatorTop: number;
};

const ONE: Fraction = { numerator: 1, denominator: 1, numeratorTop: 2 ** 15, denominatorTop: 2 ** 15 };

/** Guarantee: true with probability exactly e^-1, given uniform words. */
export function tossExpMinusOne(words: RandomWords): boolean {
  return tossExpMinus(ONE, words);
}

/** Guarantee: true with probability exactly e^-fraction, given uniform words. */
export function tossExpMinus(fraction: Fraction, words: RandomWords): boolean {
  let divisor = 1;
  while (tossFraction(fraction, divisor, words)) divisor += 1;
  return divisor % 2 === 1;
}

/** Guarantee: true with probability exactly fraction / divisor, given uniform words. */
export function tossFraction(fraction: Fraction, divisor: number, words: RandomWords): boolean {
  const { numeratorTop, denominatorTop } = fraction;
  const word = words.next();
  if (divisor <= DIVISORS_MAX) {
    if ((word + 1) * (denominatorTop + 1) * divisor <= numeratorTop * WORD_VALUES) return true;
    if (word * denominatorTop * divisor >= (numeratorTop + 1) * WORD_VALUES) return false;
  }
  return tossSlowly(fraction, { divisor, firstWord: word }, words);
}

/** Compares U, whose first 32 bits are given, with the fraction: long division, 32 bits of quotient at a time. */
function tossSlowly(
  fraction: Fraction,
  drawn: { divisor: number; firstWord: number },
  words: RandomWords,
): boolean {
  const denominator = BigInt(fraction.denominator) * BigInt(drawn.divisor);
  let rest = BigInt(fraction.numerator);
  for (let word = drawn.firstWord; ; word = words.next()) {
    rest = (rest << 32n) - BigInt(word) * denominator;
    if (rest <= 0n) return false;
    if (rest >= denominator) return true;
  }
}
