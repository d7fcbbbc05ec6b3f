/**
 * Whole rounds at Debian's tor: a private network of real relays with real traffic, and the collectors beside them.
 *
 * A tor network is never quite still, so nobody knows to the byte what was counted between two moments at which a collector
 * looked. The test looks before and after each of them instead: what it sees within is surely counted, and what it does not
 * see at all surely is not. Where both are the same, which is so of all that only the test's traffic causes, this is equality.
 */
import { copyFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packagedConfig } from '../../src/cli/package-files.js';
import {
  ProcessNetwork,
  totalsOf,
  type ProcessNetworkOptions,
  type Tallies,
} from '../support/process-network.js';
import { TorControl } from '../support/tor-network-control.js';
import { describeWithTor } from '../support/tor-network-present.js';
import {
  EVENT_COUNTERS,
  growth,
  METRICS_COUNTERS,
  sumOf,
  type Counts,
} from '../support/tor-network-readings.js';
import { CONTROL_PASSWORD, cookieFileOf, COUNTRY } from '../support/tor-network-torrc.js';
import { WatchedRelay } from '../support/tor-network-watched.js';
import { eventually } from '../support/tor-network-wait.js';
import { TorNetwork, type TorName } from '../support/tor-network.js';

/** Seconds; a loaded machine needs most of it for the traffic. */
const COLLECT_PERIOD = 30;
/** All clients are in the country of the list. */
const NO_MATCH = 'ORConnectionClientCountryNoMatchLifeTime';
/** All clients have the address of loopback: one a relay. */
const ADDRESSES = 'ORConnectionClientIPCount';
/** For what takes seconds. */
const WAIT_MS_MAX = 60_000;

