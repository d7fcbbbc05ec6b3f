/** The tally's TLS key and certificate, if they are those that network.yaml pins. */
import { type TallyConfig } from '../config/tally-config.js';
import { ConfigError } from '../config/config-error.js';
import { readPrivateFile } from '../io/key-files.js';
import { pinOfCertificate, pinOfKey } from '../io/tls-files.js';
import { type KnownNetwork } from '../protocol/check-plan.js';
import { readAll } from './read-all.js';
import { readSource } from './read-config.js';

/** A key in PEM, of any kind, is a few kB. */
const TLS_KEY_BYTES_MAX = 65_536;

export function readTls({ tlsKeyFile, tlsCertFile }: TallyConfig, { network }: KnownNetwork) {
  const pinned = network.tallyServer.tlsPin;
  return readAll({
    key: () => {
      const bytes = readPrivateFile(tlsKeyFile, TLS_KEY_BYTES_MAX);
      checkPin({ file: tlsKeyFile, pinOf: () => pinOfKey(bytes), pinned });
      return bytes;
    },
    cert: () => {
      const { bytes } = readSource(tlsCertFile, 'a TLS certificate in PEM, as `privcount init` writes it');
      checkPin({ file: tlsCertFile, pinOf: () => pinOfCertificate(bytes), pinned });
      return bytes;
    },
  });
}

function checkPin({ file, pinOf, pinned }: { file: string; pinOf: () => string; pinned: string }): void {
  const pin = attempt(pinOf);
  if (pin === pinned) return;
  const problem = pin === undefined ? 'is not in PEM' : `is of a key whose digest is ${pin}`;
  const wanted = `the one whose key's SHA-256 is tally_server.tls_pin in network.yaml, ${pinned}`;
  throw new ConfigError([{ file, key: '', problem, wanted }]);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // What OpenSSL can't read is no PEM of the right kind: the caller says so.
    return undefined;
  }
}
