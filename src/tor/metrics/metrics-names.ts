/**
 * The metrics of a relay's page that only grow while the relay runs (spec/tor-metrics.md, "MetricsPort"). The type that the
 * page gives them is not asked: tor calls some of them gauges, and some gauges `_total`.
 */

export const METRIC_NAMES = [
  'tor_relay_streams_total',
  'tor_relay_connections_total',
  'tor_relay_traffic_bytes',
  'tor_relay_exit_dns_query_total',
  'tor_relay_exit_dns_error_total',
  'tor_relay_est_intro_total',
  'tor_relay_est_rend_total',
  'tor_relay_intro1_total',
  'tor_relay_rend1_total',
  'tor_relay_destroy_cell_total',
  'tor_relay_drop_cell_total',
  'tor_relay_load_onionskins_total',
  'tor_relay_circ_proto_violation_total',
  'tor_relay_dos_total',
  'tor_relay_load_oom_bytes_total',
  'tor_relay_load_global_rate_limit_reached_total',
  'tor_relay_load_tcp_exhaustion_total',
  'tor_relay_congestion_control_total',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

const KNOWN: ReadonlySet<string> = new Set(METRIC_NAMES);

export function isMetricName(name: string): name is MetricName {
  return KNOWN.has(name);
}

/** Older tors have connections that are open now, which may become fewer, under the same name. */
const STATES_THAT_GROW: ReadonlySet<string> = new Set(['created', 'rejected']);

/** False for a series that may become smaller although its metric is a known one. */
export function doesGrow(metric: MetricName, labels: ReadonlyMap<string, string>): boolean {
  return metric !== 'tor_relay_connections_total' || STATES_THAT_GROW.has(labels.get('state') ?? '');
}