describeWithTor('at relays of a private tor network', function () {
  this.timeout(600_000);
  let started: TorNetwork | undefined;
  let tor: TorNetwork;
  let relays: WatchedRelay[] = [];
  let network: ProcessNetwork | undefined;

  before(async () => {
    tor = started = await TorNetwork.start();
  });

  after(() => started?.stop());

  afterEach(async () => {
    await network?.stop();
    await Promise.all(relays.map((relay) => relay.stop()));
    network = undefined;
    relays = [];
  });

  async function watch(names: readonly TorName[]): Promise<WatchedRelay[]> {
    relays = await Promise.all(names.map((name) => WatchedRelay.watch(tor, name)));
    return relays;
  }

  /** A collector beside each relay that is watched. */
  async function start(options: Partial<ProcessNetworkOptions> = {}): Promise<ProcessNetwork> {
    const countries = join(tor.folder, 'country-list');
    writeFileSync(countries, `${COUNTRY}\n`);
    network = await ProcessNetwork.start({
      keepers: 2,
      threshold: 2,
      eventLogs: [],
      eventSources: relays.map((relay) => relay.eventSources()),
      fingerprints: relays.map(({ name }) => tor.fingerprint(name)),
      counters: countersFile('all', [...METRICS_COUNTERS, ...EVENT_COUNTERS, NO_MATCH, ADDRESSES]),
      lists: { country_files: [countries] },
      collectPeriod: COLLECT_PERIOD,
      noisePeriod: 6,
      phaseTimeout: 30,
      settlePeriod: 60,
      checkpointPeriod: 1,
      ...options,
    });
    return network;
  }

  function countersFile(title: string, names: readonly string[]): string {
    const file = join(tor.folder, `${title}.bins.yaml`);
    // Counters of values have at least two bins; both are summed.
    const binsOf = (name: string) =>
      /LifeTime|Histogram/.test(name) ? '[[0.0, 1000.0], [1000.0, .inf]]' : '[[0.0, .inf]]';
    const entries = names.map((name) => `  ${name}:\n    bins: ${binsOf(name)}\n`);
    writeFileSync(file, `counters:\n${entries.join('')}`);
    return file;
  }

  /** The collector has written down what it had counted before the call. */
  async function hasSaved(name: string): Promise<void> {
    const state = join(network!.folder, 'network', name, 'state');
    const times = () =>
      readdirSync(state)
        .filter((file) => file.startsWith('state.db'))
        .map((file) => statSync(join(state, file)).mtimeMs);
    // One write may have been on its way.
    for (let writes = 0; writes < 2; writes += 1) {
      const before = Math.max(...times());
      await eventually(`a checkpoint of ${name}`, WAIT_MS_MAX, () =>
        Math.max(...times()) > before ? true : undefined,
      );
    }
  }

  function said(name: string, sentence: string): Promise<true> {
    return eventually(`${name} says "${sentence}"`, WAIT_MS_MAX, () =>
      network!.linesOf(name).some((line) => line.includes(sentence)) ? true : undefined,
    );
  }

  const moments = () => Promise.all(relays.map((relay) => relay.moment()));
  const hasLooked = () => Promise.all(relays.map((relay) => relay.hasLooked()));

  it('a round counts what the pages and another controller of all relays show, and leaves them as they were', async () => {
    await watch(tor.relayNames);
    const settings = () => Promise.all(relays.map((relay) => relay.ask('GETINFO config-text')));
    const settingsBefore = await settings();
    const earlier = await moments();
    const running = await start();
    await running.logged('tally', ': collecting');
    await Promise.all(relays.map((relay) => relay.isBeingCounted()));
    const from = await moments();

    const exitFetches = [1_000, 100_000, 1, 300_000];
    for (const bytes of exitFetches) await tor.fetch(bytes);
    await tor.fetchOnion(10_000);
    await relays[0]!.ask('SIGNAL HUP');
    // The first time for connections that begin while they are counted, the second for their ends.
    await tor.reconnectClient();
    await tor.reconnectClient();
    await tor.fetchOnion(10_000);

    await hasLooked();
    const to = await moments();
    await hasLooked();
    expect(relays.map(({ isCounted }) => isCounted)).not.to.include(false);
    expect(await settings()).to.deep.equal(settingsBefore);
    const { exitCode, outcome, tallies } = await running.result();
    const later = await moments();

    expect(exitCode).to.equal(0);
    const status = Object.values(outcome.Context.DataCollector).map(({ Status }) => Status);
    expect(status.map(({ complete }) => complete)).to.deep.equal(relays.map(() => true));
    const counted = countsOfTallies(tallies!);
    expectBetween(counted, {
      least: sumOf(relays.map((relay, at) => relay.between(from[at]!, to[at]!))),
      most: sumOf([
        ...relays.map((relay) => relay.toldEvents()),
        ...relays.map((_, at) => growth(earlier[at]!.page, later[at]!.page)),
      ]),
    });
    expect(counted.get(NO_MATCH)).to.equal(0n);
    const guards = relays.filter((relay) => relay.toldEvents().get('ORConnectionClientCount')! > 0n);
    expect(counted.get(ADDRESSES)).to.equal(BigInt(guards.length));
    expect(counted.get('CollectorCount')).to.equal(BigInt(relays.length));

    // What the driver knows. Tor tries a stream again on another circuit if it must, and probes circuits by streams to nowhere.
    const exitBytes = exitFetches.reduce((sum, bytes) => sum + bytes, 0);
    expect(Number(counted.get('MetricsStreamBeginCount'))).to.be.at.least(exitFetches.length);
    expect(Number(counted.get('MetricsConnectionExitCount'))).to.be.at.least(exitFetches.length);
    expect(Number(counted.get('MetricsTrafficReadByteCount'))).to.be.at.least(exitBytes);
    expect(Number(counted.get('BandwidthWrittenByteCount'))).to.be.at.least(exitBytes);
    expect(Number(counted.get('MetricsRendezvous1SuccessCount'))).to.be.at.least(1);
    expect(Number(counted.get('ORConnectionClientCount'))).to.be.at.least(1);
    expect(Number(counted.get('ORConnectionClientLifeTime'))).to.be.at.least(1);

    // Nothing was set, and nothing is asked of the relay any more.
    const said = relays.flatMap((relay) => relay.commands());
    expect(said.filter((line) => line.startsWith('SETCONF'))).to.deep.equal([]);
    expect(relays.map(({ isCounted }) => isCounted)).not.to.include(true);
    expect(await settings()).to.deep.equal(settingsBefore);
  });

  it('a round goes on by itself though a relay is killed and restarted, and though a collector is', async () => {
    const [exit, middle] = (await watch(['exit1', 'middle1'])) as [WatchedRelay, WatchedRelay];
    const earlier = await moments();
    const running = await start({ collectPeriod: 2 * COLLECT_PERIOD });
    await running.logged('tally', ': collecting');
    await Promise.all(relays.map((relay) => relay.isBeingCounted()));
    const from = await moments();
    for (const bytes of [10_000, 200_000, 5]) await tor.fetch(bytes);
    await hasLooked();
    const to = await moments();
    await hasLooked();
    await hasSaved('collector-2');

    const atKill = await moments();
    await Promise.all([tor.process('exit1').kill(), running.kill('collector-2')]);
    const surelyBefore = sumOf(relays.map((relay, at) => relay.between(from[at]!, to[at]!)));
    await said('collector-1', 'event source 1: ');
    await tor.restart('exit1');
    await exit.reconnect();
    const whileKilled = await middle.moment();
    running.restart('collector-2');
    await Promise.all(relays.map((relay) => relay.isBeingCounted()));

    const again = await moments();
    for (const bytes of [30_000, 1]) await tor.fetch(bytes);
    await hasLooked();
    const end = await moments();
    await hasLooked();
    expect(relays.map(({ isCounted }) => isCounted)).not.to.include(false);
    const { exitCode, outcome, tallies } = await running.result();
    const later = await moments();

    expect(exitCode).to.equal(0);
    const [ofExit, ofMiddle] = Object.values(outcome.Context.DataCollector).map(({ Status }) => Status);
    for (const { complete, coverage } of [ofExit!, ofMiddle!]) {
      expect(complete).to.equal(false);
      expect(coverage).to.be.greaterThan(0.1).and.lessThan(1);
    }
    expectBetween(countsOfTallies(tallies!), {
      least: sumOf([
        surelyBefore,
        ...relays.map((relay, at) => relay.eventsBetween(again[at]!, end[at]!)),
        // The page of the exit began at 0 when it was restarted, and nothing of it was missed.
        end[0]!.page,
        growth(again[1]!.page, end[1]!.page),
      ]),
      most: sumOf([
        ...relays.map((relay) => relay.toldEvents()),
        ...relays.map((_, at) => growth(earlier[at]!.page, atKill[at]!.page)),
        later[0]!.page,
        growth(whileKilled.page, later[1]!.page),
      ]),
    });
    await said('collector-1', 'event source 2: the relay was restarted while it was counted');
    await said('collector-1', 'event source 1: the relay is back');
    expect(
      relays.flatMap((relay) => relay.commands()).filter((line) => line.startsWith('SETCONF')),
    ).to.deep.equal([]);
  });

  it('says what is wrong with a password, a socket, a cookie and a policy, and counts as soon as it is put right', async () => {
    const names: TorName[] = ['authority3', 'middle1', 'authority1'];
    const folder = (name: TorName) => tor.node(name).folder;
    const password = join(folder('authority3'), 'typed');
    const socket = join(folder('middle1'), 'moved');
    const cookie = join(folder('authority1'), 'cookie');
    writeFileSync(password, 'not the password\n', { mode: 0o600 });
    const portOf = (name: TorName) => (tor.node(name).control as { port: number }).port;
    const exit = await TorControl.open(tor.node('exit1'));
    await exit.ask('SETCONF MetricsPortPolicy="reject *"');
    const running = await start({
      eventSources: [
        [{ port: portOf('authority3'), control_password: password }],
        [{ unix: socket }],
        [
          { port: portOf('authority1'), control_cookie: cookie },
          { metrics: tor.node('exit1').ports.metrics, interval: 1 },
        ],
      ],
      fingerprints: names.map((name) => tor.fingerprint(name)),
      counters: countersFile('events', EVENT_COUNTERS),
      collectPeriod: 8,
      settlePeriod: 120,
    });
    await Promise.all([
      said('collector-1', 'control_password must hold the password whose hash is HashedControlPassword'),
      said('collector-2', 'its ControlPort or ControlSocket is the one in event_source'),
      said('collector-3', 'event source 1: the cookie file'),
      said('collector-3', 'event source 2: the metrics page was cut off'),
      said('collector-3', 'MetricsPortPolicy in torrc'),
    ]);
    expect(running.linesOf('tally').join('\n')).not.to.include(': collecting');

    writeFileSync(password, `${CONTROL_PASSWORD}\n`, { mode: 0o600 });
    symlinkSync((tor.node('middle1').control as { path: string }).path, socket);
    copyFileSync(cookieFileOf(tor.node('authority1')), cookie);
    await exit.ask('SETCONF MetricsPortPolicy="accept 127.0.0.1"');
    exit.close();
    const { exitCode, tallies } = await running.result();
    expect(exitCode).to.equal(0);
    const counted = countsOfTallies(tallies!);
    expect(counted.get('CollectorCount')).to.equal(3n);
    expect(Number(counted.get('BandwidthByteHistogram'))).to.be.greaterThan(0);
    await said('collector-1', 'the relay is back');
    await said('collector-3', 'event source 2: the metrics page is back');
    for (const name of ['collector-1', 'collector-2', 'collector-3'])
      expect(running.linesOf(name).join('\n')).not.to.match(/not the password|a "quoted" password/);
  });

  it("declines what only PrivCount's tor can give, and says what would", async () => {
    await watch(['exit1']);
    const running = await start({
      counters: packagedConfig('counters/exit-streams.bins.yaml'),
      settlePeriod: 1,
      phaseTimeout: 8,
    });
    await said('collector-1', 'declined, no event source of this collector gives Exit');
    await said('collector-1', "it needs the control port of a tor with PrivCount's patch");
    const { exitCode, outcome } = await running.result();
    expect(exitCode).to.equal(3);
    expect(JSON.stringify(outcome.Result)).to.include('it needs the control port of a tor with');
    expect(relays[0]!.commands().join('\n')).not.to.match(/SETCONF|SETEVENTS \S/);
  });
});

function countsOfTallies(tallies: Tallies): Counts {
  return new Map(
    [...totalsOf(tallies)].map(([name, bins]) => [name, bins.reduce((sum, count) => sum + count, 0n)]),
  );
}

function expectBetween(counted: Counts, { least, most }: { least: Counts; most: Counts }): void {
  const wrong = [...least.keys()]
    .map((name) => ({ name, least: least.get(name)!, counted: counted.get(name)!, most: most.get(name)! }))
    .filter((count) => count.counted < count.least || count.counted > count.most);
  expect(
    wrong.map((count) =>
      JSON.stringify(count, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ),
  ).to.deep.equal([]);
}
