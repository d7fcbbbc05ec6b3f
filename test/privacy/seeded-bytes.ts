/** Random bytes that are the same in every run: AES-128 in counter mode, keyed by a number. */
import { createCipheriv } from 'node:crypto';
import { type RandomBytes } from '../../src/privacy/random-words.js';

export function seededBytes(seed: number): RandomBytes {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  return (length) => new Uint8Array(cipher.update(Buffer.alloc(length)));
}
