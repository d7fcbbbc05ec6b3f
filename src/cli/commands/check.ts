/** `privcount check`: is this configuration one that a node would start with? */
import { type CommandModule } from 'yargs';
import { noiseVariance } from '../../core/network.js';
import { type NodeConfig } from '../../config/node-config.js';
import { type KnownNetwork } from '../../protocol/check-plan.js';
import { readNetwork, readNodeConfig, readSelf } from '../read-config.js';
import { readTallySettings } from '../tally-settings.js';

type CheckArguments = { readonly config: string };

export const check: CommandModule<object, CheckArguments> = {
  command: 'check <config>',
  describe: 'read a configuration and all that it names; report every fault, or what it says',
  builder: (yargs) =>
    yargs
      .positional('config', { type: 'string', demandOption: true, describe: 'a config.yaml' })
      .epilogue('Exit code 0 if it is fine, 2 if not. Nothing is started or changed.'),
  handler: (argv) => {
    const { config, file } = readNodeConfig(argv.config);
    const lines = [...tallyLines(config, file), ...nodeLines(config)];
    process.stdout.write(`${lines.join('\n')}\n`);
  },
};

function tallyLines({ tallyServer }: NodeConfig, file: string): string[] {
  if (tallyServer === undefined) return [];
  const { identityKeyFile: keyFile, networkFile } = tallyServer;
  const known = readNetwork(networkFile);
  readSelf(known, 'tally', { keyFile, networkFile, name: undefined });
  const warnings: string[] = [];
  const { settings } = readTallySettings(tallyServer, file, known, (message) =>
    warnings.push(`warning: ${message}`),
  );
  const bins = settings.counters.reduce((sum, counter) => sum + counter.bins.length, 0);
  return [
    'tally_server: fine',
    ...networkLines(known),
    `  counters: ${settings.counters.length}, bins: ${bins}, noise: ${settings.noise}`,
    ...warnings,
  ];
}

function nodeLines({ shareKeeper, dataCollector }: NodeConfig): string[] {
  const sections = [
    { section: shareKeeper, role: 'keeper', key: 'share_keeper' },
    { section: dataCollector, role: 'collector', key: 'data_collector' },
  ] as const;
  return sections.flatMap(({ section, role, key }) => {
    if (section === undefined) return [];
    const { identityKeyFile: keyFile, networkFile, name } = section;
    const known = readNetwork(networkFile);
    const self = readSelf(known, role, { keyFile, networkFile, name });
    return [`${key}: fine, it is ${self.name}`, ...networkLines(known)];
  });
}

function networkLines(known: KnownNetwork): string[] {
  const { network, id, isTest } = known;
  const { keepers, threshold, collectors, minCollectors } = network;
  const variance = noiseVariance(collectors.map(({ noiseWeight }) => noiseWeight));
  return [
    `  network ${network.name}, id ${id}${isTest ? ' (TEST KEYS)' : ''}`,
    `  compare the id with the other operators: it must be the same at every node`,
    `  keepers: ${threshold} of ${keepers.length} open a total; ${keepers.length - threshold} may be lost`,
    `  collectors: ${collectors.length}, at least ${minCollectors} in a total; excess noise ratio ${variance.toFixed(4)}`,
    `  ${pinnedLine(network)}`,
  ];
}

function pinnedLine({ privacy: { sensitivitiesDigest, sigmasDigest } }: KnownNetwork['network']): string {
  if (sensitivitiesDigest !== undefined) return `sensitivities: digest ${sensitivitiesDigest}`;
  return sigmasDigest === undefined ? 'noise: left open by network.yaml' : `sigmas: digest ${sigmasDigest}`;
}
