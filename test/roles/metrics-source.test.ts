import { expect } from 'chai';
import fc from 'fast-check';
import { METRICS_PAGE_BYTES_MAX } from '../../src/tor/metrics/parse-page.js';
import { MetricsSource } from '../../src/roles/metrics-source.js';
import { type MetricsAnswer, type MetricsFailure, type MetricsPages } from '../../src/roles/ports.js';
import { pageOf, type RelayCounts } from '../support/metrics-server.js';
import { toBytes } from '../tor/metrics/pages.js';
import { FakeClock, FakeLog } from './tor-source-fakes.js';

const BEGIN = 'tor_relay_streams_total{type="BEGIN"}';
const DESTROY = 'tor_relay_destroy_cell_total';
const INTERVAL_MS = 60_000;
const ADDRESS = { host: '192.0.2.77', port: 39_035 };

type Asked = {
  readonly request: Parameters<MetricsPages['fetch']>[0];
  readonly answer: (answer: MetricsAnswer) => void;
};

class World {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly asked: Asked[] = [];
  readonly readings: [string, bigint][][] = [];
  readonly ready: boolean[] = [];
  givenUp = 0;
  /** What chance gives next, 0 to 255; just a half. */
  chance = 0x80;
  readonly source: MetricsSource;

  constructor() {
    this.source = new MetricsSource(
      { name: 'event source', address: ADDRESS, intervalMs: INTERVAL_MS, timeoutMs: 10_000 },
      {
        clock: this.clock,
        log: this.log,
        randomBytes: (length) => new Uint8Array(length).fill(this.chance, 0, 1),
        pages: {
          fetch: (request, onAnswer) => {
            let isOpen = true;
            const answer = (given: MetricsAnswer): void => {
              if (!isOpen) throw new Error('an answer to a request that is over');
              isOpen = false;
              onAnswer(given);
            };
            this.asked.push({ request, answer });
            return () => {
              if (isOpen) this.givenUp += 1;
              isOpen = false;
            };
          },
        },
      },
      {
        onReadings: (readings) =>
          this.readings.push(
            readings.map(({ metric, labels, added }) => [[metric, ...labels.values()].join(' '), added]),
          ),
        onReady: (isReady) => this.ready.push(isReady),
      },
    );
  }

  get last(): Asked {
    return this.asked.at(-1)!;
  }

  say(counts: RelayCounts): void {
    this.last.answer({ kind: 'page', bytes: toBytes(pageOf(counts)) });
  }

  sayText(text: string): void {
    this.last.answer({ kind: 'page', bytes: toBytes(text) });
  }

  fail(code: MetricsFailure['code'], detail?: string): void {
    this.last.answer({ kind: 'failure', code, ...(detail === undefined ? {} : { detail }) });
  }

  /** Lets the next page be asked for. */
  next(ms = INTERVAL_MS): void {
    const before = this.asked.length;
    this.clock.advance(ms);
    expect(this.asked.length).to.equal(before + 1);
  }

  warnings(): string[] {
    return this.log.lines.filter((line) => line.startsWith('warn'));
  }
}

function counting(): World {
  const world = new World();
  world.source.start();
  world.say({ [BEGIN]: 5, [DESTROY]: 70 });
  world.clock.advance(1000);
  world.source.count();
  return world;
}

