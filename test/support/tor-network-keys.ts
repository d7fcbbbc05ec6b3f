/**
 * The keys that must be there before any tor of a private network starts, because every torrc names their fingerprints.
 * They are made here and not by `tor --list-fingerprint`, which takes seconds a relay on a slow machine.
 */
import { spawn } from 'node:child_process';
import { createHash, generateKeyPair, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TOR_ENVIRONMENT } from './tor-network-present.js';

/** Tor's relays have identities of 1,024 bits. */
const RELAY_KEY_BITS = 1024;
/** tor-gencert would make 3,072, which takes a slow machine many seconds; tor takes this as well. */
const AUTHORITY_KEY_BITS = 2048;

export type AuthorityKeys = {
  /** Of the relay that the authority is. */
  readonly fingerprint: string;
  /** Of the identity that certifies its votes. */
  readonly v3Identity: string;
};

/** Writes a relay's identity into its data folder; its fingerprint. */
async function makeRelayKey(dataFolder: string): Promise<string> {
  const key = await makeRsaKey(RELAY_KEY_BITS);
  const pem = key.privateKey.export({ type: 'pkcs1', format: 'pem' });
  writeFileSync(join(dataFolder, 'keys', 'secret_id_key'), pem, { mode: 0o600 });
  return fingerprintOf(key.publicKey);
}

/** Writes all that an authority needs into its data folder. `address` is where it serves the directory. */
export async function makeAuthorityKeys(dataFolder: string, address: string): Promise<AuthorityKeys> {
  const keys = join(dataFolder, 'keys');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const identity = await makeRsaKey(AUTHORITY_KEY_BITS);
  const identityFile = join(keys, 'authority_identity_key');
  writeFileSync(identityFile, identity.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const [fingerprint] = await Promise.all([
    makeRelayKey(dataFolder),
    runGencert([
      ...['-i', identityFile, '-s', join(keys, 'authority_signing_key')],
      ...['-c', join(keys, 'authority_certificate'), '-m', '12', '-a', address],
    ]),
  ]);
  return { fingerprint, v3Identity: fingerprintOf(identity.publicKey) };
}

function makeRsaKey(modulusLength: number) {
  return promisify(generateKeyPair)('rsa', { modulusLength, publicExponent: 65_537 });
}

/** SHA-1 of the key in PKCS #1, as Tor names its relays and authorities. */
function fingerprintOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'pkcs1', format: 'der' });
  return createHash('sha1').update(der).digest('hex').toUpperCase();
}

/** With an identity key that has no passphrase it asks for none. */
function runGencert(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('tor-gencert', args, {
      env: TOR_ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`tor-gencert ended with ${code}: ${said}`)),
    );
  });
}
