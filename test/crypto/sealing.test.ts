import { expect } from 'chai';
import fc from 'fast-check';
import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { fromHex, toHex } from '../../src/core/hex.js';
import { sha256 } from '../../src/crypto/primitives.js';
import {
  isX25519PublicKey,
  openSealed,
  seal,
  SEAL_OVERHEAD_BYTES,
  X25519_KEY_BYTES,
  x25519PublicKey,
  x25519SharedSecret,
} from '../../src/crypto/sealing.js';

function withFlippedBit(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.with(bit >>> 3, bytes[bit >>> 3]! ^ (1 << (bit & 7)));
}

/** The other implementation at hand: OpenSSL's, through Node. */
function openSslSharedSecret({
  secretKey,
  publicKey,
}: {
  secretKey: Uint8Array;
  publicKey: Uint8Array;
}): string {
  const pkcs8 = Buffer.concat([fromHex('302e020100300506032b656e04220420'), secretKey]);
  const spki = Buffer.concat([fromHex('302a300506032b656e032100'), publicKey]);
  return diffieHellman({
    privateKey: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
  }).toString('hex');
}

const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

/**
 * The u-coordinates of small order, on the curve and on its twist: 0, 1, -1, the two of order 8, and p and p + 1 which stand
 * for 0 and 1. The highest bit is not looked at (RFC 7748, section 5), so each has two encodings.
 */
const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].flatMap((key) => [fromHex(key), withFlippedBit(fromHex(key), 255)]);

