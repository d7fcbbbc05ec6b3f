/** Counters of a relay's metrics page: names, what is added where, and what is left out. */
import { expect } from 'chai';
import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { compileCollection } from '../../src/collection/collection.js';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { layOutCounters } from '../../src/core/counters.js';
import { newVector } from '../../src/core/ring.js';
import { comparePages, type MetricsReading } from '../../src/tor/metrics/compare-pages.js';
import { METRIC_NAMES } from '../../src/tor/metrics/metrics-names.js';
import { describeWithSharedData } from '../support/shared-data.js';
import { LISTS } from './test-plan.js';
import { pageFrom, recordedSeries } from '../tor/metrics/pages.js';

const ENTRIES = [...CATALOGUE.values()].filter(({ family }) => family === 'metrics page');
const NAMES = ENTRIES.map(({ name }) => name);

/** What is counted of these readings, by counters that are not 0. */
function countedOf(
  readings: readonly MetricsReading[][],
  { names = NAMES, scaleBits = 0 } = {},
): Record<string, bigint> {
  const layout = layOutCounters(
    names.map((name) => ({ name, bins: [SINGLE_BIN] })),
    scaleBits,
  );
  const lanes = newVector(layout.cells);
  const collection = compileCollection({
    layout,
    lanes,
    lists: LISTS,
    startedAtMs: 0,
    rotatePeriodMs: 1000,
    onRejected: () => expect.fail('no event is read'),
  });
  for (const some of readings) collection.countReadings(some);
  const valueAt = (cell: number): bigint =>
    [3, 2, 1, 0].reduce((value, lane) => (value << 32n) | BigInt(lanes[cell * 4 + lane]!), 0n);
  return Object.fromEntries(
    layout.places
      .map(({ name, firstCell }) => [name, valueAt(firstCell)] as const)
      .filter(([, value]) => value > 0n),
  );
}

function reading(
  metric: MetricsReading['metric'],
  labels: Record<string, string>,
  added: bigint,
): MetricsReading {
  return { metric, labels: new Map(Object.entries(labels)), added };
}

const connection = (labels: Record<string, string>, added: bigint): MetricsReading =>
  reading(
    'tor_relay_connections_total',
    { type: 'OR', direction: 'received', state: 'created', family: 'ipv4', ...labels },
    added,
  );

