/**
 * A private tor network of real processes on loopback: three authorities that relay as well, a relay, an exit, a client and
 * an onion service. Its relays' control ports let in by cookie over TCP, by cookie over a unix socket, and by password.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../src/cli/child-process.js';
import { TorControl } from './tor-network-control.js';
import { makeAuthorityKeys } from './tor-network-keys.js';
import { TOR_ENVIRONMENT } from './tor-network-present.js';
import { TorProcess } from './tor-network-process.js';
import {
  CONTROL_PASSWORD,
  COUNTRIES,
  dataFolderOf,
  HOST,
  isRelay,
  onionFolderOf,
  torrcOf,
  type TorNode,
  type TorSurroundings,
} from './tor-network-torrc.js';
import { fetchThrough, TrafficServer } from './tor-network-traffic.js';
import { eventually } from './tor-network-wait.js';

/** A quiet machine takes 15 s. */
const BOOTSTRAP_MS_MAX = 180_000;
const ONION_PORT = 80;

/** Five relays: a circuit to the onion service needs four that differ. */
const NODES = [
  { name: 'authority1', role: 'authority', control: 'tcp' },
  { name: 'authority2', role: 'authority', control: 'unix' },
  { name: 'authority3', role: 'authority', control: 'password' },
  { name: 'middle1', role: 'middle', control: 'unix' },
  { name: 'exit1', role: 'exit', control: 'tcp' },
  { name: 'client', role: 'client', control: 'tcp' },
  { name: 'service', role: 'service', control: 'tcp' },
] as const;
export type TorName = (typeof NODES)[number]['name'];
const PORTS_PER_NODE = 4;

export class TorNetwork {
  readonly folder: string;
  readonly #processes = new Map<string, TorProcess>();
  readonly #server: TrafficServer;
  readonly #killAllNow = (): void => {
    for (const process of this.#processes.values()) process.killNow();
  };

  private constructor(folder: string, server: TrafficServer) {
    this.folder = folder;
    this.#server = server;
    process.once('exit', this.#killAllNow);
  }

  /** Resolves when a client can fetch through the exit and from the onion service. */
  static async start(): Promise<TorNetwork> {
    const server = await TrafficServer.start();
    // Short, because a unix socket's path may have no more than 107 bytes.
    const network = new TorNetwork(mkdtempSync(join(tmpdir(), 'privcount-tor-')), server);
    try {
      const nodes = await layOut(network.folder);
      const { emptyFile } = await writeTorrcs(network.folder, nodes, server.port);
      for (const node of nodes) network.#processes.set(node.name, new TorProcess(node, emptyFile));
      await network.#bootstrap();
      return network;
    } catch (error) {
      const said = [...network.#processes.values()].map((tor) => `${tor.node.name}:\n${tor.lastWords()}`);
      await network.stop();
      throw new Error(`no tor network:\n${said.join('\n')}`, { cause: error });
    }
  }

  get relayNames(): TorName[] {
    return [...this.#processes.values()]
      .filter(({ node }) => isRelay(node))
      .map(({ node }) => node.name as TorName);
  }

  process(name: TorName): TorProcess {
    return this.#processes.get(name)!;
  }

  node(name: TorName): TorNode {
    return this.process(name).node;
  }

  /** The relay's page of metrics, asked for now. */
  metricsPage(name: TorName): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { host: HOST, port: this.node(name).ports.metrics, path: '/metrics', agent: false };
      get(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
      }).once('error', reject);
    });
  }

  /** One stream through the exit, to an IPv4 address. */
  fetch(bytes: number): Promise<void> {
    return this.#fetch({ host: HOST, port: this.#server.port }, bytes);
  }

  fetchOnion(bytes: number): Promise<void> {
    const host = readFileSync(join(onionFolderOf(this.node('service')), 'hostname'), 'latin1').trim();
    return this.#fetch({ host, port: ONION_PORT }, bytes);
  }

  /** Closes all connections of the client, and resolves when it gets through again. */
  async reconnectClient(): Promise<void> {
    const control = await TorControl.open(this.node('client'));
    await control.ask('SETCONF DisableNetwork=1');
    await control.ask('SETCONF DisableNetwork=0');
    control.close();
    await this.#getsThrough();
  }

  /** 40 upper-case digits. */
  fingerprint(name: TorName): string {
    return readFileSync(join(dataFolderOf(this.node(name)), 'fingerprint'), 'latin1')
      .trim()
      .split(' ')[1]!;
  }

  /** Started again after `kill`, with the keys and the torrc that it had; resolves when a client gets through. */
  async restart(name: TorName): Promise<void> {
    const before = starts(this.process(name));
    this.process(name).start();
    await this.#runs(
      `${name} is back`,
      () => starts(this.process(name)) > before && hasDirectory(this.process(name)),
    );
    await this.#getsThrough();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((tor) => tor.stop()));
    await this.#server.stop();
    process.off('exit', this.#killAllNow);
    // For whoever looks into a failure.
    if (process.env['PRIVCOUNT_KEEP_NETWORKS'] === undefined)
      rmSync(this.folder, { recursive: true, force: true });
  }

  #fetch(target: { host: string; port: number }, bytes: number): Promise<void> {
    return fetchThrough(this.node('client').ports.or, target, bytes);
  }

  async #bootstrap(): Promise<void> {
    const relays = this.relayNames.map((name) => this.process(name));
    for (const relay of relays) relay.start();
    // A client that asks a relay which doesn't know all relays yet asks again only after the next consensus.
    await this.#runs('all relays know each other', () =>
      relays.every((relay) => hasDirectory(relay) && knownRelays(relay) >= relays.length),
    );
    for (const name of ['client', 'service'] as const) this.process(name).start();
    await this.#getsThrough();
    await eventually('a fetch of the onion service', BOOTSTRAP_MS_MAX, () =>
      this.fetchOnion(1).then(() => true),
    );
  }

  async #getsThrough(): Promise<void> {
    await eventually('a fetch through the exit', BOOTSTRAP_MS_MAX, () => this.fetch(1).then(() => true));
  }

  /** Resolves when it is so; rejects as soon as a tor that was started is gone. */
  async #runs(what: string, isSo: () => boolean): Promise<void> {
    const started = [...this.#processes.values()].filter((tor) => tor.isRunning);
    const gone = await eventually(what, BOOTSTRAP_MS_MAX, () => {
      if (isSo()) return 'none' as const;
      return started.find((tor) => !tor.isRunning);
    });
    if (gone !== 'none') throw new Error(`${gone.node.name} is gone`);
  }
}

