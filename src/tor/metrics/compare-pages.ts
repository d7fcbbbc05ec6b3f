/**
 * What a relay has counted between two of its metrics pages (spec/tor-metrics.md, "Counting"). Since a page says what there
 * was since the relay began, a page that was missed in between loses nothing.
 *
 * A relay that restarts begins at 0 again, all of its counters together. So a restart shows if any of them is smaller than
 * before, also for those that have already grown beyond what they were: of all of them the whole value is new. What the old
 * run counted after its last page is lost.
 *
 * A page that lacks what the one before had, with nothing smaller, is no restart but incomplete: adding all of it would count
 * twice what was counted already.
 */
import { type MetricsFault } from './metrics-fault.js';
import { type MetricName } from './metrics-names.js';
import { type MetricsPage } from './parse-page.js';

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

/** A fault if the page is incomplete: it says nothing, and the page before stays the last one. */
export function comparePages(
  before: MetricsPage,
  after: MetricsPage,
): MetricsDifference | { readonly fault: MetricsFault } {
  const lost = lostMetric(before.metrics, after);
  if (lost !== undefined) return { fault: lost };
  const known = [...before.series];
  const hasRestarted = known.some(([key, { value }]) => (after.series.get(key)?.value ?? value) < value);
  const [, gone] = known.find(([key]) => !after.series.has(key)) ?? [];
  if (gone !== undefined && !hasRestarted) return { fault: { code: 'series-lost', metric: gone.metric } };
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
