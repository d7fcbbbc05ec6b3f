import { expect } from 'chai';
import { dump } from 'js-yaml';
import { type NodeConfig, parseNodeConfig, sectionOf } from '../../src/config/node-config.js';
import { configErrorOf, faultsOf, keysOf, source } from './faults.js';

const parse = (document: unknown): NodeConfig =>
  parseNodeConfig(
    source(typeof document === 'string' ? document : dump(document), '/etc/privcount/config.yaml'),
    {
      home: '/home/op',
    },
  );

const tally = {
  listen_port: 20001,
  key: 'tls.pem',
  cert: 'tls.cert',
  identity_key: '~/tally.key',
  network: '../network.yaml',
  counters: '/srv/bins.yaml',
  noise: 'noise.yaml',
  collect_period: 80,
};
const keeper = { key: 'sk.key', network: 'network.yaml', state: 'state' };
const collector = { ...keeper, event_source: { port: 9051 } };

const tallyFaults = (change: Record<string, unknown>): string[] =>
  faultsOf(() => parse({ tally_server: { ...tally, ...change } }));
const tallyWith = (change: Record<string, unknown>) =>
  sectionOf(parse({ tally_server: { ...tally, ...change } }), 'tallyServer', 'f');
const collectorFaults = (change: Record<string, unknown>): string[] =>
  faultsOf(() => parse({ data_collector: { ...collector, ...change } }));

