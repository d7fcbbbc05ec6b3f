import { expect } from 'chai';
import fc from 'fast-check';
import { comparePages, type MetricsDifference } from '../../../src/tor/metrics/compare-pages.js';
import { type MetricsPage, parseMetricsPage } from '../../../src/tor/metrics/parse-page.js';
import { describeWithSharedData } from '../../support/shared-data.js';
import { page, pageFrom, recordedSeries, seriesName, seriesOf } from './pages.js';

const DESTROY = 'tor_relay_destroy_cell_total';
const STREAMS = 'tor_relay_streams_total';

function difference(before: MetricsPage, after: MetricsPage): MetricsDifference {
  const found = comparePages(before, after);
  if ('fault' in found) throw new Error(found.fault.code);
  return found;
}

function addedOf({ readings }: MetricsDifference): Record<string, bigint> {
  return Object.fromEntries(readings.map(({ metric, labels, added }) => [seriesName(metric, labels), added]));
}

describe('the difference of two metrics pages', () => {
  it('is what each series has grown by, and nothing of those that have not', () => {
    const found = difference(
      page(`${DESTROY} 5`, `${STREAMS}{a="1",b="2"} 7`, 'tor_relay_traffic_bytes 9007199254740993'),
      page('tor_relay_traffic_bytes 9223372036854775807', `${DESTROY} 5`, `${STREAMS}{b="2",a="1"} 10`),
    );
    expect(found.hasRestarted).to.equal(false);
    expect(addedOf(found)).to.deep.equal({
      tor_relay_traffic_bytes: 9_214_364_837_600_034_814n,
      [`${STREAMS}{a="1",b="2"}`]: 3n,
    });
  });

  it('takes a series or a metric that appears late for one that was 0', () => {
    const found = difference(page(`${DESTROY} 5`), page(`${DESTROY} 5`, `${STREAMS}{type="NEW"} 4`));
    expect(found).to.deep.include({ hasRestarted: false });
    expect(addedOf(found)).to.deep.equal({ [`${STREAMS}{type="NEW"}`]: 4n });
  });

  it('is all of the new page if one series is smaller, also for those that have outgrown what they were', () => {
    const found = difference(
      page(`${DESTROY} 5`, 'tor_relay_drop_cell_total 7', `${STREAMS}{type="BEGIN"} 0`),
      page(`${DESTROY} 4`, 'tor_relay_drop_cell_total 9', `${STREAMS}{type="BEGIN"} 0`),
    );
    expect(found.hasRestarted).to.equal(true);
    expect(addedOf(found)).to.deep.equal({ [DESTROY]: 4n, tor_relay_drop_cell_total: 9n });
  });

  it('is refused for a page that lacks a series, unless another one shows that the relay has restarted', () => {
    const before = page(`${STREAMS}{type="BEGIN"} 5`, `${STREAMS}{type="RESOLVE"} 0`);
    expect(comparePages(before, page(`${STREAMS}{type="BEGIN"} 6`))).to.deep.equal({
      fault: { code: 'series-lost', metric: STREAMS },
    });
    const found = difference(before, page(`${STREAMS}{type="BEGIN"} 4`));
    expect(found.hasRestarted).to.equal(true);
    expect(addedOf(found)).to.deep.equal({ [`${STREAMS}{type="BEGIN"}`]: 4n });
  });

  it('shows a restart also by what nobody counts, as the connections of those who read the page', () => {
    const created = (type: string, count: number): string =>
      `tor_relay_connections_total{type="${type}",state="created"} ${count}`;
    const found = difference(
      page(created('Metrics', 9), `${DESTROY} 5`),
      page(created('Metrics', 1), `${DESTROY} 6`),
    );
    expect(found.hasRestarted).to.equal(true);
  });

  it('is refused for a page that lacks a whole metric: it is incomplete, and no sign of a restart', () => {
    expect(comparePages(page(`${DESTROY} 5`, `${STREAMS} 1`), page(`${STREAMS} 2`))).to.deep.equal({
      fault: { code: 'metric-lost', metric: DESTROY },
    });
  });

  it('adds up to the last page less the first over any pages of one run, missed ones or not', () => {
    const growth = fc.array(fc.array(fc.bigInt(0n, 2n ** 50n), { minLength: 3, maxLength: 3 }), {
      minLength: 2,
    });
    fc.assert(
      fc.property(growth, fc.func(fc.boolean()), (steps, isMissed) => {
        const totals = [0n, 0n, 0n];
        const all = steps.map((step) => {
          step.forEach((more, at) => (totals[at]! += more));
          return page(
            `${DESTROY} ${totals[0]}`,
            `${STREAMS}{t="a"} ${totals[1]}`,
            `${STREAMS}{t="b"} ${totals[2]}`,
          );
        });
        const seen = all.filter((_, at) => at === 0 || at === all.length - 1 || !isMissed(at));
        const sum = sumOf(seen);
        const [first, last] = [seriesOf(all[0]!), seriesOf(all.at(-1)!)];
        for (const [name, value] of Object.entries(last))
          expect(sum.get(name) ?? 0n, name).to.equal(value - first[name]!);
      }),
    );
  });

  it('never counts less than nothing, nor more than the new page has', () => {
    const counts = fc.record({ a: fc.nat(20), b: fc.nat(20), c: fc.option(fc.nat(20)) });
    const toPage = ({ a, b, c }: { a: number; b: number; c: number | null }): MetricsPage =>
      page(`${DESTROY} ${a}`, `${STREAMS}{t="b"} ${b}`, ...(c === null ? [] : [`${STREAMS}{t="c"} ${c}`]));
    fc.assert(
      fc.property(counts, counts, (before, after) => {
        const [old, young] = [toPage(before), toPage(after)];
        const found = comparePages(old, young);
        if ('fault' in found) {
          expect(before.c !== null && after.c === null).to.equal(true);
          return;
        }
        const values = seriesOf(young);
        const olds = seriesOf(old);
        for (const [name, added] of Object.entries(addedOf(found))) {
          expect(added > 0n && added <= values[name]!, name).to.equal(true);
          if (!found.hasRestarted) expect(added).to.equal(values[name]! - (olds[name] ?? 0n));
        }
      }),
    );
  });
});

