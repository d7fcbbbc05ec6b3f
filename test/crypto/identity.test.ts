import { expect } from 'chai';
import fc from 'fast-check';
import { createPublicKey, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { fromHex, toHex } from '../../src/core/hex.js';
import {
  Identity,
  IDENTITY_SEED_BYTES,
  isSignedBy,
  SIGNATURE_BYTES,
  testIdentitySeed,
} from '../../src/crypto/identity.js';
import { sha256 } from '../../src/crypto/primitives.js';

/** RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc). */
const vectors = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
  {
    seed: '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    publicKey: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    message:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    signature:
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  },
];

const seed = sha256(Uint8Array.of(1));
const identity = new Identity(seed);
const message = new TextEncoder().encode('a statement');
const signature = identity.sign(message);

function withFlippedBit(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.with(bit >>> 3, bytes[bit >>> 3]! ^ (1 << (bit & 7)));
}

describe('an identity', () => {
  for (const [at, vector] of vectors.entries()) {
    it(`has the public key and signature of RFC 8032, vector ${at + 1}`, () => {
      const signer = new Identity(fromHex(vector.seed));
      expect(signer.publicKey).to.equal(vector.publicKey);
      expect(toHex(signer.sign(fromHex(vector.message)))).to.equal(vector.signature);
      expect(isSignedBy(vector.publicKey, fromHex(vector.message), fromHex(vector.signature))).to.be.true;
    });
  }

  for (const length of [0, IDENTITY_SEED_BYTES - 1, IDENTITY_SEED_BYTES + 1, 64]) {
    it(`is not made of a seed of ${length} bytes`, () => {
      expect(() => new Identity(new Uint8Array(length))).to.throw(
        RangeError,
        `an identity's seed has 32 bytes, not ${length}`,
      );
    });
  }

  it('signs on after its seed was wiped', () => {
    const wiped = seed.slice();
    const signer = new Identity(wiped);
    wiped.fill(0);
    expect(signer.sign(message)).to.deep.equal(signature);
    expect(signer.publicKey).to.equal(identity.publicKey);
  });

  it('does not change its seed, which may lie anywhere in a buffer', () => {
    const larger = new Uint8Array(40);
    larger.set(seed, 5);
    expect(new Identity(larger.subarray(5, 37)).publicKey).to.equal(identity.publicKey);
    expect(larger.subarray(5, 37)).to.deep.equal(seed);
  });

  it('shows its public key and nothing of its secret, however it is printed', () => {
    const prints = [
      String(identity),
      inspect(identity, { showHidden: true, depth: Infinity, getters: true }),
      JSON.stringify(identity),
      JSON.stringify(Object.getOwnPropertyDescriptors(identity)),
      inspect(Object.assign({}, identity)),
      inspect(structuredClone(identity), { showHidden: true, depth: Infinity }),
    ];
    expect(prints[0]).to.equal(`[identity ${identity.publicKey}]`);
    const secrets = [
      toHex(seed),
      Buffer.from(seed).toString('base64').slice(0, 40),
      seed.join(','),
      seed.join(', '),
    ];
    for (const print of prints) {
      expect(print).to.contain(identity.publicKey);
      for (const secret of secrets) expect(print).not.to.contain(secret);
      expect(print).not.to.match(/private|KeyObject/i);
    }
    expect(Reflect.ownKeys(identity)).to.deep.equal(['publicKey']);
  });
});