describe('parseNodeConfig', () => {
  it('reads a tally server with what it must say, and PrivCount’s defaults for the rest', () => {
    expect(parse({ tally_server: tally }).tallyServer).to.deep.equal({
      listenHost: '127.0.0.1',
      listenPort: 20001,
      tlsKeyFile: '/etc/privcount/tls.pem',
      tlsCertFile: '/etc/privcount/tls.cert',
      identityKeyFile: '/home/op/tally.key',
      networkFile: '/etc/privcount/../network.yaml',
      countersFile: '/srv/bins.yaml',
      noise: { kind: 'noise', file: '/etc/privcount/noise.yaml' },
      noiseOff: false,
      accept: undefined,
      reject: undefined,
      lists: {
        domains: [],
        countries: [],
        autonomousSystems: [],
        hsdirStores: [],
        hsdirFetches: [],
        circuitFailures: [],
        onionAddresses: [],
      },
      asPrefixFiles: undefined,
      rejectOverlappingLists: true,
      trafficModelFile: undefined,
      trafficNoiseFile: undefined,
      allocationFile: undefined,
      resultsFolder: '/etc/privcount',
      stateFolder: '/etc/privcount',
      collectPeriodMs: 80_000,
      eventPeriodMs: 40_000,
      checkinPeriodMs: 40_000,
      noisePeriodMs: 10_000,
      settlePeriodMs: 10_000,
      phaseTimeoutMs: 60_000,
      startAfterMs: 0,
      rounds: 1,
      circuitSampleRate: 1,
      cellEventsMax: -1,
      delay: { delayPeriodMs: undefined, alwaysDelay: undefined, sigmaDecreaseTolerance: undefined },
      room: undefined,
      monitor: undefined,
    });
  });

  it('reads everything that a tally server may say', () => {
    const full = tallyWith({
      listen_host: '::1',
      noise: undefined,
      sigmas: 'sigmas.yaml',
      counter_name_accept: '^Exit',
      counter_name_reject: '',
      domain_files: ['a', '/b'],
      country_files: ['c'],
      as_files: ['d'],
      as_prefix_files: { 4: 'v4', 6: 'v6' },
      hsdir_store_files: ['e'],
      hsdir_fetch_files: ['f'],
      circuit_failure_files: ['g'],
      onion_address_files: ['h'],
      reject_overlapping_lists: false,
      traffic_model: 'model.json',
      traffic_noise: 'model.yaml',
      allocation: 'out/allocation.yaml',
      results: 'results',
      state: 'state',
      collect_period: 86_400,
      event_period: 60,
      checkin_period: 0.5,
      noise_period: 20,
      settle_period: 0,
      phase_timeout: 30,
      start_after: '2018-01-01T00:00:00Z',
      continue: 7,
      circuit_sample_rate: 0.5,
      max_cell_events_per_circuit: 25,
      delay_period: 3600,
      always_delay: true,
      sigma_decrease_tolerance: 1e-3,
    });
    expect(full.noise).to.deep.equal({ kind: 'sigmas', file: '/etc/privcount/sigmas.yaml' });
    expect([full.accept?.source, full.reject]).to.deep.equal(['^Exit', undefined]);
    expect(full.lists).to.deep.equal({
      domains: ['/etc/privcount/a', '/b'],
      countries: ['/etc/privcount/c'],
      autonomousSystems: ['/etc/privcount/d'],
      hsdirStores: ['/etc/privcount/e'],
      hsdirFetches: ['/etc/privcount/f'],
      circuitFailures: ['/etc/privcount/g'],
      onionAddresses: ['/etc/privcount/h'],
    });
    expect(full.asPrefixFiles).to.deep.equal({ ipv4: '/etc/privcount/v4', ipv6: '/etc/privcount/v6' });
    expect([full.trafficModelFile, full.trafficNoiseFile, full.allocationFile]).to.deep.equal([
      '/etc/privcount/model.json',
      '/etc/privcount/model.yaml',
      '/etc/privcount/out/allocation.yaml',
    ]);
    expect([full.resultsFolder, full.stateFolder]).to.deep.equal([
      '/etc/privcount/results',
      '/etc/privcount/state',
    ]);
    expect([full.eventPeriodMs, full.checkinPeriodMs, full.noisePeriodMs]).to.deep.equal([
      60_000, 500, 20_000,
    ]);
    expect([full.settlePeriodMs, full.phaseTimeoutMs]).to.deep.equal([0, 30_000]);
    expect(full.startAfterMs).to.equal(1_514_764_800_000);
    expect([full.rounds, full.circuitSampleRate, full.cellEventsMax]).to.deep.equal([7, 0.5, 25]);
    expect([full.listenHost, full.rejectOverlappingLists]).to.deep.equal(['::1', false]);
    expect(full.delay).to.deep.equal({
      delayPeriodMs: 3_600_000,
      alwaysDelay: true,
      sigmaDecreaseTolerance: 1e-3,
    });
  });

  it('reads a keeper', () => {
    expect(parse({ share_keeper: { ...keeper, name: 'sk1', delay_period: 0 } }).shareKeeper).to.deep.equal({
      name: 'sk1',
      identityKeyFile: '/etc/privcount/sk.key',
      networkFile: '/etc/privcount/network.yaml',
      stateFolder: '/etc/privcount/state',
      delay: { delayPeriodMs: 0, alwaysDelay: undefined, sigmaDecreaseTolerance: undefined },
      monitor: undefined,
    });
  });

  it('reads a collector of one relay and of several', () => {
    const one = sectionOf(parse({ data_collector: collector }), 'dataCollector', 'f');
    expect(one.eventSources).to.deep.equal([
      {
        kind: 'control-port',
        address: { kind: 'tcp', host: '127.0.0.1', port: 9051 },
        passwordFile: undefined,
        cookieFile: undefined,
      },
    ]);
    expect([one.name, one.rotatePeriodMs, one.useSetconf]).to.deep.equal([undefined, 600_000, true]);
    const several = sectionOf(
      parse({
        data_collector: {
          ...collector,
          rotate_period: 60,
          use_setconf: false,
          event_source: [
            { port: 1, ip: '::1', control_password: 'password' },
            { unix: '~/tor.sock', control_cookie: '/run/tor/cookie' },
          ],
        },
      }),
      'dataCollector',
      'f',
    );
    expect(several.eventSources).to.deep.equal([
      {
        kind: 'control-port',
        address: { kind: 'tcp', host: '::1', port: 1 },
        passwordFile: '/etc/privcount/password',
        cookieFile: undefined,
      },
      {
        kind: 'control-port',
        address: { kind: 'unix', path: '/home/op/tor.sock' },
        passwordFile: undefined,
        cookieFile: '/run/tor/cookie',
      },
    ]);
    expect([several.rotatePeriodMs, several.useSetconf]).to.deep.equal([60_000, false]);
  });

  it('reads metrics pages, alone and beside a control port', () => {
    const sourcesOf = (event_source: unknown) =>
      sectionOf(parse({ data_collector: { ...collector, event_source } }), 'dataCollector', 'f').eventSources;
    const page = { kind: 'metrics-page', intervalMs: 60_000, timeoutMs: 10_000 };
    expect(sourcesOf({ metrics: 9035 })).to.deep.equal([
      { ...page, address: { host: '127.0.0.1', port: 9035 } },
    ]);
    expect(
      sourcesOf([
        { port: 9051 },
        { metrics: '192.0.2.7:9035', interval: 1, timeout: 0.1 },
        { metrics: '[::1]:65535', interval: 3600, timeout: 60 },
      ]).slice(1),
    ).to.deep.equal([
      { ...page, address: { host: '192.0.2.7', port: 9035 }, intervalMs: 1000, timeoutMs: 100 },
      { ...page, address: { host: '::1', port: 65_535 }, intervalMs: 3_600_000, timeoutMs: 60_000 },
    ]);
  });

  it('refuses a metrics page that stands twice, which would count twice', () => {
    const event_source = [
      { metrics: 9035 },
      { port: 9051 },
      { metrics: 9036 },
      { metrics: '127.0.0.1:9035' },
    ];
    expect(collectorFaults({ event_source })).to.deep.equal([
      'data_collector.event_source[3].metrics = "127.0.0.1:9035": is the page of event_source[0] too; wanted: another page, since one that is read twice counts twice',
    ]);
  });

  it('refuses metrics pages that are wrong, and says what would be right', () => {
    const faults = (event_source: unknown): string[] => collectorFaults({ event_source });
    for (const metrics of [
      0,
      65_536,
      1.5,
      'relay:9035',
      '127.0.0.1',
      '::1:9035',
      '[::x]:1',
      '1.2.3:1',
      '1.2.3.256:9',
      '1.2.3.4:0',
      true,
    ]) {
      expect(faults({ metrics }), String(metrics)).to.have.length(1);
      expect(faults({ metrics })[0]).to.match(
        /^data_collector\.event_source\.metrics = .*wanted: a port, or a literal address and a port/,
      );
    }
    for (const interval of [0.999, 3600.1, -1, '60', NaN])
      expect(faults({ metrics: 1, interval })[0]).to.match(/event_source\.interval = .*seconds, 1 to 3600$/);
    for (const timeout of [0.099, 60.1])
      expect(faults({ metrics: 1, timeout })[0]).to.match(/event_source\.timeout = .*seconds, 0\.1 to 60$/);
    const [without] = faults({ port: 1, interval: 5 });
    expect(without).to.match(/event_source\.interval = 5: stands without metrics/);
    for (const other of [
      { port: 1 },
      { unix: '/s' },
      { ip: '::1' },
      { control_password: 'p' },
      { control_cookie: 'c' },
    ]) {
      const lines = faults({ metrics: 1, ...other });
      expect(lines, JSON.stringify(other)).to.have.length(1);
      expect(lines[0]).to.match(/stands beside metrics; wanted: an entry of its own in the list/);
    }
  });

  it('knows true, false and a number for `continue`', () => {
    expect([true, false, 1, 12].map((value) => tallyWith({ continue: value }).rounds)).to.deep.equal([
      Infinity,
      1,
      1,
      12,
    ]);
    for (const value of [0, -1, 1.5, 'yes', 1_000_001]) {
      expect(tallyFaults({ continue: value })[0]).to.match(/^tally_server\.continue = /);
    }
  });

  it('takes any negative limit of cell events for none', () => {
    expect(tallyWith({ max_cell_events_per_circuit: -7 }).cellEventsMax).to.equal(-1);
    expect(tallyWith({ max_cell_events_per_circuit: 0 }).cellEventsMax).to.equal(0);
  });

  it('names all that a section lacks', () => {
    expect(keysOf(() => parse({ tally_server: {}, share_keeper: {}, data_collector: {} }))).to.deep.equal([
      'tally_server.listen_port',
      'tally_server.key',
      'tally_server.cert',
      'tally_server.identity_key',
      'tally_server.network',
      'tally_server.counters',
      'tally_server.collect_period',
      'share_keeper.key',
      'share_keeper.network',
      'share_keeper.state',
      'data_collector.key',
      'data_collector.network',
      'data_collector.state',
      'data_collector.event_source',
    ]);
  });

  const refused: Record<string, readonly unknown[]> = {
    listen_port: [0, 65_536, 1.5, '20001'],
    listen_host: ['', 'a b', 1],
    key: ['', 1, 'a\nb', 'x'.repeat(4097)],
    noise_off: ['yes', 1],
    counter_name_accept: ['(', 1],
    domain_files: ['one.txt', [1], Array.from({ length: 1001 }, () => 'a')],
    as_prefix_files: [['a', 'b'], 'a'],
    reject_overlapping_lists: ['no'],
    collect_period: [0, -1, '80', Infinity, NaN, 32 * 86_400 + 1],
    noise_period: [0, 600.1],
    settle_period: [-1],
    phase_timeout: [0, 3601],
    start_after: ['2018-01-01', '2018-13-01T00:00:00Z', '2018-02-29T00:00:00Z', 1_514_764_800],
    circuit_sample_rate: [0, 1.01, -1, NaN],
    max_cell_events_per_circuit: [1.5, 2 ** 31],
    delay_period: [-1],
    always_delay: ['true'],
    sigma_decrease_tolerance: [0, 1e-14, 2],
  };

  for (const [key, values] of Object.entries(refused)) {
    it(`refuses a wrong ${key}, and says what would be right`, () => {
      for (const value of values) {
        const faults = tallyFaults({ [key]: value });
        expect(faults, String(value)).to.have.length(1);
        expect(faults[0]).to.match(new RegExp(`^tally_server\\.${key}.*wanted: .+`, 's'));
      }
    });
  }

  it('wants one of noise and sigmas, or noise off', () => {
    expect(tallyFaults({ sigmas: 's' })).to.deep.equal([
      'tally_server.sigmas = "s": stands beside noise; wanted: one of noise and sigmas',
    ]);
    expect(tallyFaults({ noise: undefined })[0]).to.match(
      /^tally_server\.noise: is missing; wanted: .*noise_off/,
    );
    expect(tallyWith({ noise: undefined, noise_off: true })).to.include({ noise: undefined, noiseOff: true });
    expect(tallyWith({ noise_off: true }).noise).to.deep.equal({
      kind: 'noise',
      file: '/etc/privcount/noise.yaml',
    });
  });

  it('wants files that belong together, and periods that fit into a round', () => {
    const keys = (change: Record<string, unknown>): string[] =>
      tallyFaults(change).map((line) => line.slice(0, line.indexOf(';')));
    expect(keys({ traffic_noise: 'a' })).to.deep.equal([
      'tally_server.traffic_model: is missing, but traffic_noise is there',
    ]);
    expect(keys({ traffic_model: 'a' })).to.deep.equal([
      'tally_server.traffic_noise: is missing, but traffic_model is there',
    ]);
    expect(keys({ as_files: ['a'] })).to.deep.equal([
      'tally_server.as_prefix_files: is missing, but as_files is there',
    ]);
    expect(keys({ as_prefix_files: { 4: 'a', 6: 'b' } })).to.deep.equal([
      'tally_server.as_files = a list of 0: is missing, but as_prefix_files is there'.replace(
        ' = a list of 0',
        '',
      ),
    ]);
    expect(keys({ as_files: ['a'], as_prefix_files: { 4: 'a' } })).to.deep.equal([
      'tally_server.as_prefix_files.6: is missing',
    ]);
    expect(tallyFaults({ event_period: 41, checkin_period: 40.001 })).to.deep.equal([
      'tally_server.event_period = 41: is more than half of collect_period; wanted: at most 40',
      'tally_server.checkin_period = 40.001: is more than half of collect_period; wanted: at most 40',
    ]);
    expect(tallyWith({ event_period: 40 }).eventPeriodMs).to.equal(40_000);
  });

  it('refuses event sources that are wrong, and names the one', () => {
    const keys = (event_source: unknown): string[] =>
      collectorFaults({ event_source }).map((line) =>
        line.slice('data_collector.'.length, line.indexOf(';')),
      );
    expect(keys(undefined)).to.deep.equal(['event_source: is missing']);
    expect(keys([])).to.deep.equal(['event_source = a list of 0: is too small']);
    expect(keys({})).to.deep.equal(['event_source.port: is missing']);
    expect(keys('9051')).to.deep.equal(['event_source = "9051": is of the wrong kind']);
    expect(keys([{ port: 1 }, { port: '2' }])).to.deep.equal([
      'event_source[1].port = "2": is of the wrong kind',
    ]);
    expect(keys({ port: 1, unix: '/s' })).to.deep.equal(['event_source.unix = "/s": stands beside port']);
    expect(keys({ unix: '/s', ip: '1.2.3.4' })).to.deep.equal([
      'event_source.ip = "1.2.3.4": stands without port',
    ]);
    expect(keys({ port: 1, ip: 'localhost' })).to.deep.equal([
      'event_source.ip = "localhost": is not usable',
    ]);
    expect(keys({ port: 1, password: 'x' })).to.deep.equal([
      'event_source.password = "x": is not a key that is known here',
    ]);
    expect(keys(Array.from({ length: 65 }, () => ({ port: 1 })))).to.deep.equal([
      'event_source = a list of 65: is too large',
    ]);
  });

  it('tells of PrivCount’s keys what replaced them', () => {
    const faults = faultsOf(() =>
      parse({
        secret_handshake: 'a',
        tally_server: { ...tally, secret_handshake: 'a', noise_weight: {}, sk_threshold: 1, dc_threshold: 1 },
        share_keeper: { ...keeper, tally_server_info: {} },
        data_collector: { ...collector, tally_server_info: {}, share_keepers: [] },
      }),
    );
    expect(faults).to.have.length(8);
    for (const line of faults)
      expect(line).to.match(/is a key of PrivCount 2\.0 that is not used any more; wanted: .+/);
  });

  it('refuses unknown keys and sections, and lists those it knows', () => {
    expect(collectorFaults({ nmae: 'x' })[0]).to.match(
      /^data_collector\.nmae = "x": .*wanted: one of: name, key, /,
    );
    expect(faultsOf(() => parse({ tally: {} }))[0]).to.match(/wanted: one of: tally_server, share_keeper/);
    expect(faultsOf(() => parse('{}'))).to.deep.equal([
      ': is not usable; wanted: one or more of the sections tally_server, share_keeper, data_collector'.replace(
        ': is',
        ' = a map: is',
      ),
    ]);
  });
});

describe('sectionOf', () => {
  it('names the section that a node needs and the file that lacks it', () => {
    const error = configErrorOf(() =>
      sectionOf(parse({ share_keeper: keeper }), 'dataCollector', 'etc/c.yaml'),
    );
    expect(error.message).to.match(
      /^etc\/c\.yaml: data_collector: is missing; wanted: a section data_collector/,
    );
  });
});
