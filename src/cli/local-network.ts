/**
 * A complete network on one machine: keys, network.yaml and a folder a node, as `privcount init` writes it. Operators of a
 * real network make each node's key where it runs (`privcount keygen`) and write network.yaml together.
 */
import { mkdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { ConfigError } from '../config/config-error.js';
import { parseCounters } from '../config/counters-file.js';
import { formatNetwork, parseNetwork } from '../config/network-file.js';
import { parseNodeConfig } from '../config/node-config.js';
import { type Network } from '../core/network.js';
import { Identity, IDENTITY_SEED_BYTES, testIdentitySeed } from '../crypto/identity.js';
import { files } from '../io/files.js';
import { createKeyFile } from '../io/key-files.js';
import { makeTlsCredentials } from '../io/tls-files.js';
import { TALLY_NAME } from '../protocol/handshake.js';
import { EXIT } from './exit-codes.js';
import { folderEntries } from './folder-entries.js';
import { noiseFileName, readNoiseInput, weightOf, type NoiseOfNetwork } from './local-network-noise.js';
import { nodeNames, type LocalNetworkOptions } from './local-network-options.js';
import { OperatorError } from './operator-error.js';
import { readAll } from './read-all.js';
import { readSource } from './read-config.js';

/** Writes the network into a folder that is empty or not there; nothing is written unless all of it is right. */
export async function writeLocalNetwork(folder: string, options: LocalNetworkOptions): Promise<void> {
  if (folderEntries(folder).length > 0) {
    throw new OperatorError(`${folder} is not empty; give a folder that is, or is not there yet`, EXIT.usage);
  }
  const { noise, counters, lists } = readAll({
    noise: () => readNoiseInput(options),
    counters: () => readCounters(options),
    lists: () => readLists(options),
  });
  const names = nodeNames(options);
  const identities = new Map(
    [TALLY_NAME, ...names.keepers, ...names.collectors].map((name) => [name, seedOf(name, options)]),
  );
  const tls = await makeTlsCredentials(Date.now());
  const network = toNetwork(options, {
    identityOf: (name) => new Identity(identities.get(name)!).publicKey,
    tlsPin: tls.pin,
    noise,
  });
  const texts = {
    network: formatNetwork(network, networkHeading(options)),
    configs: configTexts(options, lists.keys),
  };
  checkReadable(texts);
  for (const [name, seed] of identities) {
    const own = join(folder, name);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    files.writeWhole(join(own, 'network.yaml'), encode(texts.network), { isPublic: true });
    files.writeWhole(join(own, 'config.yaml'), encode(texts.configs.get(name)!));
    createKeyFile(join(own, 'identity.key'), { name, publicKey: new Identity(seed).publicKey, seed });
    seed.fill(0);
  }
  const tally = join(folder, TALLY_NAME);
  files.writeWhole(join(tally, 'tls.key'), encode(tls.key));
  const open = new Map([
    ['tls.cert', encode(tls.cert)],
    [COUNTERS_NAME, counters],
    [noiseFileName(options), encode(noise.text)],
    ...lists.copies,
  ]);
  for (const [name, bytes] of open) files.writeWhole(join(tally, name), bytes, { isPublic: true });
}

/** The budget of a month, in rounds' epsilons; rounds cost less than their sum. */
const BUDGET_ROUNDS = 10;

const COUNTERS_NAME = 'counters.bins.yaml';

type NetworkTexts = {
  readonly network: string;
  /** By node. */
  readonly configs: ReadonlyMap<string, string>;
};

/** What a node would refuse when it starts is refused now. Of nodes that differ in a port alone the last one is looked at. */
function checkReadable({ network, configs }: NetworkTexts): void {
  const sourceOf = (file: string, text: string) => ({ file, bytes: encode(text) });
  const names = [...configs.keys()];
  try {
    readAll({
      network: () => parseNetwork(sourceOf('network.yaml', network)),
      tally: () =>
        parseNodeConfig(sourceOf(`${TALLY_NAME}/config.yaml`, configs.get(TALLY_NAME)!), { home: '/' }),
      last: () =>
        parseNodeConfig(sourceOf(`${names.at(-1)!}/config.yaml`, configs.get(names.at(-1)!)!), { home: '/' }),
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new OperatorError(`these options make no network:\n${error.message}`, EXIT.usage, { cause: error });
  }
}

function seedOf(node: string, { isTest, name: network }: LocalNetworkOptions): Uint8Array {
  return isTest ? testIdentitySeed({ network, node }) : new Uint8Array(randomBytes(IDENTITY_SEED_BYTES));
}

type Keys = {
  readonly identityOf: (name: string) => string;
  readonly tlsPin: string;
  readonly noise: NoiseOfNetwork;
};

function toNetwork(options: LocalNetworkOptions, { identityOf, tlsPin, noise }: Keys): Network {
  const names = nodeNames(options);
  const noiseWeight = weightOf(options);
  return {
    name: options.name,
    tallyServer: { host: '127.0.0.1', port: options.tallyPort, identity: identityOf(TALLY_NAME), tlsPin },
    threshold: options.threshold,
    keepers: names.keepers.map((name) => ({ name, identity: identityOf(name) })),
    collectors: names.collectors.map((name, at) => ({
      name,
      identity: identityOf(name),
      noiseWeight,
      fingerprints: options.fingerprints.slice(at, at + 1),
    })),
    minCollectors: options.minCollectors,
    privacy: {
      ...noise.level,
      tolerated: { lost: options.toleratedLost, dishonest: 0, curious: 0 },
      ...noise.pinned,
      budget: { epsilon: BUDGET_ROUNDS * noise.level.epsilon, delta: noise.level.delta, windowDays: 30 },
    },
    delayPeriodMs: 0,
    alwaysDelay: false,
    sigmaDecreaseTolerance: 1e-6,
  };
}

function networkHeading({ isTest }: LocalNetworkOptions): string[] {
  return [
    'Who is who in this network. All nodes have this file, the same to the byte: its SHA-256 is the network id.',
    ...(isTest ? ['TEST KEYS: anybody can compute the private keys of these identities.'] : []),
  ];
}

function nodeSection(name: string) {
  return { name, key: 'identity.key', network: 'network.yaml', state: 'state' };
}

function readCounters(options: LocalNetworkOptions): Uint8Array {
  const source = readSource(options.counters, 'a counters file');
  parseCounters(source);
  return source.bytes;
}

function configTexts(options: LocalNetworkOptions, listKeys: object): ReadonlyMap<string, string> {
  const names = nodeNames(options);
  return new Map([
    [TALLY_NAME, configText('tally_server', tallySection(options, listKeys))],
    ...names.keepers.map((name): [string, string] => [name, configText('share_keeper', nodeSection(name))]),
    ...names.collectors.map((name, at): [string, string] => {
      const source = { ip: '127.0.0.1', port: options.controlPorts[at]! };
      return [name, configText('data_collector', { ...nodeSection(name), event_source: source })];
    }),
  ]);
}

function tallySection(options: LocalNetworkOptions, listKeys: object): object {
  return {
    listen_host: '127.0.0.1',
    listen_port: options.tallyPort,
    key: 'tls.key',
    cert: 'tls.cert',
    identity_key: 'identity.key',
    network: 'network.yaml',
    counters: COUNTERS_NAME,
    ...(options.isNoiseOff ? { noise_off: true } : { [options.noise.kind]: noiseFileName(options) }),
    ...listKeys,
    state: 'state',
    results: 'results',
    collect_period: options.collectPeriod,
    noise_period: options.noisePeriod,
    settle_period: options.settlePeriod,
    phase_timeout: options.phaseTimeout,
    continue: options.rounds,
    ...(options.roomPort !== undefined && { room: { listen_port: options.roomPort } }),
  };
}

/** The keys of the lists and the model, and the tally's own copies of their files by name. */
function readLists({ lists, asPrefixFiles, trafficModel, trafficNoise }: LocalNetworkOptions) {
  const copies = new Map<string, Uint8Array>();
  const copy = (path: string, name: string): string => {
    copies.set(name, readSource(path, 'a file that can be read').bytes);
    return name;
  };
  const copied = Object.entries(lists)
    .filter(([, paths]) => paths.length > 0)
    .map(([key, paths]) => [
      key,
      paths.map((path, at) => copy(path, `${key.replace('_files', '')}-${at}.txt`)),
    ]);
  const keys = {
    ...(Object.fromEntries(copied) as object),
    ...(asPrefixFiles && {
      as_prefix_files: { 4: copy(asPrefixFiles[0], 'as-ipv4.txt'), 6: copy(asPrefixFiles[1], 'as-ipv6.txt') },
    }),
    ...(trafficModel !== undefined && { traffic_model: copy(trafficModel, 'traffic.model.json') }),
    ...(trafficNoise !== undefined && { traffic_noise: copy(trafficNoise, 'traffic.noise.yaml') }),
  };
  return { keys, copies };
}

function configText(section: string, content: object): string {
  return dump({ [section]: content }, { lineWidth: -1 });
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
