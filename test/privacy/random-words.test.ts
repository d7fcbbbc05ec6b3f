import { expect } from 'chai';
import {
  BUFFERED_BYTES,
  RandomWords,
  uniformBelow,
  uniformBigBelow,
} from '../../src/privacy/random-words.js';
import { seededBytes } from './seeded-bytes.js';

/** A source whose first words are the given ones; the rest are 0. */
function scripted(...script: number[]): RandomWords {
  const bytes = new Uint8Array(BUFFERED_BYTES);
  script.forEach((word, at) => new DataView(bytes.buffer).setUint32(4 * at, word, true));
  return new RandomWords(() => bytes);
}

describe('RandomWords', () => {
  it('gives the words of the source, low byte first, and fetches more when they are used up', () => {
    let calls = 0;
    const words = new RandomWords((length) => {
      calls += 1;
      return new Uint8Array(length).fill(calls);
    });
    const taken = Array.from({ length: BUFFERED_BYTES / 4 + 1 }, () => words.next());
    expect(new Set(taken.slice(0, -1))).to.deep.equal(new Set([0x01010101]));
    expect(taken.at(-1)).to.equal(0x02020202);
    expect(scripted(0x04030201).next()).to.equal(0x04030201);
  });

  it('erases the bytes that it was given, and never gives erased words after a wipe', () => {
    const given: Uint8Array[] = [];
    const words = new RandomWords((length) => {
      given.push(new Uint8Array(length).fill(7));
      return given.at(-1)!;
    });
    words.next();
    expect(given[0]!.every((byte) => byte === 0)).to.equal(true);
    words.wipe();
    expect(words.next()).to.equal(0x07070707);
    expect(given).to.have.length(2);
  });

  it('refuses a source that gives too few bytes', () => {
    const words = new RandomWords(() => new Uint8Array(3));
    expect(() => words.next()).to.throw(RangeError, 'gave 3 bytes instead of 16384');
  });
});

describe('uniformBelow', () => {
  it('takes the leading bits of a word, and draws again at the bound', () => {
    expect(uniformBelow(1, scripted(0xffffffff))).to.equal(0);
    expect(uniformBelow(2, scripted(0x80000000))).to.equal(1);
    expect(uniformBelow(3, scripted(0xc0000000, 0x80000000))).to.equal(2);
    expect(uniformBelow(2 ** 32, scripted(0xffffffff))).to.equal(0xffffffff);
  });

  it('takes two words for bounds above 2^32', () => {
    expect(uniformBelow(2 ** 32 + 1, scripted(0x80000000, 5, 0x80000000, 0))).to.equal(2 ** 32);
    expect(uniformBelow(2 ** 53 - 1, scripted(0xffffffff, 0xffffffff, 0xffffffff, 0xfffffffe))).to.equal(
      2 ** 53 - 2,
    );
  });

  it('is as likely to be each number below a bound', () => {
    const words = new RandomWords(seededBytes(1));
    for (const bound of [3, 7, 10]) {
      const counts = new Array<number>(bound).fill(0);
      for (let draw = 0; draw < 1000 * bound; draw += 1) counts[uniformBelow(bound, words)]! += 1;
      for (const count of counts) expect(count).to.be.within(850, 1150);
    }
  });
});

describe('uniformBigBelow', () => {
  it('takes as many words as the bound has, and draws again at the bound', () => {
    expect(uniformBigBelow(1n << 64n, scripted(1, 2))).to.equal((1n << 32n) + 2n);
    expect(uniformBigBelow(3n, scripted(0xc0000000, 0x40000000))).to.equal(1n);
    expect(uniformBigBelow(1n, scripted(0))).to.equal(0n);
    expect(uniformBigBelow((1n << 64n) + 1n, scripted(0x80000000, 0, 0, 0x80000000, 0, 0x80000000))).to.equal(
      1n << 64n,
    );
  });
});