describe('counters of a metrics page', () => {
  it('are there for every metric that only grows, with names that begin with Metrics, all plain counts', () => {
    expect(new Set(ENTRIES.map(({ metric }) => metric))).to.deep.equal(new Set(METRIC_NAMES));
    expect(NAMES).to.have.length(140);
    for (const { name, events } of ENTRIES) {
      expect(name).to.match(/^Metrics[A-Z]\w*Count$/);
      expect(events).to.deep.equal([]);
    }
  });

  it('come with advice on their sensitivity, which follows from PrivCount’s action bounds', () => {
    const adviceOf = (name: string): number => CATALOGUE.get(name)!.advice!.sensitivity;
    for (const { name, advice } of ENTRIES) {
      expect(advice!.sensitivity, name).to.be.greaterThan(0);
      expect(advice!.because, name).to.match(/\d/);
    }
    expect(adviceOf('MetricsStreamCount')).to.equal(30_000);
    expect(adviceOf('MetricsConnectionCount')).to.equal(30_000 + 12 + 2 * 3 * 146);
    expect(adviceOf('MetricsConnectionORReceivedIPv6Count')).to.equal(12 + 3 * 146);
    expect(adviceOf('MetricsConnectionExtendedORCount')).to.equal(12);
    expect(adviceOf('MetricsConnectionReceivedCount')).to.equal(30_000 + 12 + 3 * 146);
    expect(adviceOf('MetricsOnionskinNTorV3ProcessedCount')).to.equal(4 * 146);
    expect(adviceOf('MetricsDoSStreamRejectedCount')).to.equal(30_000);
    // What is counted at all values is moved at least as far as at one of them.
    for (const { name, subject } of ENTRIES)
      for (const other of ENTRIES)
        if (
          other.metric === CATALOGUE.get(name)!.metric &&
          !name.includes('CongestionControl') &&
          isWithin(other.subject.text, subject.text)
        )
          expect(adviceOf(other.name), `${other.name} in ${name}`).to.be.at.most(adviceOf(name));
  });

  it('take a series in every form that leaves labels out', () => {
    expect(countedOf([[connection({}, 3n)]])).to.deep.equal(
      Object.fromEntries(
        ['', 'OR', 'Received', 'IPv4', 'ORReceived', 'ORIPv4', 'ReceivedIPv4', 'ORReceivedIPv4'].map(
          (words) => [`MetricsConnection${words}Count`, 3n],
        ),
      ),
    );
    expect(countedOf([[reading('tor_relay_destroy_cell_total', {}, 5n)]])).to.deep.equal({
      MetricsDestroyCellCount: 5n,
    });
    expect(
      countedOf([
        [
          reading(
            'tor_relay_congestion_control_total',
            { state: 'cc_circuits', action: 'circs_created' },
            5n,
          ),
        ],
      ]),
    ).to.deep.equal({ MetricsCongestionControlCircuitCreatedCount: 5n });
  });

  it('take what they do not know of a label in the forms without it only', () => {
    const readings = [
      reading('tor_relay_streams_total', { type: 'NEW' }, 2n),
      reading('tor_relay_streams_total', {}, 4n),
      reading('tor_relay_streams_total', { type: 'BEGIN', more: 'x' }, 8n),
      reading('tor_relay_load_onionskins_total', { type: 'ntor_v4', action: 'processed' }, 16n),
      reading('tor_relay_congestion_control_total', { state: 'cc_circuits', action: 'new' }, 32n),
      connection({ type: 'New', family: 'ipv7' }, 64n),
    ];
    expect(countedOf([readings])).to.deep.equal({
      MetricsStreamCount: 14n,
      MetricsStreamBeginCount: 8n,
      MetricsOnionskinCount: 16n,
      MetricsOnionskinProcessedCount: 16n,
      MetricsConnectionCount: 64n,
      MetricsConnectionReceivedCount: 64n,
    });
  });

  it('leave out listeners, the operator’s own connections, ours, and those that were refused', () => {
    const types = ['OR listener', 'Metrics listener', 'New listener', 'Metrics', 'Control', 'Socks'];
    expect(
      countedOf([[...types.map((type) => connection({ type }, 7n)), connection({ state: 'rejected' }, 7n)]]),
    ).to.deep.equal({});
  });

  it('are exact up to 2^63 at a time and beyond 2^64 together, also in smaller steps', () => {
    const most = 2n ** 63n - 1n;
    const readings = [[reading('tor_relay_traffic_bytes', { direction: 'read' }, most)]];
    const name = 'MetricsTrafficReadByteCount';
    const all = [...readings, ...readings, ...readings];
    expect(countedOf(all)[name]).to.equal(3n * most);
    expect(countedOf(all, { scaleBits: 7 })[name]).to.equal((3n * most) << 7n);
    expect(
      countedOf([[reading('tor_relay_traffic_bytes', { direction: 'read' }, 2n ** 32n)]])[name],
    ).to.equal(2n ** 32n);
  });

  it('cost nothing that the plan does not have', () => {
    const names = ['MetricsConnectionIPv6Count'];
    expect(countedOf([[connection({}, 3n), connection({ family: 'ipv6' }, 5n)]], { names })).to.deep.equal({
      MetricsConnectionIPv6Count: 5n,
    });
  });
});

/** True if a series that the narrow one takes is taken by the wide one: its words are some of the narrow one's. */
function isWithin(narrow: string, wide: string): boolean {
  const words = (text: string): string[] => text.match(/[A-Z]+(?![a-z])\d*|[A-Z][a-z]+\d*/g) ?? [];
  return words(wide).every((word) => words(narrow).includes(word));
}

describeWithSharedData('counters of recorded metrics pages', () => {
  it('are the growth of the pages, whatever pages were seen in between', () => {
    const [, exit] = recordedSeries();
    const pages = exit!.map(pageFrom);
    const readingsOf = (seen: typeof pages): MetricsReading[][] =>
      seen.slice(1).map((after, at) => {
        const found = comparePages(seen[at]!, after);
        if ('fault' in found) throw new Error(found.fault.code);
        return [...found.readings];
      });
    const all = countedOf(readingsOf(pages));
    expect(all).to.deep.equal(countedOf(readingsOf([pages[0]!, pages.at(-1)!])));
    // By hand, from the first and the last page.
    const grown = (series: string): bigint => {
      const valueIn = (bytes: Buffer): bigint =>
        BigInt(bytes.toString().split(`\n${series} `)[1]!.split('\n', 1)[0]!);
      return valueIn(exit!.at(-1)!) - valueIn(exit![0]!);
    };
    expect(all['MetricsStreamBeginCount']).to.equal(grown('tor_relay_streams_total{type="BEGIN"}'));
    expect(all['MetricsTrafficByteCount']).to.equal(
      grown('tor_relay_traffic_bytes{direction="read"}') +
        grown('tor_relay_traffic_bytes{direction="written"}'),
    );
    const exits = ['ipv4', 'ipv6'].map((family) =>
      grown(
        `tor_relay_connections_total{type="Exit",direction="initiated",state="created",family="${family}"}`,
      ),
    );
    expect(all['MetricsConnectionExitCount']).to.equal(exits[0]! + exits[1]!);
    expect(all['MetricsConnectionExitInitiatedIPv6Count']).to.equal(exits[1]);
  });
});
