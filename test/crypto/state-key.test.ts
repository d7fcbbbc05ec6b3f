import { expect } from 'chai';
import fc from 'fast-check';
import { fromHex, toHex } from '../../src/core/hex.js';
import { Identity } from '../../src/crypto/identity.js';
import { STATE_KEY_BYTES, stateKey } from '../../src/crypto/state-key.js';
import { decryptValue, encryptValue, STATE_SALT_BYTES } from '../../src/crypto/state-values.js';

/** Both computed by an independent program: the signature by OpenSSL's tool, HKDF and RFC 8439 in Python. */
const KEY = '74e18ce8426ecca0f4cfd975744e98c1717e386961cfad49821c89192260cc8b';
const ENCRYPTED =
  '000102030405060708090a0b0c0d0e0f1011121314151617' +
  '14122fc517dfa82f3ca446aa98e81a56' +
  'b85c97a777c58b190234cec3f92304a6cd94bae7ca76176384e476';

const seed = Uint8Array.from({ length: 32 }, (_, at) => at + 1);
const salt = Uint8Array.from({ length: STATE_SALT_BYTES }, (_, at) => at);
const value = new TextEncoder().encode('what a node must not forget');
const place = { stateKey: fromHex(KEY), entryKey: 'round/1' };

describe("the key of a node's state", () => {
  it('is what another program computes', () => {
    expect(toHex(stateKey(new Identity(seed)))).to.equal(KEY);
  });

  it('is the same each time, and in an array of its own that can be wiped', () => {
    const identity = new Identity(seed);
    stateKey(identity).fill(0);
    expect(toHex(stateKey(identity))).to.equal(KEY);
  });

  it('is another for another identity', () => {
    expect(toHex(stateKey(new Identity(seed.with(0, 2))))).not.to.equal(KEY);
  });
});

describe("values of a node's state", () => {
  it('are encrypted as another program does it', () => {
    expect(toHex(encryptValue(value, { ...place, salt }))).to.equal(ENCRYPTED);
    expect(decryptValue(fromHex(ENCRYPTED), place)).to.deep.equal(value);
  });

  it('are the same after a round trip, of any length', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(
        fc.uint8Array({ size: 'large' }),
        bytes(STATE_KEY_BYTES),
        bytes(STATE_SALT_BYTES),
        (content, key, fresh) => {
          const at = { stateKey: key, entryKey: 'a/b' };
          const encrypted = encryptValue(content, { ...at, salt: fresh });
          expect(encrypted).to.have.length(content.length + STATE_SALT_BYTES + 16);
          expect(decryptValue(encrypted, at)).to.deep.equal(content);
        },
      ),
    );
  });

  it('do not open with any bit of them changed, nor any cut', () => {
    const encrypted = fromHex(ENCRYPTED);
    for (let at = 0; at < encrypted.length; at += 1) {
      expect(decryptValue(encrypted.with(at, encrypted[at]! ^ (1 << (at % 8))), place)).to.equal(undefined);
      expect(decryptValue(encrypted.subarray(0, at), place)).to.equal(undefined);
    }
    expect(decryptValue(Buffer.concat([encrypted, Uint8Array.of(0)]), place)).to.equal(undefined);
  });

  it('do not open under another key, nor as another entry', () => {
    const encrypted = fromHex(ENCRYPTED);
    expect(decryptValue(encrypted, { ...place, entryKey: 'round/2' })).to.equal(undefined);
    expect(decryptValue(encrypted, { ...place, entryKey: 'round/' })).to.equal(undefined);
    const otherKey = place.stateKey.with(31, place.stateKey[31]! ^ 1);
    expect(decryptValue(encrypted, { ...place, stateKey: otherKey })).to.equal(undefined);
  });

  it('have nothing in common when the same is encrypted again', () => {
    const again = encryptValue(value, { ...place, salt: salt.with(0, 255) });
    const same = [...again].filter((byte, at) => at >= STATE_SALT_BYTES && byte === fromHex(ENCRYPTED)[at]);
    expect(same.length).to.be.lessThan(4);
  });

  it('need a salt and a key of the right length', () => {
    for (const length of [0, STATE_SALT_BYTES - 1, STATE_SALT_BYTES + 1]) {
      expect(() => encryptValue(value, { ...place, salt: new Uint8Array(length) })).to.throw(
        RangeError,
        'salt',
      );
    }
    for (const length of [0, STATE_KEY_BYTES - 1, STATE_KEY_BYTES + 1]) {
      const wrong = { ...place, stateKey: new Uint8Array(length) };
      expect(() => encryptValue(value, { ...wrong, salt })).to.throw(RangeError, 'state key');
      expect(() => decryptValue(fromHex(ENCRYPTED), wrong)).to.throw(RangeError, 'state key');
    }
  });
});
