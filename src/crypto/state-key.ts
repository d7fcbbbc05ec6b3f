/**
 * The key under which a node's state lies on its disk. It follows from the node's identity alone, so there is no second key
 * to keep; it takes the private half, since it is made of a signature. Ed25519 signs the same message the same way each
 * time (RFC 8032), and this message is nothing that a node signs for anybody: no statement begins with this tag.
 *
 *     key = HKDF-SHA-256(Ed25519 signature of parts(tag), parts(tag))
 */
import { encodeParts } from '../core/parts.js';
import { type Identity } from './identity.js';
import { hkdfSha256 } from './primitives.js';

export const STATE_KEY_BYTES = 32;

/** 32 secret bytes, the same whenever they are asked for. The caller wipes them. */
export function stateKey(identity: Identity): Uint8Array {
  const tag = encodeParts(['privcount state key 1']);
  const signature = identity.sign(tag);
  const key = hkdfSha256(signature, tag, STATE_KEY_BYTES);
  signature.fill(0);
  return key;
}
