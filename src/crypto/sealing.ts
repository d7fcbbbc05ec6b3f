/**
 * Sealed boxes: bytes that one X25519 key can open, in one context only (design, "Sealed seeds").
 *
 *     box = ephemeral public key (32) | secretbox(payload, key, nonce 0)
 *     key = HKDF-SHA-256(X25519(ephemeral, recipient), tag, both public keys, context)
 *
 * The key is used once, since the ephemeral key is fresh, so the nonce may be zero. The context is bound by the key: a box
 * does not open in another round, at another keeper, or as another generation. Sealing does not say who sealed: the
 * collector signs the digests of its boxes.
 */
import { scalarMultBase, sharedKey } from '@stablelib/x25519';
import nacl from 'tweetnacl';
import { toHex } from '../core/hex.js';
import { encodeParts } from '../core/parts.js';
import { hkdfSha256 } from './primitives.js';

export const X25519_KEY_BYTES = 32;
/** What a box is longer than its payload: the ephemeral key and the authenticator. */
export const SEAL_OVERHEAD_BYTES = X25519_KEY_BYTES + nacl.secretbox.overheadLength;

const ZERO_NONCE = new Uint8Array(nacl.secretbox.nonceLength);

/** The public key of a secret (RFC 7748). Throws RangeError unless the secret has 32 bytes. */
export function x25519PublicKey(secretKey: Uint8Array): Uint8Array {
  checkSecretKey(secretKey);
  return scalarMultBase(secretKey);
}

/**
 * The shared secret of RFC 7748, section 6.1; undefined if the other key has the wrong length or is of small order, so that
 * it would give a secret that everybody knows. Throws RangeError unless the own secret has 32 bytes.
 */
export function x25519SharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  checkSecretKey(secretKey);
  if (publicKey.length !== X25519_KEY_BYTES) return undefined;
  try {
    return sharedKey(secretKey, publicKey, true);
  } catch {
    // The only fault left is the all-zero result, which `rejectZero` turns into an exception.
    return undefined;
  }
}

/** The library takes a short secret as if zeros followed it. */
function checkSecretKey(secretKey: Uint8Array): void {
  if (secretKey.length !== X25519_KEY_BYTES) {
    throw new RangeError(`an X25519 secret has ${X25519_KEY_BYTES} bytes, not ${secretKey.length}`);
  }
}

/**
 * The u-coordinates of small order, on the curve and on its twist: 0, 1, -1, the two of order 8, and p and p + 1 which stand
 * for 0 and 1. A look at a list, because the tally reads each roster several times and a multiplication takes a millisecond.
 */
const SMALL_ORDER_KEYS: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** False for keys that no secret has a shared secret with, because they are of small order. */
export function isX25519PublicKey(publicKey: Uint8Array): boolean {
  // The highest bit is not looked at (RFC 7748, section 5).
  const u = publicKey.slice();
  u[X25519_KEY_BYTES - 1]! &= 0x7f;
  return publicKey.length === X25519_KEY_BYTES && !SMALL_ORDER_KEYS.has(toHex(u));
}

function boxKey(
  shared: Uint8Array,
  info: { ephemeral: Uint8Array; recipient: Uint8Array; context: Uint8Array },
): Uint8Array {
  return hkdfSha256(
    shared,
    encodeParts(['privcount seal 1', info.ephemeral, info.recipient, info.context]),
    32,
  );
}

/**
 * Seals the payload. `ephemeralSecret` are 32 fresh random bytes, which the caller wipes and never uses again. Undefined if
 * the recipient's key is of small order.
 */
export function seal(
  payload: Uint8Array,
  to: { recipient: Uint8Array; ephemeralSecret: Uint8Array; context: Uint8Array },
): Uint8Array | undefined {
  const shared = x25519SharedSecret(to.ephemeralSecret, to.recipient);
  if (shared === undefined) return undefined;
  const ephemeral = x25519PublicKey(to.ephemeralSecret);
  const key = boxKey(shared, { ephemeral, recipient: to.recipient, context: to.context });
  const box = new Uint8Array(payload.length + SEAL_OVERHEAD_BYTES);
  box.set(ephemeral);
  box.set(nacl.secretbox(payload, ZERO_NONCE, key), X25519_KEY_BYTES);
  shared.fill(0);
  key.fill(0);
  return box;
}

/**
 * The payload; undefined if the box was not sealed for this key and context, or any bit of it has changed. `publicKey` is the
 * secret's other half, for a caller that has it: making it takes as long as opening.
 */
export function openSealed(
  box: Uint8Array,
  by: { secretKey: Uint8Array; publicKey?: Uint8Array; context: Uint8Array },
): Uint8Array | undefined {
  if (box.length < SEAL_OVERHEAD_BYTES) return undefined;
  const ephemeral = box.subarray(0, X25519_KEY_BYTES);
  const shared = x25519SharedSecret(by.secretKey, ephemeral);
  if (shared === undefined) return undefined;
  const key = boxKey(shared, {
    ephemeral,
    recipient: by.publicKey ?? x25519PublicKey(by.secretKey),
    context: by.context,
  });
  const payload = nacl.secretbox.open(box.subarray(X25519_KEY_BYTES), ZERO_NONCE, key);
  shared.fill(0);
  key.fill(0);
  return payload ?? undefined;
}
