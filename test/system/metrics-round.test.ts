/** A round of real processes whose collectors count by metrics pages, of relays that restart, vanish and break off. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePorts } from '../../src/cli/child-process.js';
import { packagedConfig } from '../../src/cli/package-files.js';
import { MetricsServer, type RelayCounts } from '../support/metrics-server.js';
import { ProcessNetwork, totalsOf } from '../support/process-network.js';

const BEGIN = 'tor_relay_streams_total{type="BEGIN"}';
const BEGIN_DIR = 'tor_relay_streams_total{type="BEGIN_DIR"}';
const RESOLVE = 'tor_relay_streams_total{type="RESOLVE"}';
const READ = 'tor_relay_traffic_bytes{direction="read"}';
const DESTROY = 'tor_relay_destroy_cell_total';
const OR = 'tor_relay_connections_total{type="OR",direction="received",state="created",family="ipv6"}';
const METRICS =
  'tor_relay_connections_total{type="Metrics",direction="received",state="created",family="ipv4"}';

/** Of every metric that the counters need; numbers that stand nowhere else. */
const BEFORE: RelayCounts = {
  ...Object.fromEntries(
    [
      'exit_dns_query_total',
      'load_onionskins_total{type="ntor",action="processed"}',
      'est_intro_total{action="success"}',
      'est_rend_total{action="success"}',
      'intro1_total{action="success"}',
      'rend1_total{action="success"}',
    ].map((series, at) => [`tor_relay_${series}`, 8_100_013 + at]),
  ),
  [BEGIN]: 73_301_873,
  [BEGIN_DIR]: 5_417_939,
  [READ]: 92_233_720_368_547,
  [OR]: 6_700_417,
  [METRICS]: 1,
  [DESTROY]: 9_091_919,
};

const FIRST: RelayCounts = {
  [BEGIN]: 1_299_709,
  [READ]: 9_007_199_254_740,
  [OR]: 104_729,
  [METRICS]: 5_551_553,
};
const SECOND: RelayCounts = { [BEGIN]: 2_750_159, [RESOLVE]: 3_267_113, [DESTROY]: 4_256_233 };
const THIRD: RelayCounts = { [BEGIN_DIR]: 1_111_151, [DESTROY]: 2_123_129 };
/** Of the new run of a relay that has restarted: all of it is new, though some of it is more than before. */
const NEW_RUN: RelayCounts = {
  ...Object.fromEntries(Object.keys(BEFORE).map((series) => [series, 0])),
  [BEGIN]: 3_141_601,
  [DESTROY]: 21_212_123,
  [METRICS]: 1,
};

const SECRETS = [BEFORE, FIRST, SECOND, THIRD, NEW_RUN]
  .flatMap((counts) => Object.values(counts))
  .filter((count) => count > 1000);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
}

/** Logs, statuses and outcomes: all that is written for people, but the totals. */
function saidIn(network: ProcessNetwork): string {
  const told = filesBelow(network.folder).filter((path) =>
    /\.log$|status\.json$|privcount\.outcome\./.test(path),
  );
  return told.map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')).join('\n');
}

describe('a round of real processes by metrics pages', function () {
  this.timeout(240_000);
  let network: ProcessNetwork | undefined;
  let relays: MetricsServer[] = [];

  afterEach(async () => {
    await network?.stop();
    await Promise.all(relays.map((relay) => relay.stop()));
    network = undefined;
    relays = [];
  });

  it('publishes exact totals through a restart, an outage and a page that breaks off, and tells no count', async () => {
    const ports = await freePorts(2);
    relays = ports.map((port) => new MetricsServer(port, BEFORE));
    await Promise.all(relays.map((relay) => relay.start()));
    const [steady, restarting] = relays as [MetricsServer, MetricsServer];
    const running = await ProcessNetwork.start({
      keepers: 2,
      threshold: 2,
      eventLogs: [],
      metricsPorts: ports,
      collectors: 2,
      counters: packagedConfig('counters/metrics.bins.yaml'),
      noise: { kind: 'noise', file: packagedConfig('noise/metrics.yaml') },
      collectPeriod: 60,
      noisePeriod: 6,
      phaseTimeout: 30,
      checkpointPeriod: 5,
    });
    network = running;
    await running.logged('tally', ': collecting');
    // A page that was asked for before counting began may still be on its way; the next but one has the base behind it.
    await Promise.all(relays.map((relay) => relay.pages(3)));
    for (const relay of relays) relay.add(FIRST);
    await Promise.all(relays.map((relay) => relay.pages(2)));
    await Promise.all([breakDown(steady, running), restart(restarting, running)]);
    const { exitCode, outcome, tallies } = await running.result();

    expect(exitCode).to.equal(0);
    expect(outcome.Result.collectors).to.deep.equal(['collector-1', 'collector-2']);
    const sum = (...counts: (number | undefined)[]): bigint =>
      counts.reduce<bigint>((total, count) => total + BigInt(count!), 0n);
    const counted = Object.fromEntries([...totalsOf(tallies!)].map(([name, [total]]) => [name, total]));
    const expected: Record<string, bigint> = {
      ...Object.fromEntries(Object.keys(counted).map((name) => [name, 0n])),
      CollectorCount: 2n,
      MetricsStreamBeginCount: sum(FIRST[BEGIN], FIRST[BEGIN], SECOND[BEGIN], SECOND[BEGIN], NEW_RUN[BEGIN]),
      MetricsStreamBeginDirCount: sum(THIRD[BEGIN_DIR], THIRD[BEGIN_DIR]),
      MetricsStreamResolveCount: sum(SECOND[RESOLVE], SECOND[RESOLVE]),
      MetricsTrafficReadByteCount: sum(FIRST[READ], FIRST[READ]),
      MetricsConnectionORReceivedCount: sum(FIRST[OR], FIRST[OR]),
      MetricsDestroyCellCount: sum(
        ...[SECOND[DESTROY], SECOND[DESTROY], THIRD[DESTROY], THIRD[DESTROY], NEW_RUN[DESTROY]],
      ),
    };
    expect(counted).to.deep.equal(expected);
    const { DataCollector: context } = outcome.Context;
    expect(context['collector-1']!.Status.complete).to.equal(true);
    expect(context['collector-2']!.Status.complete).to.equal(false);
    const said = saidIn(running);
    expect(said).to.include('event source: the relay was restarted while it was counted');
    expect(said).to.include('event source: nobody listens at the address of metrics');
    expect(said).to.include('event source: the metrics page is not complete');
    for (const secret of SECRETS) expect(said).not.to.include(String(secret));
  });

  /** Its port is closed for a while, and what it counts meanwhile is not lost. */
  async function breakDown(relay: MetricsServer, running: ProcessNetwork): Promise<void> {
    await relay.stop();
    await running.logged('collector-1', 'is the one in event_source');
    relay.add(SECOND);
    await relay.start();
    await relay.pages(2);
    relay.manner = 'truncated';
    await relay.pages(1);
    relay.manner = 'whole';
    relay.add(THIRD);
    await relay.pages(2);
  }

  /** What it says on pages that are not whole counts for nothing; then it begins anew. */
  async function restart(relay: MetricsServer, running: ProcessNetwork): Promise<void> {
    relay.manner = 'incomplete';
    relay.add(SECOND);
    await relay.pages(2);
    relay.manner = 'whole';
    await relay.pages(2);
    relay.counts = { ...NEW_RUN };
    await running.logged('collector-2', 'and its end is lost');
    relay.add(THIRD);
    await relay.pages(2);
  }
});
