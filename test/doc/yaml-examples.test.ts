import { expect } from 'chai';
import { ConfigError } from '../../src/config/config-error.js';
import { parseCounters } from '../../src/config/counters-file.js';
import { parseNetwork } from '../../src/config/network-file.js';
import { parseNoise } from '../../src/config/noise-file.js';
import { parseNodeConfig } from '../../src/config/node-config.js';
import { parseSigmas } from '../../src/config/sigmas-file.js';
import { type ConfigSource } from '../../src/config/yaml-file.js';
import { blocksOf, documents, tableBelow } from './documents.js';

const HOME = { home: '/home/somebody' };

const parsers: Readonly<Record<string, (source: ConfigSource) => unknown>> = {
  network: (source) => parseNetwork(source),
  counters: (source) => parseCounters(source),
  noise: (source) => parseNoise(source),
  sigmas: (source) => parseSigmas(source),
  tally_server: (source) => parseNodeConfig(source, HOME).tallyServer,
  share_keeper: (source) => parseNodeConfig(source, HOME).shareKeeper,
  data_collector: (source) => parseNodeConfig(source, HOME).dataCollector,
};

/** The keys that a section may have, as the parser itself tells them of one that has a wrong one. */
function knownKeys(parse: (source: ConfigSource) => unknown, text: string, at: string): string[] {
  try {
    parse({ file: 'example.yaml', bytes: new TextEncoder().encode(text) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const fault = error.faults.find(({ key }) => key === at);
    return fault!.wanted.replace('one of: ', '').split(', ');
  }
  throw new Error(`${at} is taken`);
}

describe('YAML in the documents', () => {
  const examples = documents().flatMap((path) =>
    blocksOf(path)
      .filter(({ language }) => language === 'yaml')
      .map((block) => ({ ...block, path })),
  );

  it('says of each example which file it is', () => {
    expect(examples).to.have.length.greaterThan(5);
    for (const { path, tag, text } of examples) {
      expect(tag, `${path}: ${text.slice(0, 40)}`).to.match(/^config: /);
      expect(parsers, path).to.have.property(tag!.slice('config: '.length));
    }
  });

  for (const { path, tag, text } of examples) {
    it(`reads an example of ${String(tag)} in ${path} without a fault`, () => {
      const parse = parsers[tag!.slice('config: '.length)]!;
      expect(parse({ file: path, bytes: new TextEncoder().encode(text) })).not.to.equal(undefined);
    });
  }

  for (const role of ['tally_server', 'share_keeper', 'data_collector'] as const) {
    it(`explains every key of ${role} in INSTALL.md, and no other`, () => {
      const known = knownKeys(parsers[role]!, `${role}: { nonsense: 1 }`, `${role}.nonsense`);
      const written = tableBelow('INSTALL.md', `Keys of ${role}`).map(([key]) => key);
      expect(written).to.have.members(known);
      expect(written).to.have.length(known.length);
    });
  }

  it('explains every key of an event source and of network.yaml in INSTALL.md', () => {
    const source = 'data_collector: { event_source: { nonsense: 1 } }';
    const ofSource = knownKeys(parsers['data_collector']!, source, 'data_collector.event_source.nonsense');
    expect(tableBelow('INSTALL.md', 'Keys of event_source').map(([key]) => key)).to.have.members(ofSource);
    const ofNetwork = knownKeys(parsers['network']!, 'nonsense: 1', 'nonsense');
    const written = tableBelow('INSTALL.md', 'Keys of network.yaml').map(([key]) => key!.split(/[.[]/)[0]);
    expect([...new Set(written)]).to.have.members(ofNetwork);
  });
});
