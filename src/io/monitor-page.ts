/** The page of metrics, in Prometheus' text format. Only the monitor's thread loads this, and with it prom-client. */
import { Counter, Gauge, Registry } from 'prom-client';
import { monitorMetrics } from '../roles/monitor-catalogue.js';
import { type MonitorFacts } from '../roles/monitor-facts.js';
import { type Metric, type MetricRole } from '../roles/monitor-metric.js';

export type MonitorPage = {
  readonly contentType: string;
  /** The page as the facts have it. */
  make(facts: MonitorFacts): Promise<string>;
};

export function monitorPage(role: MetricRole): MonitorPage {
  const registry = new Registry();
  const metrics = monitorMetrics
    .filter(({ roles }) => roles.includes(role))
    .map((metric) => ({ metric, fill: registered(metric, registry) }));
  return {
    contentType: registry.contentType,
    make: (facts) => {
      for (const { metric, fill } of metrics) fill(facts, metric);
      return registry.metrics();
    },
  };
}

/** Each page is made anew: a node that is no longer there has no value left. */
function registered({ name, help, kind, labels }: Metric, registry: Registry) {
  const options = { name, help, labelNames: labels, registers: [registry] };
  const gauge = kind === 'gauge' ? new Gauge(options) : new Counter(options);
  return (facts: MonitorFacts, { samples }: Metric): void => {
    gauge.reset();
    const found = samples(facts);
    // A metric without labels is 0 after it was reset, and must not be there if it has no value now.
    if (found.length === 0 && labels.length === 0) gauge.remove();
    for (const { labels: itsLabels, value } of found) gauge.inc({ ...itsLabels }, value);
  };
}
