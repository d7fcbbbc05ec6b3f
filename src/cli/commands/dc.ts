/** `privcount dc`: a data collector. */
import { type CommandModule } from 'yargs';
import { type CollectorConfig, type ControlSourceConfig } from '../../config/collector-config.js';
import { isLoopback, type MetricsSourceConfig } from '../../config/metrics-fields.js';
import { sectionOf } from '../../config/node-config.js';
import { eventLoopLoad } from '../../io/event-loop-load.js';
import { files } from '../../io/files.js';
import { metricsPages } from '../../io/metrics-page.js';
import { createNoiseSource } from '../../io/noise-source.js';
import { torTransport } from '../../io/tor-socket.js';
import { Collector, type CollectorPorts } from '../../roles/collector.js';
import { type OpenSource } from '../../roles/event-sources.js';
import { MetricsSource } from '../../roles/metrics-source.js';
import { type KnownNetwork } from '../../protocol/check-plan.js';
import { type Self } from '../../protocol/round.js';
import { type NodePorts } from '../../roles/node.js';
import { RelayIdentities } from '../../roles/relay-identities.js';
import { storeMemory } from '../../roles/store-memory.js';
import { TorSource } from '../../roles/tor-source.js';
import { type ConfigArguments, makeFolders, nodePorts, runDaemon, software } from '../daemon.js';
import { withLogOptions } from '../log-options.js';
import { openMemory } from '../open-memory.js';
import { openNodeStore } from '../open-store.js';
import { readNetwork, readNodeConfig, readSelf } from '../read-config.js';

export const dc: CommandModule<object, ConfigArguments> = {
  command: 'dc <config>',
  describe: "run a data collector: count a relay's events, blinded",
  builder: (yargs) =>
    withLogOptions(
      yargs.positional('config', { type: 'string', demandOption: true, describe: 'its config.yaml' }),
    ).epilogue('Runs until it is told to stop. The relay is left as it was found.'),
  handler: async (argv) => {
    const { config, file } = readNodeConfig(argv.config);
    const section = sectionOf(config, 'dataCollector', file);
    const { identityKeyFile: keyFile, networkFile, name, stateFolder, rotatePeriodMs } = section;
    const known = readNetwork(networkFile);
    const self = readSelf(known, 'collector', { keyFile, networkFile, name });
    makeFolders(stateFolder);
    const store = openNodeStore(stateFolder, self.identity);
    const memory = openMemory(storeMemory(store), stateFolder);
    const { network } = known;
    const subject = { config: section.monitor, role: 'collector' as const, network, memory };
    process.exitCode = await runDaemon('dc', argv, subject, (log, monitor) => {
      const ports = nodePorts(stateFolder, log, monitor);
      const collector = new Collector(
        self,
        software,
        { rotatePeriodMs, checkpointMs: section.checkpointMs, ownDelay: section.delay },
        {
          ...ports,
          noise: createNoiseSource(),
          store,
          memory,
          load: eventLoopLoad(),
          sources: openSources(section, identitiesOf(known, self), ports),
        },
      );
      collector.start();
      return {
        done: new Promise<number>(() => undefined),
        stop: () => collector.close().finally(() => store.close()),
      };
    });
  },
};

function identitiesOf({ network }: KnownNetwork, self: Self): RelayIdentities {
  const own = network.collectors.find((node) => node.name === self.name)!;
  return new RelayIdentities(network.collectors, own);
}

function openSources(
  { eventSources, useSetconf: mayUseSetconf }: CollectorConfig,
  identities: RelayIdentities,
  ports: NodePorts,
): CollectorPorts['sources'] {
  return eventSources.map((source, at) => {
    const name = eventSources.length === 1 ? 'event source' : `event source ${at + 1}`;
    return source.kind === 'metrics-page'
      ? metricsSource(name, source, ports)
      : torSource({ name, mayUseSetconf }, source, identities, ports);
  });
}

function torSource(
  { name, mayUseSetconf }: { readonly name: string; readonly mayUseSetconf: boolean },
  { address, passwordFile, cookieFile }: ControlSourceConfig,
  identities: RelayIdentities,
  ports: NodePorts,
): OpenSource {
  const checkRelay = (fingerprint: string) => identities.check(name, fingerprint);
  const options = { name, address, mayUseSetconf, passwordFile, cookieFile, checkRelay };
  return (events) =>
    new TorSource(
      options,
      { ...ports, transport: torTransport, files },
      {
        onContext: () => undefined,
        onEvent: (bytes, start, end) => events.onEvent(bytes, start, end),
        onState: (state) =>
          events.onReady(state === 'waiting' || state === 'enabling' || state === 'counting'),
        onFault: () => undefined,
      },
    );
}

function metricsSource(
  name: string,
  { address, intervalMs, timeoutMs }: MetricsSourceConfig,
  ports: NodePorts,
): OpenSource {
  if (!isLoopback(address.host))
    ports.log.warn(
      `${name}: the metrics page crosses the network in clear, and whoever reads it learns what this relay counts: run the ` +
        'collector at the relay',
    );
  const options = { name, address, intervalMs, timeoutMs };
  return (events) => new MetricsSource(options, { ...ports, pages: metricsPages }, events);
}
