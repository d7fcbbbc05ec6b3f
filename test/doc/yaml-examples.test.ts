import { expect } from 'chai';
import { knownKeys, parsers } from './config-keys.js';
import { blocksOf, documents, tableBelow } from './documents.js';

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