describe('a signature', () => {
  it('of anything is good for that, by that key, and the same each time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array(), (ownSeed, content) => {
        const signer = new Identity(ownSeed);
        const signed = signer.sign(content);
        expect(signed).to.have.length(SIGNATURE_BYTES);
        expect(signer.sign(content)).to.deep.equal(signed);
        expect(isSignedBy(signer.publicKey, content, signed)).to.be.true;
        expect(isSignedBy(identity.publicKey, content, signed)).to.equal(
          signer.publicKey === identity.publicKey,
        );
      }),
      { numRuns: 50 },
    );
  });

  it('is refused after any one bit of it has changed', () => {
    for (let bit = 0; bit < 8 * SIGNATURE_BYTES; bit += 1) {
      expect(isSignedBy(identity.publicKey, message, withFlippedBit(signature, bit)), `bit ${bit}`).to.be
        .false;
    }
  });

  it('is refused after any one bit of the message or the key has changed', () => {
    for (let bit = 0; bit < 8 * message.length; bit += 1) {
      expect(isSignedBy(identity.publicKey, withFlippedBit(message, bit), signature), `bit ${bit}`).to.be
        .false;
    }
    const key = fromHex(identity.publicKey);
    for (let bit = 0; bit < 8 * key.length; bit += 1) {
      expect(isSignedBy(toHex(withFlippedBit(key, bit)), message, signature), `bit ${bit}`).to.be.false;
    }
  });

  it('is refused if anything is missing from it or follows it', () => {
    for (const length of [0, 1, 32, 63]) {
      expect(isSignedBy(identity.publicKey, message, signature.subarray(0, length))).to.be.false;
    }
    expect(isSignedBy(identity.publicKey, message, Uint8Array.of(...signature, 0))).to.be.false;
    expect(isSignedBy(identity.publicKey, message.subarray(1), signature)).to.be.false;
    expect(isSignedBy(identity.publicKey, Uint8Array.of(...message, 0), signature)).to.be.false;
  });

  it('has no second form: the order of the group added to its second half is refused (RFC 8032, 5.1.7)', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${toHex(signature.slice(32).reverse())}`) + order;
    const form = Uint8Array.of(
      ...signature.subarray(0, 32),
      ...fromHex(s.toString(16).padStart(64, '0')).reverse(),
    );
    expect(isSignedBy(identity.publicKey, message, form)).to.be.false;
  });
});

describe('a public key', () => {
  const wrong: [string, string][] = [
    ['empty', ''],
    ['one digit short', identity.publicKey.slice(1)],
    ['one byte short', identity.publicKey.slice(2)],
    ['one byte long', `${identity.publicKey}00`],
    ['in upper case, which would be a second name of one node', identity.publicKey.toUpperCase()],
    ['with a line end', `${identity.publicKey}\n`],
    ['with a blank', ` ${identity.publicKey.slice(1)}`],
    ['no hexadecimal text', 'z'.repeat(64)],
    ['in the form that Node exports', `302a300506032b6570032100${identity.publicKey}`],
  ];
  for (const [what, key] of wrong) {
    it(`that is ${what} is nobody's`, () => {
      expect(isSignedBy(key, message, signature)).to.be.false;
    });
  }

  it('of random bytes is nobody the message is from, on the curve or not', () => {
    const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
      fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(32), bytes(64), (key, anything) => {
        expect(isSignedBy(toHex(key), message, signature)).to.be.false;
        expect(isSignedBy(toHex(key), message, anything)).to.be.false;
      }),
      { numRuns: 200 },
    );
  });

  it('is known again, and is still refused another message', () => {
    const signer = new Identity(sha256(Uint8Array.of(7)));
    for (const content of [1, 2, 3].map((byte) => Uint8Array.of(byte))) {
      const signed = signer.sign(content);
      expect(isSignedBy(signer.publicKey, content, signed)).to.be.true;
      expect(isSignedBy(signer.publicKey, message, signed)).to.be.false;
    }
  });

  it('is checked rightly also after more keys than are kept', () => {
    for (let at = 0; at < 8200; at += 1) {
      isSignedBy(toHex(sha256(Uint8Array.of(at & 255, at >>> 8))), message, signature);
    }
    expect(isSignedBy(identity.publicKey, message, signature)).to.be.true;
    expect(isSignedBy(identity.publicKey, message, withFlippedBit(signature, 3))).to.be.false;
  });

  /** All encodings of the eight points of small order that have y below 2^255, with either sign. */
  const smallOrder = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ].flatMap((key) => [fromHex(key), withFlippedBit(fromHex(key), 255)]);

  /** R the neutral point and S zero: good for any message whose hash is a multiple of the key's order. */
  const forged = new Uint8Array(SIGNATURE_BYTES).with(0, 1);
  const messages = Array.from({ length: 40 }, (_, at) => Uint8Array.of(at));

  it('of small order is nobody, though OpenSSL takes signatures for it that anybody can make', () => {
    const taken = smallOrder.map((key) => {
      const der = Buffer.concat([fromHex('302a300506032b6570032100'), key]);
      return messages.filter((content) => {
        expect(isSignedBy(toHex(key), content, forged)).to.be.false;
        try {
          return verify(null, content, createPublicKey({ key: der, format: 'der', type: 'spki' }), forged);
        } catch {
          return false;
        }
      }).length;
    });
    // The danger is real for the first encoding, a field of zeros: every fourth message.
    expect(taken[0]).to.be.above(0);
  });
});

describe('the seed of a test identity', () => {
  it('is SHA-256 of the tag, the network and the node, as Python has it', () => {
    const of = { network: 'demo', node: 'ts' };
    expect(toHex(testIdentitySeed(of))).to.equal(
      'a7e316a3f5ad541cabc27ca9c71f44674634d3c9ceaa72ad4fa00d05bae3d9f4',
    );
    expect(new Identity(testIdentitySeed(of)).publicKey).to.match(/^[0-9a-f]{64}$/);
  });

  it('differs between networks and between nodes', () => {
    const seeds = [
      { network: 'demo', node: 'ts' },
      { network: 'demo', node: 'sk1' },
      { network: 'demot', node: 's' },
      { network: 'dem', node: 'ots' },
    ].map((of) => toHex(testIdentitySeed(of)));
    expect(new Set(seeds).size).to.equal(seeds.length);
  });
});
