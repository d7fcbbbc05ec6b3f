import { expect } from 'chai';
import { artifactDigest } from '../../src/roles/artifacts.js';
import { decodeMatchLists } from '../../src/roles/match-list-artifacts.js';
import { testNetwork, testPlan } from '../support/test-network.js';

function textOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A plan with these lists of one kind, and what a node has fetched for it. */
function decode(kind: string, ...texts: string[]) {
  const artifacts = new Map(texts.map((text) => [artifactDigest(textOf(text)), textOf(text)]));
  const lists = [{ kind, digests: texts.map((text) => artifactDigest(textOf(text))) }];
  return decodeMatchLists(testPlan(testNetwork(), { lists }), artifacts);
}

describe('the match lists of a plan', () => {
  it('are none where it names none', () => {
    expect(decodeMatchLists(testPlan(testNetwork()), new Map())).to.have.property('lists');
  });

  it('are made ready for look-up', () => {
    const decoded = decode('domains', 'example.com\n', 'example.org\nexample.net\n');
    expect(decoded).to.have.property('lists').that.has.property('domains');
  });

  it('may overlap: what stands in two lists is pruned, as the tally has allowed it', () => {
    expect(decode('domains', 'example.com\n', 'www.example.com\nexample.com\n')).to.have.property('lists');
  });

  it('are refused where their kind is not known', () => {
    expect(decode('zodiac', 'aries\n')).to.deep.equal({
      fault: 'match lists of kind zodiac are not known to this version',
    });
    expect(decode('__proto__', 'aries\n')).to.have.property('fault');
  });

  for (const [kind, text] of Object.entries({
    domains: 'https://secret.example/\n',
    countries: 'secretland\n',
    autonomousSystems: 'AS-secret\n',
    asPrefixes: 'secret\n',
  })) {
    it(`of ${kind} are refused where they can't be read, and nothing of them is told`, () => {
      const decoded = decode(kind, text);
      expect(decoded)
        .to.have.property('fault')
        .that.is.a('string')
        .and.does.not.match(/secret/i);
    });
  }
});
