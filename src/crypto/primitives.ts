/** The primitives of src/core by node:crypto. */
import { createCipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { type MaskPrimitives } from '../core/masks.js';

const NO_SALT = new Uint8Array(0);
const FIRST_COUNTER_BLOCK = new Uint8Array(16);

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(message).digest());
}

export function hkdfSha256(secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, NO_SALT, info, length));
}

function aes256CtrKeyStream(key: Uint8Array, length: number): Uint8Array {
  return createCipheriv('aes-256-ctr', key, FIRST_COUNTER_BLOCK).update(new Uint8Array(length));
}

export const nodePrimitives: MaskPrimitives = { hkdfSha256, aes256CtrKeyStream, sha256 };

/** Compares in a time that depends on the lengths only. */
export function isEqualInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** MD5 in hexadecimal, as bytes: the form in which PrivCount's onion lists hide addresses. It protects nothing. */
export function md5Hex(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(createHash('md5').update(bytes).digest('hex'));
}
