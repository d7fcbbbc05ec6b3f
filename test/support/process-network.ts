/** A whole private network of real processes on loopback, for system tests: as `privcount demo`, with everything to choose. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { freePorts, startChild, type Child } from '../../src/cli/child-process.js';
import { writeLocalNetwork } from '../../src/cli/local-network.js';
import { nodeNames, type LocalNetworkOptions } from '../../src/cli/local-network-options.js';
import { packagedConfig } from '../../src/cli/package-files.js';
import { injectorFingerprint } from '../../src/tor/control/relay-profile.js';

export type ProcessNetworkOptions = Partial<Omit<LocalNetworkOptions, 'tallyPort' | 'controlPorts'>> & {
  readonly keepers: number;
  readonly threshold: number;
  /** The event log of each collector's relay. */
  readonly eventLogs: readonly string[];
  /** Instead of event logs: where the collectors' relays are already. */
  readonly relayPorts?: readonly number[];
  /** Instead of relays with control ports: where each collector finds its relay's metrics page. It looks each second. */
  readonly metricsPorts?: readonly number[];
  /** Instead of event logs: `event_source` in each collector's configuration. */
  readonly eventSources?: readonly (readonly object[])[];
  /** Of the collectors; in seconds. */
  readonly checkpointPeriod?: number;
  /** `room` in the tally's configuration, in YAML's short form. */
  readonly room?: string;
  /** What a process is given beside our own environment, each time that it is started. */
  readonly environmentOf?: (name: string) => NodeJS.ProcessEnv;
};

/** A tallies file: by counter, its bins with exact totals. */
export type Tallies = Readonly<
  Record<
    string,
    { readonly bins: readonly (readonly [unknown, unknown, string])[]; readonly effective_sigma: number }
  >
>;

export type Outcome = {
  readonly Result: {
    readonly outcome: 'released' | 'aborted';
    readonly reason?: string;
    readonly culprits?: readonly string[];
    readonly collectors?: readonly string[];
    readonly keepers?: readonly string[];
    readonly left_out: readonly { readonly name: string; readonly reason: string }[];
    readonly sums_on_one_keepers_word?: readonly string[];
  };
  readonly Context: {
    readonly DataCollector: Readonly<
      Record<
        string,
        {
          readonly Status: {
            readonly counted?: number;
            readonly coverage?: number;
            readonly complete?: boolean;
          };
        }
      >
    >;
  };
};

export class ProcessNetwork {
  readonly folder: string;
  readonly #children = new Map<string, Child>();
  readonly #arguments = new Map<string, readonly string[]>();
  readonly #lines = new Map<string, string[]>();
  readonly #environmentOf: (name: string) => NodeJS.ProcessEnv;
  readonly #waiting: { readonly name: string; readonly end: string; readonly resolve: () => void }[] = [];

  private constructor(folder: string, environmentOf: (name: string) => NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#environmentOf = environmentOf;
  }

  /** Writes the network and starts all of its processes, the tally last. */
  static async start(given: ProcessNetworkOptions): Promise<ProcessNetwork> {
    const {
      eventLogs,
      relayPorts,
      metricsPorts,
      eventSources,
      checkpointPeriod,
      room,
      environmentOf = () => ({}),
      ...options
    } = given;
    const network = new ProcessNetwork(mkdtempSync(join(tmpdir(), 'privcount-test-')), environmentOf);
    const [tallyPort, ...freeControlPorts] = await freePorts(1 + eventLogs.length);
    const controlPorts = relayPorts ?? metricsPorts ?? eventSources?.map(() => 1) ?? freeControlPorts;
    const complete: LocalNetworkOptions = {
      name: 'system-test',
      collectors: controlPorts.length,
      minCollectors: controlPorts.length,
      toleratedLost: 0,
      isTest: true,
      isNoiseOff: true,
      counters: packagedConfig('counters/exit-streams.bins.yaml'),
      noise: { kind: 'noise', file: packagedConfig('noise/exit-streams.demo.yaml') },
      lists: {},
      collectPeriod: 6,
      // A slow machine takes seconds to start the thread that draws; who is late declines.
      noisePeriod: 5,
      settlePeriod: 30,
      phaseTimeout: 8,
      rounds: 1,
      fingerprints: controlPorts.map(injectorFingerprint),
      ...options,
      tallyPort: tallyPort!,
      controlPorts,
    };
    await writeLocalNetwork(join(network.folder, 'network'), complete);
    mkdirSync(join(network.folder, 'logs'));
    if (room !== undefined) appendFileSync(network.configOf('tally'), `  room: ${room}\n`);
    const names = nodeNames(complete);
    eventLogs.forEach((log, at) => {
      const port = String(controlPorts[at]!);
      const args = ['--port', port, '--rate', '1000', '--ip', '127.0.0.1', '--log', log];
      network.startProcess(`relay-${at + 1}`, ['inject', ...args]);
    });
    for (const [at, name] of names.collectors.entries()) {
      if (eventSources !== undefined) network.#useSources(name, eventSources[at]!);
      if (metricsPorts !== undefined) network.#useMetrics(name);
      if (checkpointPeriod !== undefined)
        appendFileSync(network.configOf(name), `  checkpoint_period: ${checkpointPeriod}\n`);
      network.startProcess(name, ['dc', network.configOf(name)]);
    }
    for (const name of names.keepers) network.startProcess(name, ['sk', network.configOf(name)]);
    network.startProcess('tally', ['ts', network.configOf('tally')]);
    return network;
  }

