import { expect } from 'chai';
import fc from 'fast-check';
import { type Fraction, tossExpMinus, tossExpMinusOne, tossFraction } from '../../src/privacy/exact-coin.js';
import { BUFFERED_BYTES, RandomWords } from '../../src/privacy/random-words.js';
import { seededBytes } from './seeded-bytes.js';

const SCRIPTED_WORDS = 8;

/** A source whose first words are the given ones, and how many were taken. */
function scripted(script: readonly number[]): RandomWords {
  const bytes = new Uint8Array(BUFFERED_BYTES);
  script.forEach((word, at) => new DataView(bytes.buffer).setUint32(4 * at, word, true));
  return new RandomWords(() => bytes);
}

function toFraction(numerator: bigint, denominator: bigint): Fraction {
  const shift = BigInt(denominator.toString(2).length - 16);
  const top = (value: bigint): number => Number(shift < 0n ? value << -shift : value >> shift);
  return { numerator, denominator, numeratorTop: top(numerator), denominatorTop: top(denominator) };
}

/** The plain version: U, of 256 bits, is below numerator / (denominator * divisor). */
function isBelow(script: readonly number[], fraction: Fraction, divisor: number): boolean {
  const u = script.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
  const denominator = BigInt(fraction.denominator) * BigInt(divisor);
  return u * denominator < BigInt(fraction.numerator) << BigInt(32 * script.length);
}

const fractions = fc
  .tuple(
    fc.bigInt({ min: 1n, max: 1n << 200n }),
    fc.integer({ min: 0, max: 190 }),
    fc.bigInt({ min: 0n, max: 1n << 64n }),
  )
  .map(([wide, shift, part]) => {
    const denominator = (wide >> BigInt(shift)) + 1n;
    return toFraction((denominator * part) >> 64n, denominator);
  });
const scripts = fc.array(fc.integer({ min: 0, max: 0xffffffff }), {
  minLength: SCRIPTED_WORDS,
  maxLength: SCRIPTED_WORDS,
});
const divisors = fc.integer({ min: 1, max: 40 });

describe('tossFraction', () => {
  it('decides as the comparison of bigints does, for any fraction, divisor and words', () => {
    fc.assert(
      fc.property(fractions, divisors, scripts, (fraction, divisor, script) => {
        expect(tossFraction(fraction, divisor, scripted(script))).to.equal(
          isBelow(script, fraction, divisor),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('decides so too where U begins as the fraction does, up to the last of 256 bits', () => {
    fc.assert(
      fc.property(
        fractions,
        divisors,
        fc.integer({ min: -2, max: 2 }),
        fc.nat(255),
        (fraction, divisor, off, bit) => {
          const near =
            (BigInt(fraction.numerator) << 256n) / (BigInt(fraction.denominator) * BigInt(divisor)) +
            (BigInt(off) << BigInt(bit));
          fc.pre(near >= 0n && near < 1n << 256n);
          const script = Array.from({ length: SCRIPTED_WORDS }, (_, word) =>
            Number((near >> BigInt(32 * (SCRIPTED_WORDS - 1 - word))) & 0xffffffffn),
          );
          // A U equal to the fraction in all 256 bits is decided by words beyond them, which are 0 here.
          expect(tossFraction(fraction, divisor, scripted(script))).to.equal(
            isBelow(script, fraction, divisor),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is always true of 1 and never of 0', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        expect(tossFraction(toFraction(5n, 5n), 1, scripted(script))).to.equal(true);
        expect(tossFraction(toFraction(0n, 5n), 1, scripted(script))).to.equal(false);
      }),
    );
    const ones = Array.from({ length: SCRIPTED_WORDS }, () => 0xffffffff);
    expect(tossFraction(toFraction(1n, 1n), 1, scripted(ones))).to.equal(true);
  });
});

describe('tossExpMinus', () => {
  it('is true as often as e to the minus one and other powers', () => {
    const words = new RandomWords(seededBytes(2));
    const tosses = 200_000;
    const share = (toss: () => boolean): number => {
      let heads = 0;
      for (let at = 0; at < tosses; at += 1) if (toss()) heads += 1;
      return heads / tosses;
    };
    // Four standard deviations of a share of 200,000 tosses are at most 0.0045.
    expect(share(() => tossExpMinusOne(words))).to.be.closeTo(Math.exp(-1), 0.0045);
    for (const [numerator, denominator] of [
      [0n, 7n],
      [1n, 3n],
      [9n, 10n],
      [10n, 10n],
    ] as const) {
      const fraction = toFraction(numerator, denominator);
      const wanted = Math.exp(-Number(numerator) / Number(denominator));
      expect(share(() => tossExpMinus(fraction, words))).to.be.closeTo(wanted, 0.0045);
    }
  });
});
