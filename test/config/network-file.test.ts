import { expect } from 'chai';
import { formatNetwork, parseNetwork } from '../../src/config/network-file.js';
import { type Network } from '../../src/core/network.js';
import { faultsOf, keysOf, source } from './faults.js';

const hex = (digit: string): string => digit.repeat(64);

const text = `
name: example
tally_server: {host: tally.example.net, port: 20001, identity: '${hex('a')}', tls_pin: '${hex('B')}'}
sk_threshold: 2
share_keepers:
  - {name: sk1, identity: '${hex('c')}'}
  - {name: sk2, identity: '${hex('d')}'}
  - {name: sk3, identity: '${hex('e')}'}
dc_threshold: 1
data_collectors:
  - {name: dc1, identity: '${hex('f')}', noise_weight: 1, fingerprint: $facade0000000000000000000123456789abcdef}
  - {name: dc2, identity: '${'0f'.repeat(32)}', noise_weight: 1.5}
privacy:
  epsilon: 0.3
  delta: 1.0e-3
  tolerated: {lost: 1, dishonest: 0, curious: 0}
  sigmas_digest: '${hex('1')}'
  budget: {epsilon: 3, delta: 1e-2, window_days: 30}
delay_period: 3600
`;

const network: Network = {
  name: 'example',
  tallyServer: { host: 'tally.example.net', port: 20001, identity: hex('a'), tlsPin: hex('b') },
  threshold: 2,
  keepers: [
    { name: 'sk1', identity: hex('c') },
    { name: 'sk2', identity: hex('d') },
    { name: 'sk3', identity: hex('e') },
  ],
  minCollectors: 1,
  collectors: [
    {
      name: 'dc1',
      identity: hex('f'),
      noiseWeight: 1,
      fingerprints: ['FACADE0000000000000000000123456789ABCDEF'],
    },
    { name: 'dc2', identity: '0f'.repeat(32), noiseWeight: 1.5, fingerprints: [] },
  ],
  privacy: {
    epsilon: 0.3,
    delta: 1e-3,
    tolerated: { lost: 1, dishonest: 0, curious: 0 },
    sigmasDigest: hex('1'),
    budget: { epsilon: 3, delta: 1e-2, windowDays: 30 },
  },
  delayPeriodMs: 3_600_000,
  alwaysDelay: false,
  sigmaDecreaseTolerance: 1e-6,
};

/** The faults of the file with one piece of text changed. */
function faultsWith(from: string, to: string): string[] {
  expect(text).to.contain(from);
  return faultsOf(() => parseNetwork(source(text.replace(from, to))));
}