  configOf(name: string): string {
    return join(this.folder, 'network', name, 'config.yaml');
  }

  /** The text of a node's configuration. */
  textOf(name: string): string {
    return readFileSync(this.configOf(name), 'utf8');
  }

  /** The port that was written for a control port is that of the metrics page. */
  #useMetrics(name: string): void {
    const written = readFileSync(this.configOf(name), 'utf8');
    const config = written.replace(
      /ip: 127\.0\.0\.1\n( +)port: (\d+)\n/,
      'metrics: $2\n$1interval: 1\n$1timeout: 5\n',
    );
    writeFileSync(this.configOf(name), config);
  }

  #useSources(name: string, eventSources: readonly object[]): void {
    const config = load(readFileSync(this.configOf(name), 'utf8')) as { data_collector: object };
    const section = { ...config.data_collector, event_source: eventSources };
    writeFileSync(this.configOf(name), dump({ data_collector: section }, { lineWidth: -1 }));
  }

  startProcess(name: string, args: readonly string[]): Child {
    const lines: string[] = [];
    this.#arguments.set(name, args);
    this.#lines.set(name, lines);
    const child = startChild(args, {
      logFile: join(this.folder, 'logs', `${name}.log`),
      env: this.#environmentOf(name),
      onLine: (line) => {
        lines.push(line);
        for (const waiter of this.#waiting) {
          if (waiter.name === name && line.endsWith(waiter.end)) waiter.resolve();
        }
      },
    });
    this.#children.set(name, child);
    return child;
  }

  /** Started anew as it was started first; its lines are those since. */
  restart(name: string): Child {
    return this.startProcess(name, this.#arguments.get(name)!);
  }

  /** The process as it was started last. */
  childOf(name: string): Child {
    return this.#children.get(name)!;
  }

  /** Resolves when the process logs, or has logged, a line with this end; rejects if it ends without. */
  logged(name: string, end: string): Promise<void> {
    if (this.linesOf(name).some((line) => line.endsWith(end))) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, end, resolve });
      void this.#children.get(name)!.ended.then((exitCode) => {
        reject(
          new Error(
            `${name} ended with ${exitCode} and did not log "${end}": ${this.linesOf(name).slice(-3).join(' | ')}`,
          ),
        );
      });
    });
  }

  linesOf(name: string): readonly string[] {
    return this.#lines.get(name) ?? [];
  }

  /** kill -9, and nothing is left to say good-bye. */
  async kill(name: string): Promise<void> {
    const child = this.#children.get(name)!;
    child.process.kill('SIGKILL');
    await child.ended;
  }

  /** When the tally has ended its rounds: its exit code and the results of the last round. */
  async result(): Promise<{ exitCode: number | undefined; outcome: Outcome; tallies: Tallies | undefined }> {
    const exitCode = await this.#children.get('tally')!.ended;
    return {
      exitCode,
      outcome: this.#results('privcount.outcome.').at(-1) as Outcome,
      tallies: this.tallies().at(-1),
    };
  }

  /** What each round that released something released, in their order. */
  tallies(): Tallies[] {
    return this.#results('privcount.tallies.') as Tallies[];
  }

  #results(start: string): unknown[] {
    const folder = join(this.folder, 'network/tally/results');
    const names = readdirSync(folder).filter((name) => name.startsWith(start));
    return names.sort().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.stop()));
    // For whoever looks into a failure.
    if (process.env['PRIVCOUNT_KEEP_NETWORKS'] === undefined)
      rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The totals of a tallies file, by counter. */
export function totalsOf(tallies: Tallies): Map<string, bigint[]> {
  return new Map(
    Object.entries(tallies).map(([name, { bins }]) => [name, bins.map(([, , count]) => BigInt(count))]),
  );
}
