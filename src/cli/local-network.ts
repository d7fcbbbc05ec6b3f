/**
 * A complete network on one machine: keys, network.yaml and a folder a node, as `privcount init` writes it. Operators of a
 * real network make each node's key where it runs (`privcount keygen`) and write network.yaml together.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { formatNetwork } from '../config/network-file.js';
import { parseSigmas } from '../config/sigmas-file.js';
import { isCheckCounter } from '../core/counters.js';
import { networkFaults, type Network } from '../core/network.js';
import { Identity, IDENTITY_SEED_BYTES, testIdentitySeed } from '../crypto/identity.js';
import { files } from '../io/files.js';
import { createKeyFile } from '../io/key-files.js';
import { makeTlsCredentials } from '../io/tls-files.js';
import { TALLY_NAME } from '../protocol/handshake.js';
import { artifactDigest } from '../roles/artifacts.js';
import { encodeNumberTable } from '../roles/number-table.js';
import { EXIT } from './exit-codes.js';
import { OperatorError } from './operator-error.js';
import { readSource } from './read-config.js';

export type LocalNetworkOptions = {
  readonly name: string;
  readonly keepers: number;
  readonly threshold: number;
  readonly collectors: number;
  readonly minCollectors: number;
  /** How many collectors' noise may be missing without harm. */
  readonly toleratedLost: number;
  readonly tallyPort: number;
  /** Of each collector's relay. */
  readonly controlPorts: readonly number[];
  /** Keys that anybody can compute. */
  readonly isTest: boolean;
  readonly isNoiseOff: boolean;
  readonly counters: string;
  readonly sigmas: string;
  readonly domainFiles: readonly string[];
  /** Seconds. */
  readonly collectPeriod: number;
  readonly noisePeriod: number;
  readonly settlePeriod: number;
  readonly phaseTimeout: number;
  readonly rounds: number;
};

/** Names and folders of the nodes. */
export function nodeNames({ keepers, collectors }: { keepers: number; collectors: number }) {
  const numbered = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${kind}-${at + 1}`);
  return { keepers: numbered('keeper', keepers), collectors: numbered('collector', collectors) };
}

/** Writes the network into a folder that is empty or not there. */
export async function writeLocalNetwork(folder: string, options: LocalNetworkOptions): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new OperatorError(`${folder} is not empty; give a folder that is, or is not there yet`, EXIT.usage);
  }
  const sigmas = parseSigmas(readSource(options.sigmas, 'a sigmas file'), { allowZero: options.isNoiseOff });
  const names = nodeNames(options);
  const identities = new Map(
    [TALLY_NAME, ...names.keepers, ...names.collectors].map((name) => [name, seedOf(name, options)]),
  );
  const tls = await makeTlsCredentials(Date.now());
  const network = toNetwork(options, {
    identityOf: (name) => new Identity(identities.get(name)!).publicKey,
    tlsPin: tls.pin,
    sigmasDigest: options.isNoiseOff ? undefined : sigmaDigest(sigmas),
  });
  const faults = networkFaults(network);
  if (faults.length > 0) {
    const text = faults.map(({ key, problem, wanted }) => `${key} ${problem}; wanted: ${wanted}`).join('\n');
    throw new OperatorError(`these numbers make no network:\n${text}`, EXIT.usage);
  }
  const networkText = formatNetwork(network, networkHeading(options));
  for (const [name, seed] of identities) {
    const own = join(folder, name);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    files.writeWhole(join(own, 'network.yaml'), encode(networkText), { isPublic: true });
    createKeyFile(join(own, 'identity.key'), { name, publicKey: new Identity(seed).publicKey, seed });
    seed.fill(0);
  }
  writeTally(join(folder, TALLY_NAME), options, tls);
  for (const name of names.keepers) writeConfig(join(folder, name), 'share_keeper', nodeSection(name));
  names.collectors.forEach((name, at) => {
    const source = { ip: '127.0.0.1', port: options.controlPorts[at]! };
    writeConfig(join(folder, name), 'data_collector', { ...nodeSection(name), event_source: source });
  });
}

function seedOf(node: string, { isTest, name: network }: LocalNetworkOptions): Uint8Array {
  return isTest ? testIdentitySeed({ network, node }) : new Uint8Array(randomBytes(IDENTITY_SEED_BYTES));
}

function sigmaDigest(sigmas: ReadonlyMap<string, number>): string {
  return artifactDigest(encodeNumberTable(new Map([...sigmas].filter(([name]) => !isCheckCounter(name)))));
}

type Keys = {
  readonly identityOf: (name: string) => string;
  readonly tlsPin: string;
  readonly sigmasDigest: string | undefined;
};

function toNetwork(options: LocalNetworkOptions, { identityOf, tlsPin, sigmasDigest }: Keys): Network {
  const names = nodeNames(options);
  const noiseWeight = equalWeight(options.collectors - options.toleratedLost);
  return {
    name: options.name,
    tallyServer: { host: '127.0.0.1', port: options.tallyPort, identity: identityOf(TALLY_NAME), tlsPin },
    threshold: options.threshold,
    keepers: names.keepers.map((name) => ({ name, identity: identityOf(name) })),
    collectors: names.collectors.map((name) => ({ name, identity: identityOf(name), noiseWeight })),
    minCollectors: options.minCollectors,
    privacy: {
      epsilon: 0.3,
      delta: 0.001,
      tolerated: { lost: options.toleratedLost, dishonest: 0, curious: 0 },
      ...(sigmasDigest === undefined ? {} : { sigmasDigest }),
      budget: { epsilon: 1, delta: 0.001, windowDays: 30 },
    },
    delayPeriodMs: 0,
    alwaysDelay: false,
    sigmaDecreaseTolerance: 1e-6,
  };
}

/** The weight at which `enough` collectors alone add the whole noise; rounded up at the sixth decimal. */
function equalWeight(enough: number): number {
  return Math.ceil(1e6 / Math.sqrt(Math.max(1, enough))) / 1e6;
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

function writeTally(folder: string, options: LocalNetworkOptions, tls: { key: string; cert: string }): void {
  files.writeWhole(join(folder, 'tls.key'), encode(tls.key));
  files.writeWhole(join(folder, 'tls.cert'), encode(tls.cert), { isPublic: true });
  copyFileSync(options.counters, join(folder, 'counters.bins.yaml'));
  copyFileSync(options.sigmas, join(folder, 'counters.sigmas.yaml'));
  const domainFiles = options.domainFiles.map((path, at) => {
    const name = `domains-${at}.txt`;
    copyFileSync(path, join(folder, name));
    return name;
  });
  writeConfig(folder, 'tally_server', {
    listen_host: '127.0.0.1',
    listen_port: options.tallyPort,
    key: 'tls.key',
    cert: 'tls.cert',
    identity_key: 'identity.key',
    network: 'network.yaml',
    counters: 'counters.bins.yaml',
    ...(options.isNoiseOff ? { noise_off: true } : { sigmas: 'counters.sigmas.yaml' }),
    ...(domainFiles.length === 0 ? {} : { domain_files: domainFiles }),
    results: 'results',
    collect_period: options.collectPeriod,
    noise_period: options.noisePeriod,
    settle_period: options.settlePeriod,
    phase_timeout: options.phaseTimeout,
    continue: options.rounds,
  });
}

function writeConfig(folder: string, section: string, content: object): void {
  files.writeWhole(join(folder, 'config.yaml'), encode(dump({ [section]: content }, { lineWidth: -1 })));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