describe('a metrics page as a source', () => {
  it('is ready with the first good page, of which it keeps nothing but what metrics there are', () => {
    const world = new World();
    world.source.start();
    world.source.start();
    expect(world.asked).to.have.length(1);
    expect(world.last.request).to.deep.equal({
      address: ADDRESS,
      timeoutMs: 10_000,
      bytesMax: METRICS_PAGE_BYTES_MAX,
    });
    expect([...world.source.provides]).to.deep.equal([]);
    world.say({ [BEGIN]: 5 });
    expect(world.ready).to.deep.equal([true]);
    expect([...world.source.provides]).to.deep.equal(['tor_relay_streams_total']);
    world.next();
    world.say({ [DESTROY]: 1 });
    expect([...world.source.provides]).to.deep.equal([DESTROY]);
    expect(world.readings).to.deep.equal([]);
    expect(world.log.lines).to.deep.equal([]);
  });

  it('asks at random times, uniformly from half an interval to one and a half, and for one page at a time', () => {
    fc.assert(
      fc.property(fc.nat(255), (chance) => {
        const world = new World();
        world.chance = chance;
        world.source.start();
        expect(world.clock.waits()).to.deep.equal([]);
        world.say({ [BEGIN]: 5 });
        expect(world.clock.waits()).to.deep.equal([Math.round(INTERVAL_MS * (0.5 + chance / 256))]);
      }),
    );
  });

  it('asks for the base when counting begins, gives up what was asked for before, and counts from there', () => {
    const world = new World();
    world.source.start();
    world.source.count();
    expect(world.givenUp).to.equal(1);
    expect(world.asked).to.have.length(2);
    world.say({ [BEGIN]: 1_000_000, [DESTROY]: 7 });
    expect(world.readings).to.deep.equal([]);
    world.next();
    world.say({ [BEGIN]: 1_000_003, [DESTROY]: 7, tor_relay_drop_cell_total: 2 });
    expect(world.readings).to.deep.equal([
      [
        ['tor_relay_streams_total BEGIN', 3n],
        ['tor_relay_drop_cell_total', 2n],
      ],
    ]);
  });

  it('has its base later where it is started after counting began, as after a restart of the collector', () => {
    const world = new World();
    world.source.count();
    expect(world.asked).to.deep.equal([]);
    world.clock.advance(4000);
    world.source.start();
    world.say({ [BEGIN]: 5 });
    expect(world.source.outage()).to.deep.equal({ uncountedMs: 4000, interruptions: 0 });
  });

  it('loses nothing by pages that it misses, and says for how long it counted', () => {
    const world = counting();
    world.clock.advance(500);
    world.say({ [BEGIN]: 10, [DESTROY]: 70 });
    expect(world.source.outage()).to.deep.equal({ uncountedMs: 500, interruptions: 0 });
    world.next();
    world.fail('timeout');
    expect(world.ready).to.deep.equal([true, false]);
    expect(world.source.outage().uncountedMs).to.equal(500 + INTERVAL_MS);
    world.next(750);
    world.say({ [BEGIN]: 40, [DESTROY]: 70 });
    expect(world.readings).to.deep.equal([[['tor_relay_streams_total BEGIN', 30n]]]);
    expect(world.source.outage()).to.deep.equal({ uncountedMs: 500, interruptions: 0 });
    expect(world.ready).to.deep.equal([true, false, true]);
  });

  it('asks for no page at the end: what came after the last one is not counted, and said to be so', async () => {
    const world = counting();
    world.say({ [BEGIN]: 10, [DESTROY]: 70 });
    world.next();
    world.say({ [BEGIN]: 12, [DESTROY]: 70 });
    world.clock.advance(20_000);
    const asked = world.asked.length;
    await world.source.stopCounting();
    expect(world.asked).to.have.length(asked);
    expect(world.source.outage()).to.deep.equal({ uncountedMs: 20_000, interruptions: 0 });
    world.clock.advance(100_000);
    expect(world.source.outage().uncountedMs).to.equal(20_000);
    world.say({ [BEGIN]: 99, [DESTROY]: 70 });
    expect(world.readings).to.have.length(1);
  });

  it('begins the next round with a base of its own', async () => {
    const world = counting();
    world.say({ [BEGIN]: 10, [DESTROY]: 70 });
    await world.source.stopCounting();
    world.clock.advance(INTERVAL_MS);
    world.say({ [BEGIN]: 20, [DESTROY]: 70 });
    world.source.count();
    world.say({ [BEGIN]: 35, [DESTROY]: 70 });
    world.next();
    world.say({ [BEGIN]: 36, [DESTROY]: 70 });
    expect(world.readings).to.deep.equal([[['tor_relay_streams_total BEGIN', 1n]]]);
    expect(world.source.outage()).to.deep.equal({ uncountedMs: 0, interruptions: 0 });
  });

  it('counts all of a relay that was restarted, says so, and does not claim the time between', () => {
    const world = counting();
    world.say({ [BEGIN]: 10, [DESTROY]: 70 });
    world.next();
    world.say({ [BEGIN]: 25, [DESTROY]: 3 });
    expect(world.readings).to.deep.equal([
      [
        ['tor_relay_streams_total BEGIN', 25n],
        ['tor_relay_destroy_cell_total', 3n],
      ],
    ]);
    expect(world.source.outage()).to.deep.equal({ uncountedMs: INTERVAL_MS, interruptions: 1 });
    expect(world.warnings()).to.deep.equal([
      'warn: event source: the relay was restarted while it was counted: what it counted between its last page and its end is lost',
    ]);
    world.next();
    world.say({ [BEGIN]: 26, [DESTROY]: 3 });
    expect(world.readings[1]).to.deep.equal([['tor_relay_streams_total BEGIN', 1n]]);
    expect(world.source.outage().uncountedMs).to.equal(INTERVAL_MS);
  });

  it('takes no page that is not whole, neither as base nor later', () => {
    const world = counting();
    world.say({ [BEGIN]: 10 });
    expect(world.warnings()[0]).to.include(
      'the page lacks a metric that it had before (tor_relay_destroy_cell_total)',
    );
    world.next(750);
    world.say({ [BEGIN]: 10, [DESTROY]: 70 });
    world.next();
    world.say({ [DESTROY]: 71 });
    world.next(750);
    world.sayText(pageOf({ [BEGIN]: 11, [DESTROY]: 72 }).slice(0, -1));
    world.next(1500);
    world.say({ [BEGIN]: 12, [DESTROY]: 73 });
    expect(world.readings).to.deep.equal([
      [
        ['tor_relay_streams_total BEGIN', 2n],
        ['tor_relay_destroy_cell_total', 3n],
      ],
    ]);
  });

  it('tries again after 1, 2, 4 ... 60 s, less up to half by chance, and says that the page is back', () => {
    const world = new World();
    world.chance = 0;
    world.source.start();
    const waits = Array.from({ length: 8 }, () => {
      world.fail('refused');
      const [wait] = world.clock.waits();
      world.next(wait);
      return wait;
    });
    expect(waits).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(world.warnings()).to.have.length(1);
    world.say({ [BEGIN]: 1 });
    expect(world.log.lines.at(-1)).to.equal('info: event source: the metrics page is back');
    expect(world.ready).to.deep.equal([true]);
    world.next();
    world.fail('refused');
    expect(world.warnings()).to.have.length(2);
  });

  const failures: readonly (readonly [MetricsFailure['code'], string | undefined, string])[] = [
    ['refused', undefined, 'check that tor runs, and that MetricsPort in its torrc'],
    ['unreachable', 'EHOSTUNREACH', '(EHOSTUNREACH)'],
    ['timeout', undefined, 'raise timeout in event_source'],
    ['lost', 'ECONNRESET', 'MetricsPortPolicy in torrc'],
    ['truncated', undefined, 'is not complete'],
    ['too-long', undefined, 'is too long'],
    ['status', '403', 'MetricsPortPolicy accept 127.0.0.1 (status 403)'],
    ['status', '404', 'it is the MetricsPort of a tor 0.4.7 or later'],
    ['status', '500', "no relay's metrics page: check metrics in event_source (status 500)"],
    ['no-text', undefined, "no relay's metrics page"],
  ];
  for (const [code, detail, advice] of failures) {
    it(`says once what is wrong and what would help: ${code} ${detail ?? ''}`, () => {
      const world = new World();
      world.source.start();
      world.fail(code, detail);
      world.next(750);
      world.fail(code, detail);
      expect(world.warnings()).to.have.length(1);
      expect(world.warnings()[0]).to.include(advice);
      expect(world.ready).to.deep.equal([]);
    });
  }

  it('says what is wrong with a page by line and metric, and nothing that stands on it or where it is', () => {
    const world = counting();
    const texts = [
      '<html>4711</html>\n',
      'go_threads 4711\n',
      `${DESTROY} 4711.5\n`,
      `${DESTROY} 4711\nsecret{x="4711} 1\n`,
    ];
    for (const text of texts) {
      world.sayText(text);
      world.next(60_000);
    }
    expect(world.warnings()).to.have.length(4);
    expect(world.warnings()[2]).to.include(
      'a counter is no whole number (line 1, tor_relay_destroy_cell_total)',
    );
    world.say({ [BEGIN]: 8_888_123, [DESTROY]: 7_777_123 });
    world.next();
    world.say({ [BEGIN]: 9_999_123, [DESTROY]: 1 });
    expect(world.log.lines.join('\n')).not.to.match(/4711|secret|192\.0|39035|_123|\d{5}/);
  });

  it('asks no more once it is closed, and gives up what it has asked for', async () => {
    const world = new World();
    world.source.start();
    await world.source.close();
    expect(world.givenUp).to.equal(1);
    const other = new World();
    other.source.start();
    other.say({ [BEGIN]: 1 });
    await other.source.close();
    expect(other.clock.waits()).to.deep.equal([]);
  });
});
