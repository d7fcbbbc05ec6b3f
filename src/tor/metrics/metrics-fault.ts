/** Why a metrics page is of no use: what and where, and never what stood there. */
import { type MetricName } from './metrics-names.js';

export type MetricsFaultCode =
  | 'page-too-long'
  | 'not-text'
  | 'cut-off'
  | 'too-many-lines'
  | 'line-too-long'
  | 'malformed-line'
  | 'malformed-labels'
  | 'too-many-labels'
  | 'label-too-long'
  | 'repeated-label'
  | 'text-after-end'
  | 'not-a-number'
  | 'not-finite'
  | 'negative'
  | 'not-whole'
  | 'too-great'
  | 'repeated-series'
  | 'no-relay'
  | 'metric-lost'
  | 'series-lost';

export type MetricsFault = {
  readonly code: MetricsFaultCode;
  /** From 1; absent where the fault is of the page as a whole. */
  readonly line?: number;
  /** The metric, if it is one that we know: a name that we do not know is content. */
  readonly metric?: MetricName;
};

const SENTENCES: Readonly<Record<MetricsFaultCode, string>> = {
  'page-too-long': 'the page is too long',
  'not-text': 'the page is no text in UTF-8',
  'cut-off': 'the page ends within a line',
  'too-many-lines': 'the page has too many lines',
  'line-too-long': 'a line is too long',
  'malformed-line': 'a line is no sample and no comment',
  'malformed-labels': 'the labels can not be read',
  'too-many-labels': 'a series has too many labels',
  'label-too-long': 'a label is too long',
  'repeated-label': 'a label stands twice',
  'text-after-end': 'there is text after the end of the page',
  'not-a-number': 'a value is no number',
  'not-finite': 'a counter is not finite',
  negative: 'a counter is negative',
  'not-whole': 'a counter is no whole number',
  'too-great': 'a counter is too great',
  'repeated-series': 'a series stands twice',
  'no-relay': 'the page has none of the metrics of a relay',
  'metric-lost': 'the page lacks a metric that it had before',
  'series-lost': 'the page lacks a series that it had before',
};

/** For the log: what is wrong, and where. */
export function describeMetricsFault({ code, line, metric }: MetricsFault): string {
  const places = [...(line === undefined ? [] : [`line ${line}`]), ...(metric === undefined ? [] : [metric])];
  return places.length === 0 ? SENTENCES[code] : `${SENTENCES[code]} (${places.join(', ')})`;
}
