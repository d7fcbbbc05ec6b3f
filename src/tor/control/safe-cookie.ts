/**
 * SAFECOOKIE: relay and client show each other that they know the cookie, without sending it (spec/tor-control.md,
 * "Authentication"). Whoever listens at the port can name any file as the cookie's, so the relay's proof is checked
 * before ours is made: an impostor learns nothing of the file.
 */
import { toHex } from '../../core/hex.js';

export const COOKIE_BYTES = 32;
export const NONCE_BYTES = 32;
export const HASH_BYTES = 32;

const encoder = new TextEncoder();
const RELAY_KEY = encoder.encode('Tor safe cookie authentication server-to-controller hash');
const CLIENT_KEY = encoder.encode('Tor safe cookie authentication controller-to-server hash');

export type CookiePrimitives = {
  readonly hmacSha256: (key: Uint8Array, message: Uint8Array) => Uint8Array;
  /** In a time that depends on the lengths only. */
  readonly isEqualInConstantTime: (left: Uint8Array, right: Uint8Array) => boolean;
};

export type Nonces = { readonly clientNonce: Uint8Array; readonly serverNonce: Uint8Array };

function proof(
  key: Uint8Array,
  cookie: Uint8Array,
  nonces: Nonces,
  primitives: CookiePrimitives,
): Uint8Array {
  const message = new Uint8Array(COOKIE_BYTES + 2 * NONCE_BYTES);
  message.set(cookie);
  message.set(nonces.clientNonce, COOKIE_BYTES);
  message.set(nonces.serverNonce, COOKIE_BYTES + NONCE_BYTES);
  const hash = primitives.hmacSha256(key, message);
  message.fill(0);
  return hash;
}

/** What the relay proves the cookie with: SERVERHASH. */
export function relayProof(cookie: Uint8Array, nonces: Nonces, primitives: CookiePrimitives): Uint8Array {
  return proof(RELAY_KEY, cookie, nonces, primitives);
}

/** What the client proves the cookie with: the argument of AUTHENTICATE. */
export function clientProof(cookie: Uint8Array, nonces: Nonces, primitives: CookiePrimitives): Uint8Array {
  return proof(CLIENT_KEY, cookie, nonces, primitives);
}

export type Challenge = Nonces & { readonly serverHash: Uint8Array };

/** The client's answer in hexadecimal, or undefined if the relay's hash shows that it does not know the cookie. */
export function answerChallenge(
  cookie: Uint8Array,
  challenge: Challenge,
  primitives: CookiePrimitives,
): string | undefined {
  const expected = relayProof(cookie, challenge, primitives);
  if (!primitives.isEqualInConstantTime(expected, challenge.serverHash)) return undefined;
  return toHex(clientProof(cookie, challenge, primitives)).toUpperCase();
}