describe('X25519', () => {
  it('agrees with the two vectors of RFC 7748, section 5.2', () => {
    const vectors = [
      [
        'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
        'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
        'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
      ],
      [
        '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
        'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
        '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
      ],
    ] as const;
    for (const [scalar, u, output] of vectors) {
      expect(toHex(x25519SharedSecret(fromHex(scalar), fromHex(u))!)).to.equal(output);
    }
  });

  it('agrees with RFC 7748, section 5.2, after 1 and 1,000 iterations', () => {
    let k = new Uint8Array(32).with(0, 9);
    let u = k;
    const after = new Map<number, string>();
    for (let iteration = 1; iteration <= 1000; iteration += 1) {
      const result = x25519SharedSecret(k, u)!;
      u = k;
      k = new Uint8Array(result);
      after.set(iteration, toHex(k));
    }
    expect(after.get(1)).to.equal('422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079');
    expect(after.get(1000)).to.equal('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
  });

  it('agrees with the exchange of RFC 7748, section 6.1', () => {
    const alice = fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = fromHex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    expect(toHex(x25519PublicKey(alice))).to.equal(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    );
    expect(toHex(x25519PublicKey(bob))).to.equal(
      'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    );
    expect(toHex(x25519SharedSecret(alice, x25519PublicKey(bob))!)).to.equal(shared);
    expect(toHex(x25519SharedSecret(bob, x25519PublicKey(alice))!)).to.equal(shared);
  });

  it('agrees with OpenSSL for any keys, canonical or not', () => {
    fc.assert(
      fc.property(key32, key32, (secretKey, publicKey) => {
        const own = x25519SharedSecret(secretKey, publicKey);
        expect(own === undefined ? undefined : toHex(own)).to.equal(
          openSslSharedSecret({ secretKey, publicKey }),
        );
      }),
      { numRuns: 100, examples: [[new Uint8Array(32).fill(255), new Uint8Array(32).fill(255)]] },
    );
  });

  for (const point of smallOrder) {
    it(`refuses the point of small order ${toHex(point).slice(0, 8)}...${toHex(point).slice(-2)}`, () => {
      for (const secret of [1, 2, 3]) {
        expect(x25519SharedSecret(sha256(Uint8Array.of(secret)), point)).to.be.undefined;
      }
      const to = { recipient: point, ephemeralSecret: sha256(Uint8Array.of(4)), context: new Uint8Array(0) };
      expect(seal(Uint8Array.of(1), to)).to.be.undefined;
      const box = Uint8Array.of(...point, ...new Uint8Array(17));
      expect(openSealed(box, { secretKey: sha256(Uint8Array.of(5)), context: new Uint8Array(0) })).to.be
        .undefined;
    });
  }

  it('takes for a key what has a shared secret, and nothing else', () => {
    const secret = sha256(Uint8Array.of(1));
    const agree = (key: Uint8Array): void => {
      expect(isX25519PublicKey(key), toHex(key)).to.equal(x25519SharedSecret(secret, key) !== undefined);
    };
    smallOrder.forEach(agree);
    smallOrder.forEach((point) => agree(withFlippedBit(point, 8)));
    // Numbers from p up stand for small ones.
    for (let u = 0; u < 19; u += 1) agree(fromHex(`${toHex(Uint8Array.of(0xed + u))}${'ff'.repeat(30)}7f`));
    fc.assert(fc.property(key32, agree), { numRuns: 50 });
    for (const length of [0, 31, 33])
      expect(isX25519PublicKey(new Uint8Array(length).fill(9))).to.equal(false);
  });

  for (const length of [0, X25519_KEY_BYTES - 1, X25519_KEY_BYTES + 1]) {
    it(`refuses another's key of ${length} bytes, and throws on a secret of as many`, () => {
      const secret = sha256(Uint8Array.of(1));
      const wrong = new Uint8Array(length).fill(9);
      const context = new Uint8Array(0);
      expect(x25519SharedSecret(secret, wrong)).to.be.undefined;
      expect(seal(wrong, { recipient: wrong, ephemeralSecret: secret, context })).to.be.undefined;
      const message = `an X25519 secret has 32 bytes, not ${length}`;
      const publicKey = x25519PublicKey(secret);
      expect(() => x25519PublicKey(wrong)).to.throw(RangeError, message);
      expect(() => x25519SharedSecret(wrong, publicKey)).to.throw(RangeError, message);
      expect(() => seal(wrong, { recipient: publicKey, ephemeralSecret: wrong, context })).to.throw(
        RangeError,
        message,
      );
      const box = new Uint8Array(SEAL_OVERHEAD_BYTES).fill(9);
      expect(() => openSealed(box, { secretKey: wrong, context })).to.throw(RangeError, message);
    });
  }
});

const secretKey = sha256(new TextEncoder().encode('keeper'));
const recipient = x25519PublicKey(secretKey);
const ephemeralSecret = sha256(new TextEncoder().encode('ephemeral'));
const context = new TextEncoder().encode('round 1, keeper 2');
const payload = Uint8Array.of(1, 2, 3, 4, 5);
const box = seal(payload, { recipient, ephemeralSecret, context })!;

describe('a sealed box', () => {
  it('opens to its payload with the key and in the context it was sealed for', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        key32,
        key32,
        fc.uint8Array(),
        (content, own, fresh, about) => {
          const sealed = seal(content, {
            recipient: x25519PublicKey(own),
            ephemeralSecret: fresh,
            context: about,
          })!;
          expect(sealed).to.have.length(content.length + SEAL_OVERHEAD_BYTES);
          expect(openSealed(sealed, { secretKey: own, context: about })).to.deep.equal(content);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is 48 bytes longer than its payload and begins with the ephemeral public key', () => {
    expect(SEAL_OVERHEAD_BYTES).to.equal(48);
    expect(box).to.have.length(payload.length + 48);
    expect(box.subarray(0, 32)).to.deep.equal(x25519PublicKey(ephemeralSecret));
    const empty = seal(new Uint8Array(0), { recipient, ephemeralSecret, context })!;
    expect(empty).to.have.length(48);
    expect(openSealed(empty, { secretKey, context })).to.deep.equal(new Uint8Array(0));
  });

  it('has the bytes that Python made of the same keys, by hmac, cryptography and a Salsa20 of its own', () => {
    expect(toHex(box)).to.equal(
      'e29d7521911498b837ed692d12a81587898e0ac3f6208eac1069bca82fb6b633487c7c28f84f377f41f504eccf7f6f173c285b18e5',
    );
  });

  it('is refused after any one bit of it has changed', () => {
    for (let bit = 0; bit < 8 * box.length; bit += 1) {
      expect(openSealed(withFlippedBit(box, bit), { secretKey, context }), `bit ${bit}`).to.be.undefined;
    }
  });

  it('is refused if anything is missing from it or follows it', () => {
    for (let length = 0; length < box.length; length += 1) {
      expect(openSealed(box.subarray(0, length), { secretKey, context }), `${length} bytes`).to.be.undefined;
    }
    expect(openSealed(Uint8Array.of(...box, 0), { secretKey, context })).to.be.undefined;
    expect(openSealed(Uint8Array.of(0, ...box), { secretKey, context })).to.be.undefined;
  });

  it('is refused in any other context', () => {
    for (const other of [context.subarray(1), Uint8Array.of(...context, 0), new Uint8Array(0)]) {
      expect(openSealed(box, { secretKey, context: other })).to.be.undefined;
    }
    for (let bit = 0; bit < 8 * context.length; bit += 1) {
      expect(openSealed(box, { secretKey, context: withFlippedBit(context, bit) }), `bit ${bit}`).to.be
        .undefined;
    }
  });

  it('is refused by any other key', () => {
    fc.assert(
      fc.property(key32, (other) => {
        expect(openSealed(box, { secretKey: other, context })).to.be.undefined;
      }),
      { numRuns: 20 },
    );
    expect(openSealed(box, { secretKey: ephemeralSecret, context })).to.be.undefined;
  });

  it('that was sealed to another form of the key is refused by its owner: a key has one name', () => {
    const otherForm = withFlippedBit(recipient, 255);
    const sealed = seal(payload, { recipient: otherForm, ephemeralSecret, context })!;
    expect(openSealed(sealed, { secretKey, context })).to.be.undefined;
  });

  it('with another ephemeral key has another key stream', () => {
    const other = seal(payload, { recipient, ephemeralSecret: sha256(ephemeralSecret), context })!;
    expect(toHex(other.subarray(32))).not.to.equal(toHex(box.subarray(32)));
    expect(toHex(other.subarray(48))).not.to.equal(toHex(box.subarray(48)));
  });

  it('leaves payload, keys and context as they were', () => {
    const given = {
      recipient: recipient.slice(),
      ephemeralSecret: ephemeralSecret.slice(),
      context: context.slice(),
    };
    const content = payload.slice();
    const sealed = seal(content, given)!;
    const own = secretKey.slice();
    expect(openSealed(sealed, { secretKey: own, context: given.context })).to.deep.equal(payload);
    expect([content, given.recipient, given.ephemeralSecret, given.context, own]).to.deep.equal([
      payload,
      recipient,
      ephemeralSecret,
      context,
      secretKey,
    ]);
  });

  it('does not keep the payload: wiping it after sealing changes nothing', () => {
    const content = payload.slice();
    const sealed = seal(content, { recipient, ephemeralSecret, context })!;
    content.fill(0);
    expect(openSealed(sealed, { secretKey, context })).to.deep.equal(payload);
  });
});
