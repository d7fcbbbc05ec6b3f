/**
 * Identities: Ed25519 (RFC 8032) key pairs, made from a seed of 32 bytes. The public half, as 64 hexadecimal digits, is
 * what network.yaml lists.
 */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { encodeParts } from '../core/parts.js';
import { fromHex, toHex } from '../core/hex.js';
import { sha256 } from './primitives.js';

export const IDENTITY_SEED_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** RFC 8410: what stands before the 32 bytes of a seed in PKCS #8, and of a public key in SubjectPublicKeyInfo. */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420');
const SPKI_PREFIX = fromHex('302a300506032b6570032100');

/**
 * The points of small order in each encoding that is read as one of them, without the sign bit. OpenSSL takes them as keys,
 * and anybody can make signatures for them: a field of zeros left in network.yaml would be everybody's identity.
 */
const SMALL_ORDER_KEYS: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** A key pair that signs and never shows its private half. */
export class Identity {
  /** The public key as 64 hexadecimal digits. */
  readonly publicKey: string;
  readonly #key: KeyObject;

  /** Throws RangeError unless the seed has 32 bytes. The caller may wipe the seed afterwards. */
  constructor(seed: Uint8Array) {
    if (seed.length !== IDENTITY_SEED_BYTES) {
      throw new RangeError(`an identity's seed has ${IDENTITY_SEED_BYTES} bytes, not ${seed.length}`);
    }
    const der = Buffer.concat([PKCS8_PREFIX, seed]);
    this.#key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.publicKey = toHex(spki.subarray(SPKI_PREFIX.length));
  }

  /** The signature of 64 bytes; the same for the same message. */
  sign(message: Uint8Array): Uint8Array {
    return new Uint8Array(sign(null, message, this.#key));
  }

  toString(): string {
    return `[identity ${this.publicKey}]`;
  }
}

/** False, never an exception, for anything that isn't this key's signature of this message. */
export function isSignedBy(publicKey: string, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  try {
    const key = verifyingKey(publicKey);
    return key !== undefined && verify(null, message, key, signature);
  } catch {
    // OpenSSL 3.0 answers false for bytes that are no point of the curve; a version that throws means the same.
    return false;
  }
}

/** As many as a network has nodes; making a key object takes as long as a check. */
const VERIFYING_KEYS_MAX = 8192;
const verifyingKeys = new Map<string, KeyObject>();

function verifyingKey(publicKey: string): KeyObject | undefined {
  const known = verifyingKeys.get(publicKey);
  if (known !== undefined) return known;
  if (!/^[0-9a-f]{64}$/.test(publicKey)) return undefined;
  if (isOfSmallOrder(publicKey)) return undefined;
  const der = Buffer.concat([SPKI_PREFIX, fromHex(publicKey)]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (verifyingKeys.size >= VERIFYING_KEYS_MAX) verifyingKeys.clear();
  verifyingKeys.set(publicKey, key);
  return key;
}

/** True for a public key, as 64 hexadecimal digits, that anybody can make signatures for. No identity may be one. */
export function isOfSmallOrder(publicKey: string): boolean {
  const key = fromHex(publicKey);
  return SMALL_ORDER_KEYS.has(toHex(key.with(31, key[31]! & 0x7f)));
}

/**
 * The seed of a test identity, which anybody can compute: so anybody can tell that a network is a test network, and
 * refuse noise off or seeded noise in any other (design, section 6).
 */
export function testIdentitySeed({ network, node }: { network: string; node: string }): Uint8Array {
  return sha256(encodeParts(['privcount test key', network, node]));
}
