/**
 * What a relay has counted between two of its metrics pages (spec/tor-metrics.md, "Counting"). Since a page says what there
 * was since the relay began, a page that was missed in between loses nothing.
 *
 * A relay that restarts begins at 0 again, all of its counters together. So a restart shows if any of them is smaller than
 * before or gone, also for those that have already grown beyond what they were: of all of them the whole value is new. What
 * the old run counted after its last page is lost.
 */
import { type MetricsFault } from './metrics-fault.js';
import { type MetricName } from './metrics-names.js';
import { type MetricsPage, type MetricsSeries } from './parse-page.js';

/** By how much a series has grown. */
export type MetricsReading = {
  readonly metric: MetricName;
  readonly labels: ReadonlyMap<string, string>;
  /** Above 0, and below 2^63. */
  readonly added: bigint;
};

export type MetricsDifference = {
  readonly readings: readonly MetricsReading[];
  readonly hasRestarted: boolean;
};

/** A page that lacks a whole metric is incomplete and says nothing: it is a fault, and the page before stays the last one. */
export function comparePages(
  before: MetricsPage,
  after: MetricsPage,
): MetricsDifference | { readonly fault: MetricsFault } {
  const fault = lostMetric(before.metrics, after);
  if (fault !== undefined) return { fault };
  const hasRestarted = [...before.series].some(
    ([key, { value }]) => !isAtLeast(after.series.get(key), value),
  );
  const readings = [...after.series].flatMap(([key, { metric, labels, value }]) => {
    const added = hasRestarted ? value : value - (before.series.get(key)?.value ?? 0n);
    return added === 0n ? [] : [{ metric, labels, added }];
  });
  return { readings, hasRestarted };
}

/** A page that has not all of these metrics. */
export function lostMetric(
  known: ReadonlySet<MetricName>,
  { metrics }: MetricsPage,
): MetricsFault | undefined {
  const lost = [...known].find((metric) => !metrics.has(metric));
  return lost === undefined ? undefined : { code: 'metric-lost', metric: lost };
}

function isAtLeast(series: MetricsSeries | undefined, value: bigint): boolean {
  return series !== undefined && series.value >= value;
}
