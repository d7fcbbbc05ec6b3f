/** From the paths on the command line to typed configuration. Everything that is wrong is a ConfigError. */
import { homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { ConfigError } from '../config/config-error.js';
import { parseNetwork } from '../config/network-file.js';
import { parseNodeConfig, type NodeConfig } from '../config/node-config.js';
import { type ConfigSource } from '../config/yaml-file.js';
import { toHex } from '../core/hex.js';
import { type Network } from '../core/network.js';
import { Identity, testIdentitySeed } from '../crypto/identity.js';
import { sha256 } from '../crypto/primitives.js';
import { files } from '../io/files.js';
import { readKeyFile } from '../io/key-files.js';
import { type KnownNetwork } from '../protocol/check-plan.js';
import { TALLY_NAME } from '../protocol/handshake.js';
import { type Self } from '../protocol/round.js';

export function readSource(path: string, what: string): ConfigSource {
  let bytes: Uint8Array | undefined;
  try {
    bytes = files.read(path);
  } catch (error) {
    throw refusal(path, error instanceof Error ? error.message : "can't be read", what);
  }
  if (bytes === undefined) throw refusal(path, 'is missing', what);
  return { file: path, bytes };
}

function refusal(file: string, problem: string, wanted: string): ConfigError {
  return new ConfigError([{ file, key: '', problem, wanted }]);
}

export function readNodeConfig(path: string): { config: NodeConfig; file: string } {
  const file = isAbsolute(path) ? path : resolve(path);
  const source = readSource(file, 'a config.yaml, as `privcount init` writes it');
  return { config: parseNodeConfig(source, { home: homedir() }), file };
}

export function readNetwork(path: string): KnownNetwork {
  const source = readSource(path, 'the network.yaml that all nodes of the network have');
  const network = parseNetwork(source);
  return { network, id: toHex(sha256(source.bytes)), isTest: isTestNetwork(network) };
}

/** True if every identity is the one that anybody can compute from its name. */
function isTestNetwork({ name: network, tallyServer, keepers, collectors }: Network): boolean {
  const nodes = [{ name: TALLY_NAME, identity: tallyServer.identity }, ...keepers, ...collectors];
  return nodes.every(
    ({ name, identity }) => new Identity(testIdentitySeed({ network, node: name })).publicKey === identity,
  );
}

/** The node whose key this is. Its name is that of network.yaml with the same identity. */
export function readSelf(
  known: KnownNetwork,
  role: 'tally' | 'keeper' | 'collector',
  { keyFile, networkFile, name }: { keyFile: string; networkFile: string; name: string | undefined },
): Self {
  const key = readKeyFile(keyFile);
  const identity = new Identity(key.seed);
  key.seed.fill(0);
  const { network } = known;
  const candidates = {
    tally: [{ name: TALLY_NAME, identity: network.tallyServer.identity }],
    keeper: network.keepers,
    collector: network.collectors,
  }[role];
  const found = candidates.find((node) => node.identity === identity.publicKey);
  if (found === undefined) {
    const section = { tally: 'tally_server', keeper: 'share_keepers', collector: 'data_collectors' }[role];
    throw refusal(
      keyFile,
      `is a key that ${networkFile} does not name under ${section} (public key ${identity.publicKey})`,
      `the key whose public half stands there as identity, or a network.yaml that names this one`,
    );
  }
  if (name !== undefined && name !== found.name) {
    throw refusal(
      keyFile,
      `is the key of ${found.name} in ${networkFile}, not of ${name}`,
      `the key of ${name}`,
    );
  }
  return { known, name: found.name, identity };
}
