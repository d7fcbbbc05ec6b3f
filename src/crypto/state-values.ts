/**
 * How a value lies on a node's disk: unreadable without the node's state key, and only as the value of the entry that it was
 * written for, so that nobody can put one in another's place.
 *
 *     encrypted = salt (24) | authenticator (16) | ChaCha20-Poly1305(value)
 *     key       = HKDF-SHA-256(state key, parts(tag, entry's key, salt))
 *
 * Each value has a key of its own by its fresh salt, so the nonce may be zero (doc/decisions/0018). OpenSSL's cipher takes
 * 1 ms for the largest vector of a round, and tweetnacl's 30, in which no event would be counted.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { encodeParts } from '../core/parts.js';
import { hkdfSha256 } from './primitives.js';
import { STATE_KEY_BYTES } from './state-key.js';

/** So many that two values never have the same by chance. */
export const STATE_SALT_BYTES = 24;
const CIPHER = 'chacha20-poly1305';
const AUTHENTICATOR = { authTagLength: 16 };
const ZERO_NONCE = new Uint8Array(12);

type ValuePlace = { readonly stateKey: Uint8Array; readonly entryKey: string };

/** `salt` are STATE_SALT_BYTES fresh random bytes, never used again. Throws RangeError for a salt or key of another length. */
export function encryptValue(value: Uint8Array, at: ValuePlace & { readonly salt: Uint8Array }): Uint8Array {
  if (at.salt.length !== STATE_SALT_BYTES) {
    throw new RangeError(`a salt has ${STATE_SALT_BYTES} bytes, not ${at.salt.length}`);
  }
  const key = valueKey(at, at.salt);
  const cipher = createCipheriv(CIPHER, key, ZERO_NONCE, AUTHENTICATOR);
  const content = cipher.update(value);
  cipher.final();
  key.fill(0);
  return Buffer.concat([at.salt, cipher.getAuthTag(), content]);
}

/** The value; undefined if it was encrypted under another key or for another entry, or any bit of it has changed. */
export function decryptValue(encrypted: Uint8Array, at: ValuePlace): Uint8Array | undefined {
  const contentFrom = STATE_SALT_BYTES + AUTHENTICATOR.authTagLength;
  if (encrypted.length < contentFrom) return undefined;
  const key = valueKey(at, encrypted.subarray(0, STATE_SALT_BYTES));
  const decipher = createDecipheriv(CIPHER, key, ZERO_NONCE, AUTHENTICATOR);
  key.fill(0);
  decipher.setAuthTag(encrypted.subarray(STATE_SALT_BYTES, contentFrom));
  const value = new Uint8Array(decipher.update(encrypted.subarray(contentFrom)));
  try {
    decipher.final();
  } catch {
    // The only fault that is left is an authenticator that does not fit.
    value.fill(0);
    return undefined;
  }
  return value;
}

function valueKey({ stateKey, entryKey }: ValuePlace, salt: Uint8Array): Uint8Array {
  if (stateKey.length !== STATE_KEY_BYTES) {
    throw new RangeError(`a state key has ${STATE_KEY_BYTES} bytes, not ${stateKey.length}`);
  }
  return hkdfSha256(stateKey, encodeParts(['privcount state value 1', entryKey, salt]), STATE_KEY_BYTES);
}