function sumOf(pages: readonly MetricsPage[]): Map<string, bigint> {
  const sum = new Map<string, bigint>();
  pages.slice(1).forEach((after, at) => {
    const found = difference(pages[at]!, after);
    expect(found.hasRestarted).to.equal(false);
    for (const [name, added] of Object.entries(addedOf(found))) sum.set(name, (sum.get(name) ?? 0n) + added);
  });
  return sum;
}

describeWithSharedData('the differences of recorded metrics pages', () => {
  for (const [at, series] of recordedSeries().entries()) {
    it(`add up to the last page less the first, for each series of relay ${at + 1}`, () => {
      const pages = series.map(pageFrom);
      const [first, last] = [seriesOf(pages[0]!), seriesOf(pages.at(-1)!)];
      const grown = Object.entries(last).filter(([name, value]) => value !== (first[name] ?? 0n));
      expect(grown.length).to.be.greaterThan(10);
      expect(Object.fromEntries(sumOf(pages))).to.deep.equal(
        Object.fromEntries(grown.map(([name, value]) => [name, value - (first[name] ?? 0n)])),
      );
      expect(Object.fromEntries(sumOf([pages[0]!, pages[7]!, pages.at(-1)!]))).to.deep.equal(
        Object.fromEntries(sumOf(pages)),
      );
    });
  }

  it('are never wrong where a page is cut short: it is refused, or all that it counts is there', () => {
    const [before, after] = recordedSeries()[1]!.slice(13, 15);
    const [old, young] = [pageFrom(before!), pageFrom(after!)];
    const whole = addedOf(difference(old, young));
    fc.assert(
      fc.property(fc.nat(after!.length - 1), (length) => {
        const cut = parseMetricsPage(after!.subarray(0, length));
        if ('fault' in cut) return;
        const found = comparePages(old, cut);
        if ('fault' in found) return;
        expect(found.hasRestarted).to.equal(false);
        expect(addedOf(found)).to.deep.equal(whole);
      }),
    );
  });
});
