/** The parsers of the files that operators write, and which keys they know: the documents are compared with these. */
import { ConfigError, type ConfigFault } from '../../src/config/config-error.js';
import { parseCounters } from '../../src/config/counters-file.js';
import { parseNetwork } from '../../src/config/network-file.js';
import { parseNodeConfig } from '../../src/config/node-config.js';
import { parseNoise } from '../../src/config/noise-file.js';
import { parseSigmas } from '../../src/config/sigmas-file.js';
import { type ConfigSource } from '../../src/config/yaml-file.js';

const HOME = { home: '/home/somebody' };

export const parsers: Readonly<Record<string, (source: ConfigSource) => unknown>> = {
  network: (source) => parseNetwork(source),
  counters: (source) => parseCounters(source),
  noise: (source) => parseNoise(source),
  sigmas: (source) => parseSigmas(source),
  tally_server: (source) => parseNodeConfig(source, HOME).tallyServer,
  share_keeper: (source) => parseNodeConfig(source, HOME).shareKeeper,
  data_collector: (source) => parseNodeConfig(source, HOME).dataCollector,
};

/** What a config.yaml is refused for; nothing if it is taken. */
export function configFaults(text: string): readonly ConfigFault[] {
  return faultsOf((source) => parseNodeConfig(source, HOME), text);
}

function faultsOf(parse: (source: ConfigSource) => unknown, text: string): readonly ConfigFault[] {
  try {
    parse({ file: 'example.yaml', bytes: new TextEncoder().encode(text) });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults;
  }
}

/** The keys that a section may have, as the parser itself tells them of one that has the wrong key `at`. */
export function knownKeys(parse: (source: ConfigSource) => unknown, text: string, at: string): string[] {
  const fault = faultsOf(parse, text).find(({ key }) => key === at);
  if (fault === undefined) throw new Error(`${at} is taken`);
  return fault.wanted.replace('one of: ', '').split(', ');
}