describe('parseNetwork', () => {
  it('reads a whole network', () => {
    expect(parseNetwork(source(text))).to.deep.equal(network);
  });

  it('reads what formatNetwork writes', () => {
    const full = {
      ...network,
      alwaysDelay: true,
      delayPeriodMs: 1,
      privacy: { ...network.privacy, sensitivitiesDigest: hex('2') },
    };
    for (const each of [network, full]) {
      expect(parseNetwork(source(formatNetwork(each, ['Made by a test.'])))).to.deep.equal(each);
    }
    expect(formatNetwork(network, ['One.', 'Two.'])).to.match(/^# One\.\n# Two\.\nname: example\n/);
  });

  it('takes PrivCount’s defaults for the delay between rounds', () => {
    const { delayPeriodMs, alwaysDelay, sigmaDecreaseTolerance } = parseNetwork(
      source(text.replace('delay_period: 3600', '')),
    );
    expect({ delayPeriodMs, alwaysDelay, sigmaDecreaseTolerance }).to.deep.equal({
      delayPeriodMs: 86_400_000,
      alwaysDelay: false,
      sigmaDecreaseTolerance: 1e-6,
    });
  });

  it('names every key that is missing', () => {
    expect(keysOf(() => parseNetwork(source('{}')))).to.deep.equal([
      'name',
      'tally_server',
      'sk_threshold',
      'share_keepers',
      'dc_threshold',
      'data_collectors',
      'privacy',
    ]);
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ['name: example', 'name: two words', 'name = "two words": is not usable'],
    ['port: 20001', 'port: 0', 'tally_server.port = 0: is too small'],
    ['port: 20001', 'port: 65536', 'tally_server.port = 65536: is too large'],
    ['host: tally.example.net', "host: 'a b'", 'tally_server.host = "a b": is not usable'],
    [hex('a'), hex('a').slice(1), 'tally_server.identity'],
    [
      hex('a'),
      hex('0'),
      `tally_server.identity = "${hex('0')}": is a key that anybody can sign for; wanted: an`,
    ],
    [hex('d'), `01${'00'.repeat(31)}`, 'share_keepers[1].identity = "0100000000'],
    [hex('f'), `ee${'ff'.repeat(31)}`, 'data_collectors[0].identity = "eeffffffff'],
    [hex('B'), hex('x'), 'tally_server.tls_pin'],
    ['sk_threshold: 2', 'sk_threshold: 2.5', 'sk_threshold = 2.5: is of the wrong kind'],
    ['sk_threshold: 2', 'sk_threshold: 1', "sk_threshold: 1 of 3 keepers can't decide alone"],
    ['dc_threshold: 1', 'dc_threshold: 3', "dc_threshold: 3 of 2 collectors can't be reached"],
    ['name: sk2', 'name: sk1', 'share_keepers[1].name: is the same as share_keepers[0].name'],
    ['noise_weight: 1.5', 'noise_weight: -1', 'data_collectors[1].noise_weight = -1: is too small'],
    [
      'noise_weight: 1.5',
      'noise_weight: .nan',
      'data_collectors[1].noise_weight = NaN: is of the wrong kind',
    ],
    [
      'noise_weight: 1,',
      'noise_weight: 0.5,',
      'data_collectors[].noise_weight: the squares of the 1 smallest',
    ],
    ['$facade', '$acade', 'data_collectors[0].fingerprint'],
    ['noise_weight: 1.5', 'noise_weight: 1.5, fingerprint: []', 'data_collectors[1].fingerprint'],
    ['noise_weight: 1.5', 'noise_weight: 1.5, fingerprint: {}', 'data_collectors[1].fingerprint'],
    [
      'noise_weight: 1.5',
      `noise_weight: 1.5, fingerprint: [${'a'.repeat(40)}, x]`,
      'data_collectors[1].fingerprint[1] = "x": is not usable; wanted: the fingerprint of a relay',
    ],
    [
      'noise_weight: 1.5',
      'noise_weight: 1.5, fingerprint: FACADE0000000000000000000123456789ABCDEF',
      'data_collectors[1].fingerprint: is the same as data_collectors[0].fingerprint',
    ],
    ['epsilon: 0.3', 'epsilon: 0', 'privacy.epsilon = 0: is too small'],
    ['epsilon: 0.3', 'epsilon: .inf', 'privacy.epsilon = Infinity: is of the wrong kind'],
    ['delta: 1.0e-3', 'delta: 0.6', 'privacy.delta = 0.6: is too large'],
    ['lost: 1', 'lost: -1', 'privacy.tolerated.lost = -1: is too small'],
    ['lost: 1', 'lost: 2', 'privacy.tolerated: allows 2 of 2 collectors'],
    ['window_days: 30', 'window_days: 0', 'privacy.budget.window_days = 0: is too small'],
    ['window_days: 30', 'days: 30', 'privacy.budget.window_days: is missing'],
    ['delay_period: 3600', 'delay_period: -1', 'delay_period = -1: is too small'],
    [
      'delay_period: 3600',
      'noise_weight: 1',
      'noise_weight = 1: is a key of PrivCount 2.0 that is not used any more',
    ],
    ['delay_period: 3600', 'always_delay: yes', 'always_delay = "yes": is of the wrong kind'],
  ];

  for (const [from, to, fault] of refused) {
    it(`refuses ${to.length > 40 ? `${to.slice(0, 20)}...` : to} for ${from.slice(0, 30)}`, () => {
      expect(faultsWith(from, to)[0]).to.satisfy((line: string) => line.startsWith(fault), fault);
    });
  }

  it('reads and writes the relays of one collector: one, or a list of 1 to 64', () => {
    const relays = Array.from({ length: 65 }, (_, at) => at.toString(16).toUpperCase().padStart(40, 'A'));
    const read = (count: number): Network => {
      const line = `noise_weight: 1.5, fingerprint: [${relays.slice(0, count).join(', ')}]`;
      return parseNetwork(source(text.replace('noise_weight: 1.5', line)));
    };
    for (const count of [1, 2, 64]) {
      expect(read(count).collectors[1]!.fingerprints).to.deep.equal(relays.slice(0, count));
      expect(parseNetwork(source(formatNetwork(read(count))))).to.deep.equal(read(count));
    }
    expect(formatNetwork(read(1))).to.contain(`fingerprint: ${relays[0]!}`);
    expect(keysOf(() => read(65))).to.deep.equal(['data_collectors[1].fingerprint']);
  });

  it('says which key would be right for each unknown one', () => {
    expect(faultsWith('name: sk3', 'naem: sk3')).to.deep.equal([
      'share_keepers[2].name: is missing; wanted: 1 to 64 of the characters a-z A-Z 0-9 . _ -',
      'share_keepers[2].naem = "sk3": is not a key that is known here; wanted: one of: name, identity',
    ]);
  });
});