/** The first word of each run. */
const START = /opening (?:new )?log file/;

function starts(tor: TorProcess): number {
  return tor.log().split(START).length - 1;
}

/** Whether, since its last start, it knows enough to build circuits. The only exit may never find another one to test itself. */
function hasDirectory(tor: TorProcess): boolean {
  return /\((?:enough_dirinfo|done)\)/.test(tor.log().split(START).at(-1)!);
}

/** Of how many relays it has a descriptor. */
function knownRelays({ node }: TorProcess): number {
  const file = join(dataFolderOf(node), 'cached-microdescs.new');
  return existsSync(file) ? readFileSync(file, 'latin1').split(/^onion-key$/m).length - 1 : 0;
}

async function layOut(folder: string): Promise<TorNode[]> {
  const ports = await freePorts(NODES.length * PORTS_PER_NODE);
  return NODES.map(({ name, role, control }) => {
    const own = join(folder, name);
    mkdirSync(join(own, 'data', 'keys'), { recursive: true, mode: 0o700 });
    const [or, dir, metrics, controlPort] = ports.splice(0, PORTS_PER_NODE) as [
      number,
      number,
      number,
      number,
    ];
    return {
      name,
      role,
      folder: own,
      control:
        control === 'unix'
          ? { kind: 'unix', path: join(own, 'control') }
          : { kind: 'tcp', port: controlPort },
      ...(control === 'password' && { hashedPassword: hashPassword(CONTROL_PASSWORD) }),
      ports: { or, dir, metrics },
    };
  });
}

async function writeTorrcs(
  folder: string,
  nodes: readonly TorNode[],
  servicePort: number,
): Promise<TorSurroundings> {
  const authorities = await Promise.all(
    nodes
      .filter(({ role }) => role === 'authority')
      .map(
        async (node) =>
          [node, await makeAuthorityKeys(dataFolderOf(node), `${HOST}:${node.ports.dir}`)] as const,
      ),
  );
  const around = {
    emptyFile: join(folder, 'empty'),
    countriesFile: join(folder, 'countries'),
    resolvFile: join(folder, 'resolv.conf'),
    ownerProcess: process.pid,
    authorities: new Map(authorities),
    servicePort,
  };
  writeFileSync(around.emptyFile, '');
  writeFileSync(around.countriesFile, COUNTRIES);
  writeFileSync(around.resolvFile, `nameserver ${HOST}\n`);
  for (const node of nodes) writeFileSync(join(node.folder, 'torrc'), torrcOf(node, around));
  return around;
}

function hashPassword(password: string): string {
  const { stdout } = spawnSync('tor', ['--quiet', '--hash-password', password], {
    env: TOR_ENVIRONMENT,
    encoding: 'utf8',
  });
  return stdout.trim();
}
