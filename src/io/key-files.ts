/**
 * Key files: the Ed25519 seed that is a node's identity. Made with mode 0600 and O_EXCL, and refused when read if
 * anybody else could have read or put them there (design, "network.yaml").
 *
 * The file is JSON: `kind`, `name`, `public` and `seed`, the last two in hexadecimal. Messages never show the seed.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../config/config-error.js';
import { NODE_NAME } from '../core/network.js';
import { fromHex, toHex } from '../core/hex.js';
import { Identity } from '../crypto/identity.js';
import { hasCode, syncFolder, writeDurably } from './files.js';

export type NodeKey = {
  /** The node's name in network.yaml, or `tally`. */
  readonly name: string;
  /** 64 hexadecimal digits. */
  readonly publicKey: string;
  /** The secret. The caller wipes it. */
  readonly seed: Uint8Array;
};

const KIND = 'privcount identity key';
const PRIVATE_MODE = 0o600;
const OTHERS = 0o077;
/** A name of 64 characters, two values of 64 and the punctuation are 330 bytes. */
const FILE_BYTES_MAX = 1024;

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const schema = z.strictObject({
  kind: z.literal(KIND),
  name: z.string().regex(NODE_NAME),
  public: hex32,
  seed: hex32,
});

/** Throws ConfigError if there is a file already: a key is never overwritten. */
export function createKeyFile(path: string, key: NodeKey): void {
  const content = { kind: KIND, name: key.name, public: key.publicKey, seed: toHex(key.seed) };
  const bytes = Buffer.from(`${JSON.stringify(content, undefined, 2)}\n`);
  try {
    writeDurably(path, bytes, PRIVATE_MODE);
    syncFolder(dirname(path));
  } catch (error) {
    if (hasCode(error, 'EEXIST'))
      throw refusal(path, 'is there already', 'a path where no file is, or another folder');
    throw new Error(`can't write the key file ${path}`, { cause: error });
  } finally {
    bytes.fill(0);
  }
}

/** Throws ConfigError unless it is a key file that only its owner can read, and the owner is us. */
export function readKeyFile(path: string): NodeKey {
  const bytes = readPrivateFile(path, FILE_BYTES_MAX);
  try {
    return parseKey(path, bytes.toString('utf8'));
  } finally {
    bytes.fill(0);
  }
}

/** The bytes of a file of secrets, such as the TLS key. Throws ConfigError as `readKeyFile` does. */
export function readPrivateFile(path: string, bytesMax: number): Buffer {
  const descriptor = openKeyFile(path);
  try {
    checkPrivate(path, fstatSync(descriptor), bytesMax);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The last part of the path is not followed if it is a link, and opening a pipe does not wait. */
function openKeyFile(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      throw refusal(path, 'is missing', 'a key file, as `privcount keygen` or `privcount init` makes it');
    }
    if (hasCode(error, 'ELOOP')) throw refusal(path, 'is a symbolic link', 'the key file itself');
    if (hasCode(error, 'EACCES')) throw refusal(path, "can't be read by this user", 'a file of this user');
    throw new Error(`can't open the key file ${path}`, { cause: error });
  }
}

function checkPrivate(path: string, stats: Stats, bytesMax: number): void {
  if (!stats.isFile()) throw refusal(path, 'is not a plain file', 'a key file');
  const user = process.geteuid?.();
  if (user !== undefined && stats.uid !== user) {
    throw refusal(path, `belongs to user ${stats.uid}`, `a file of the user that runs this node, ${user}`);
  }
  if ((stats.mode & OTHERS) !== 0) {
    const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
    throw refusal(path, `can be used by others (mode ${mode})`, `mode 0600: chmod 600 ${path}`);
  }
  if (stats.size > bytesMax) {
    throw refusal(path, `has ${stats.size} bytes`, `a key file, which has less than ${bytesMax}`);
  }
}

function parseKey(path: string, text: string): NodeKey {
  const result = schema.safeParse(parseJson(text));
  if (!result.success) {
    const keys = [...new Set(result.error.issues.map(({ path: [key] }) => String(key ?? 'the whole')))];
    throw refusal(
      path,
      `is not a key file: wrong in ${keys.join(', ')}`,
      'a file that `privcount keygen` made',
    );
  }
  const { name, public: publicKey } = result.data;
  const seed = fromHex(result.data.seed);
  if (new Identity(seed).publicKey !== publicKey) {
    throw refusal(path, "has a public key that is not the seed's", 'a file that `privcount keygen` made');
  }
  return { name, publicKey, seed };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The reason that JSON.parse gives quotes the text, and so the seed.
    return undefined;
  }
}

function refusal(path: string, problem: string, wanted: string): ConfigError {
  return new ConfigError([{ file: path, key: '', problem, wanted }]);
}
