/**
 * The page of a relay's MetricsPort (spec/tor-metrics.md): the text format of Prometheus and OpenMetrics. What is kept of it
 * is the series that only grow and that we know. Of all others only the form is looked at, so that a newer tor may say what
 * it likes, and the names of an operator's onion services are not kept.
 */
import { type MetricsFault, type MetricsFaultCode } from './metrics-fault.js';
import { doesGrow, isMetricName, METRIC_NAMES, type MetricName } from './metrics-names.js';
import { isMetricsValue, parseWholeNumber } from './whole-number.js';
import { parseSample, type Sample } from './parse-sample.js';

/** Tor's page has 26 kB; one with a hundred onion services has 2 MB. */
export const METRICS_PAGE_BYTES_MAX = 4 * 1024 * 1024;
/** Tor's has 280 lines, and 60 more for each onion service. */
export const METRICS_LINES_MAX = 50_000;
/** Tor's longest line has 110 characters; a page in which all are this long is too long. */
export const METRICS_LINE_CHARACTERS_MAX = 8192;

export type MetricsSeries = {
  readonly metric: MetricName;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: bigint;
};

export type MetricsPage = {
  /** By a key that is the same in whichever order the labels stand. */
  readonly series: ReadonlyMap<string, MetricsSeries>;
  /** The known metrics that have at least one series. */
  readonly metrics: ReadonlySet<MetricName>;
};

const END = '# EOF';
/** `# TYPE name type` and `# HELP name text`; any other comment says nothing. */
const COMMENT =
  /^#(?:$|[ \t](?!(?:TYPE|HELP|UNIT)[ \t])|[ \t](?:TYPE[ \t]+\S+[ \t]+[a-z]+[ \t]*$|(?:HELP|UNIT)[ \t]+\S+))/;

export function parseMetricsPage(bytes: Uint8Array): MetricsPage | { readonly fault: MetricsFault } {
  if (bytes.length > METRICS_PAGE_BYTES_MAX) return { fault: { code: 'page-too-long' } };
  const text = toText(bytes);
  if (text === undefined) return { fault: { code: 'not-text' } };
  const lines = text.split('\n');
  const isWhole = lines.pop() === '';
  if (lines.length > METRICS_LINES_MAX) return { fault: { code: 'too-many-lines' } };
  const series = new Map<string, MetricsSeries>();
  let hasEnded = false;
  for (const [at, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const fault = hasEnded && line !== '' ? { code: 'text-after-end' as const } : takeLine(line, series);
    if (fault !== undefined) return { fault: { ...fault, line: at + 1 } };
    hasEnded ||= line === END;
  }
  if (!isWhole) return { fault: { code: 'cut-off' } };
  if (series.size === 0) return { fault: { code: 'no-relay' } };
  const found = new Set([...series.values()].map(({ metric }) => metric));
  return { series, metrics: new Set(METRIC_NAMES.filter((name) => found.has(name))) };
}

function toText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function takeLine(line: string, series: Map<string, MetricsSeries>): MetricsFault | undefined {
  if (line.length > METRICS_LINE_CHARACTERS_MAX) return { code: 'line-too-long' };
  if (line.trim() === '') return undefined;
  if (line.startsWith('#')) return COMMENT.test(line) ? undefined : { code: 'malformed-line' };
  const sample = parseSample(line);
  return typeof sample === 'string' ? { code: sample, ...metricOf(line) } : takeSample(sample, series);
}

function metricOf(line: string): Pick<MetricsFault, 'metric'> {
  const [name = ''] = /^\w+/.exec(line) ?? [];
  return isMetricName(name) ? { metric: ownName(name) } : {};
}

function takeSample(
  { name, labels, value: text }: Sample,
  series: Map<string, MetricsSeries>,
): MetricsFault | undefined {
  const isKnown = isMetricName(name) && doesGrow(name, labels);
  if (!isKnown) return isMetricsValue(text) ? undefined : { code: 'not-a-number' };
  const metric = ownName(name);
  const value = parseWholeNumber(text);
  if (typeof value !== 'bigint') return faultOf(value, metric);
  const key = seriesKey(metric, labels);
  if (series.has(key)) return faultOf('repeated-series', metric);
  series.set(key, { metric, labels: ownLabels(key), value });
  return undefined;
}

/** A part of a text keeps the whole text in memory, and the page is to be forgotten: so what is kept is a copy. */
function ownName(name: MetricName): MetricName {
  return METRIC_NAMES.find((known) => known === name)!;
}

function ownLabels(key: string): ReadonlyMap<string, string> {
  const [, ...labels] = JSON.parse(key) as [string, ...(readonly [string, string])[]];
  return new Map(labels);
}

function faultOf(code: MetricsFaultCode, metric: MetricName): MetricsFault {
  return { code, metric };
}

function seriesKey(name: string, labels: ReadonlyMap<string, string>): string {
  const sorted = [...labels].sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([name, ...sorted]);
}
