/** `privcount check`: is this configuration one that a node would start with? */
import { type CommandModule } from 'yargs';
import { readKeyFile } from '../../io/key-files.js';
import { noiseVariance } from '../../core/network.js';
import { type NodeConfig } from '../../config/node-config.js';
import { type KnownNetwork } from '../../protocol/check-plan.js';
import { readAll } from '../read-all.js';
import { readNetwork, readNodeConfig, readSelf } from '../read-config.js';
import { readRoomKeys } from '../room-keys.js';
import { readMatchLists } from '../tally-lists.js';
import { readCountingFiles, readTallySettings } from '../tally-settings.js';
import { readTls } from '../tally-tls.js';

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
    const { tally, nodes } = readAll({
      tally: () => tallyLines(config, file),
      nodes: () => nodeLines(config),
    });
    const lines = [...tally, ...nodes];
    process.stdout.write(`${lines.join('\n')}\n`);
  },
};

function tallyLines({ tallyServer }: NodeConfig, file: string): string[] {
  if (tallyServer === undefined) return [];
  const { identityKeyFile: keyFile, networkFile } = tallyServer;
  const known = readKnown(networkFile, {
    key: () => readKeyFile(keyFile).seed.fill(0),
    lists: () => readMatchLists(tallyServer, () => undefined),
    counting: () => readCountingFiles(tallyServer),
  });
  const warnings: string[] = [];
  const {
    tally: { settings },
  } = readAll({
    self: () => readSelf(known, 'tally', { keyFile, networkFile, name: undefined }),
    tls: () => readTls(tallyServer, known),
    room: () => tallyServer.room && readRoomKeys(tallyServer.room),
    tally: () =>
      readTallySettings(tallyServer, file, known, (message) => warnings.push(`warning: ${message}`)),
  });
  const { room } = tallyServer;
  const bins = settings.counters.reduce((sum, counter) => sum + counter.bins.length, 0);
  return [
    'tally_server: fine',
    ...networkLines(known),
    `  counters: ${settings.counters.length}, bins: ${bins}, noise: ${settings.noise}`,
    ...(room === undefined ? [] : [`  tally room: at ${room.listenHost} port ${room.listenPort}`]),
    ...warnings,
  ];
}

function nodeLines({ shareKeeper, dataCollector }: NodeConfig): string[] {
  const sections = [
    { section: shareKeeper, role: 'keeper', key: 'share_keeper' },
    { section: dataCollector, role: 'collector', key: 'data_collector' },
  ] as const;
  const readers = sections.map(({ section, role, key }) => [
    key,
    (): string[] => {
      if (section === undefined) return [];
      const { identityKeyFile: keyFile, networkFile, name } = section;
      const known = readKnown(networkFile, { key: () => readKeyFile(keyFile).seed.fill(0) });
      const self = readSelf(known, role, { keyFile, networkFile, name });
      return [`${key}: fine, it is ${self.name}`, ...networkLines(known)];
    },
  ]);
  return Object.values(readAll(Object.fromEntries(readers) as Record<string, () => string[]>)).flat();
}

/** The network; where it can't be read, the faults of what can be read without it are told beside its own. */
function readKnown(networkFile: string, others: Readonly<Record<string, () => unknown>>): KnownNetwork {
  try {
    return readNetwork(networkFile);
  } catch (error) {
    const rethrow = (): never => {
      throw error;
    };
    readAll({ network: rethrow, ...others });
    throw error;
  }
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
