/** `privcount keygen`: the key of one node, for operators who each run one. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type CommandModule } from 'yargs';
import { NODE_NAME } from '../../core/network.js';
import { Identity, IDENTITY_SEED_BYTES } from '../../crypto/identity.js';
import { files } from '../../io/files.js';
import { createKeyFile } from '../../io/key-files.js';
import { makeTlsCredentials } from '../../io/tls-files.js';
import { TALLY_NAME } from '../../protocol/handshake.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';

type KeygenArguments = { readonly name: string; readonly out: string; readonly tls: boolean };

export const keygen: CommandModule<object, KeygenArguments> = {
  command: 'keygen <name>',
  describe: "make a node's identity key, and print the line for network.yaml",
  builder: (yargs) =>
    yargs
      .positional('name', {
        type: 'string',
        demandOption: true,
        describe: `the node's name in network.yaml; ${TALLY_NAME} for the tally`,
      })
      .options({
        out: { alias: 'o', type: 'string', default: 'identity.key', describe: 'the key file to make' },
        tls: {
          type: 'boolean',
          default: false,
          describe: 'also make tls.key and tls.cert beside it (the tally)',
        },
      }),
  handler: async ({ name, out, tls }) => {
    if (!NODE_NAME.test(name)) {
      throw new OperatorError(
        `${name} is no node's name: 1 to 64 of the characters a-z A-Z 0-9 . _ -`,
        EXIT.usage,
      );
    }
    const path = resolve(out);
    if (!existsSync(dirname(path)))
      throw new OperatorError(`the folder ${dirname(path)} is not there; make it first`, EXIT.usage);
    const tlsFiles = { key: join(dirname(path), 'tls.key'), cert: join(dirname(path), 'tls.cert') };
    const taken = tls ? Object.values(tlsFiles).find((file) => existsSync(file)) : undefined;
    if (taken !== undefined)
      throw new OperatorError(`${taken} is there already; a key is never overwritten`, EXIT.usage);
    const seed = new Uint8Array(randomBytes(IDENTITY_SEED_BYTES));
    const { publicKey } = new Identity(seed);
    createKeyFile(path, { name, publicKey, seed });
    seed.fill(0);
    process.stdout.write(
      `The key is in ${path}: keep it, and show it to nobody.\nIn network.yaml:\n  identity: ${publicKey}\n`,
    );
    if (!tls) return;
    const credentials = await makeTlsCredentials(Date.now());
    files.writeWhole(tlsFiles.key, Buffer.from(credentials.key));
    files.writeWhole(tlsFiles.cert, Buffer.from(credentials.cert), { isPublic: true });
    process.stdout.write(`  tls_pin: ${credentials.pin}\n`);
  },
};
