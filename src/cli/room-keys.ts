/** What the tally room needs besides config.yaml: its token and its TLS key, if it has them. */
import { existsSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError } from '../config/config-error.js';
import { type RoomConfig } from '../config/room-fields.js';
import { readPrivateFile } from '../io/key-files.js';
import { readAll } from './read-all.js';
import { readSource } from './read-config.js';

/** In hexadecimal, 32 characters are the 128 bits that nobody guesses. */
const TOKEN = /^[\x21-\x7e]{32,256}$/;
const TOKEN_BYTES_MAX = 1_024;
/** A key in PEM, of any kind, is a few kB. */
const TLS_KEY_BYTES_MAX = 65_536;

export type RoomKeys = {
  readonly token: string | undefined;
  readonly tls: { readonly key: Uint8Array; readonly cert: Uint8Array } | undefined;
};

/** Throws ConfigError. */
export function readRoomKeys({ tokenFile, tls }: RoomConfig): RoomKeys {
  return readAll({
    token: () => (tokenFile === undefined ? undefined : readToken(tokenFile)),
    tls: () => (tls === undefined ? undefined : readTlsFiles(tls)),
  });
}

function readToken(file: string): string {
  if (!existsSync(file)) throw refusal(file, 'is missing');
  const bytes = readPrivateFile(file, TOKEN_BYTES_MAX);
  const token = bytes.toString('latin1').trim();
  bytes.fill(0);
  if (TOKEN.test(token)) return token;
  throw refusal(file, 'holds no token');
}

function refusal(file: string, problem: string): ConfigError {
  const wanted = '32 to 256 characters without spaces, mode 0600, such as `openssl rand -hex 32` gives';
  return new ConfigError([{ file, key: '', problem, wanted }]);
}

function readTlsFiles({ keyFile, certFile }: NonNullable<RoomConfig['tls']>) {
  const { key, cert } = readAll({
    key: () => readPrivateFile(keyFile, TLS_KEY_BYTES_MAX),
    cert: () => readSource(certFile, 'a TLS certificate in PEM').bytes,
  });
  try {
    createSecureContext({ key, cert: Buffer.from(cert) });
  } catch {
    // What OpenSSL says of it may quote the key.
    const problem = 'is no TLS key in PEM, or not that of the certificate';
    throw new ConfigError([{ file: keyFile, key: '', problem, wanted: `the key of ${certFile}` }]);
  }
  return { key, cert };
}
