import { expect } from 'chai';
import { fromHex, toHex } from '../../src/core/hex.js';
import {
  hkdfSha256,
  hmacSha256,
  isEqualInConstantTime,
  nodePrimitives,
  sha256,
} from '../../src/crypto/primitives.js';
import { maskVectors } from '../support/mask-vectors.js';

describe('SHA-256', () => {
  it('is that of FIPS 180-4', () => {
    const text = (content: string): Uint8Array => new TextEncoder().encode(content);
    expect(toHex(sha256(text('')))).to.equal(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(toHex(sha256(text('abc')))).to.equal(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(nodePrimitives.sha256(text('abc'))).to.deep.equal(sha256(text('abc')));
  });
});

describe('HMAC with SHA-256', () => {
  /** RFC 4231, 4.2, 4.3 and 4.7: a short key, a text as the key, and a key longer than a block. */
  const vectors = [
    ['0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      '4a656665',
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      'aa'.repeat(131),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ] as const;
  for (const [key, message, digest] of vectors) {
    it(`is that of RFC 4231 for "${message}"`, () => {
      expect(toHex(hmacSha256(fromHex(key), new TextEncoder().encode(message)))).to.equal(digest);
    });
  }
});

describe('HKDF with SHA-256 and no salt', () => {
  for (const { from, secret, info, length, output } of maskVectors.hkdfSha256) {
    it(`agrees with ${from}`, () => {
      expect(toHex(hkdfSha256(fromHex(secret), fromHex(info), length))).to.equal(output);
      expect(toHex(nodePrimitives.hkdfSha256(fromHex(secret), fromHex(info), length))).to.equal(output);
    });
  }

  it('takes 1,024 bytes of info and throws on one more', () => {
    expect(hkdfSha256(new Uint8Array(32), new Uint8Array(1024), 32)).to.have.length(32);
    expect(() => hkdfSha256(new Uint8Array(32), new Uint8Array(1025), 32)).to.throw(RangeError);
  });

  it('takes the bytes of a view, wherever they lie', () => {
    const whole = new Uint8Array(50).map((_, at) => at);
    const view = whole.subarray(7, 39);
    expect(hkdfSha256(view, view, 40)).to.deep.equal(hkdfSha256(view.slice(), view.slice(), 40));
  });
});

describe('the AES-256 key stream from a zero counter', () => {
  for (const { from, key, length, stream } of maskVectors.aes256CtrKeyStream) {
    it(`agrees with ${from}`, () => {
      expect(toHex(nodePrimitives.aes256CtrKeyStream(fromHex(key), length))).to.equal(stream);
    });
  }

  it('begins the same whatever its length', () => {
    const key = sha256(Uint8Array.of(1));
    const long = toHex(nodePrimitives.aes256CtrKeyStream(key, 100_000));
    expect(long.slice(0, 66)).to.equal(toHex(nodePrimitives.aes256CtrKeyStream(key, 33)));
  });

  for (const length of [0, 16, 31, 33]) {
    it(`refuses a key of ${length} bytes`, () => {
      expect(() => nodePrimitives.aes256CtrKeyStream(new Uint8Array(length), 16)).to.throw(RangeError);
    });
  }
});

describe('comparison in constant time', () => {
  it('tells equal bytes from others', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(isEqualInConstantTime(bytes, Uint8Array.of(0, 1, 2, 3).subarray(1))).to.be.true;
    expect(isEqualInConstantTime(bytes, Buffer.from(bytes))).to.be.true;
    for (const other of [[1, 2, 4], [0, 2, 3], [1, 2], [1, 2, 3, 0], []]) {
      expect(isEqualInConstantTime(bytes, Uint8Array.from(other))).to.be.false;
    }
    expect(isEqualInConstantTime(new Uint8Array(0), new Uint8Array(0))).to.be.true;
  });
});
