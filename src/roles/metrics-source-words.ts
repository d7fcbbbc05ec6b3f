/** What an operator is told of a metrics page that can't be had, and what would help. */
import { describeMetricsFault, type MetricsFault } from '../tor/metrics/metrics-fault.js';
import { type MetricsFailure } from './ports.js';

const NO_PAGE = "what answers is no relay's metrics page: check metrics in event_source";

const SENTENCES: Readonly<Record<MetricsFailure['code'], string>> = {
  refused:
    'nobody listens at the address of metrics: check that tor runs, and that MetricsPort in its torrc is the one in event_source',
  unreachable:
    'the address of metrics can not be reached: check metrics in event_source, and the network between',
  timeout:
    'the metrics page does not come in time: check whether the tor hangs, or raise timeout in event_source',
  lost: 'the metrics page was cut off before it came: add the address of this machine to MetricsPortPolicy in torrc, or check whether the tor has ended',
  truncated: 'the metrics page is not complete: it is asked for again',
  'too-long': `the metrics page is too long, and ${NO_PAGE}`,
  status: NO_PAGE,
  'no-text': NO_PAGE,
};

/** Statuses with an advice of their own. */
const FORBIDDEN: ReadonlySet<string> = new Set(['401', '403']);
const NOT_FOUND = '404';
const FORBIDDEN_ADVICE =
  'the metrics page is refused: add the address of this machine to MetricsPortPolicy in torrc, as in MetricsPortPolicy accept 127.0.0.1';
const NOT_FOUND_ADVICE =
  'there is no metrics page at this address: check that it is the MetricsPort of a tor 0.4.7 or later, and not another port of it';

export function describeMetricsFailure({ code, detail }: MetricsFailure): string {
  if (detail === undefined) return SENTENCES[code];
  if (code !== 'status') return `${SENTENCES[code]} (${detail})`;
  if (FORBIDDEN.has(detail)) return `${FORBIDDEN_ADVICE} (status ${detail})`;
  return `${detail === NOT_FOUND ? NOT_FOUND_ADVICE : SENTENCES.status} (status ${detail})`;
}

const INCOMPLETE: ReadonlySet<MetricsFault['code']> = new Set(['metric-lost', 'series-lost', 'cut-off']);

/** What was said on a page that is none, and what of it may be told. */
export function describeBadPage(fault: MetricsFault): string {
  const what = describeMetricsFault(fault);
  if (INCOMPLETE.has(fault.code)) {
    return `the metrics page is not complete, it is asked for again: ${what}`;
  }
  return fault.code === 'no-relay' || fault.code === 'malformed-line' || fault.code === 'not-text'
    ? `${NO_PAGE}: ${what}`
    : `the metrics page can not be used, so that nothing is counted by it: ${what}`;
}
