/**
 * What collectors at relays ought to count, found in another way: from pages that the test reads itself, and from lines that
 * its own controller hears. Nothing of this is made with the collector's parsers.
 */

/** Counts by the name of the counter. */
export type Counts = ReadonlyMap<string, bigint>;

/** Counters of the metrics page: all series of a metric with these labels. */
const SERIES: Readonly<Record<string, readonly [metric: string, ...labels: string[]]>> = {
  MetricsStreamBeginCount: ['tor_relay_streams_total', 'type="BEGIN"'],
  MetricsStreamBeginDirCount: ['tor_relay_streams_total', 'type="BEGIN_DIR"'],
  MetricsTrafficReadByteCount: ['tor_relay_traffic_bytes', 'direction="read"'],
  MetricsTrafficWrittenByteCount: ['tor_relay_traffic_bytes', 'direction="written"'],
  MetricsConnectionExitCount: ['tor_relay_connections_total', 'type="Exit"', 'state="created"'],
  MetricsConnectionORReceivedCount: [
    'tor_relay_connections_total',
    'type="OR"',
    'direction="received"',
    'state="created"',
  ],
  MetricsEstablishRendSuccessCount: ['tor_relay_est_rend_total', 'action="success"'],
  MetricsRendezvous1SuccessCount: ['tor_relay_rend1_total', 'action="success"'],
  MetricsIntroduce1SuccessCount: ['tor_relay_intro1_total', 'action="success"'],
  MetricsOnionskinProcessedCount: ['tor_relay_load_onionskins_total', 'action="processed"'],
};

export const METRICS_COUNTERS = Object.keys(SERIES);

/** What the page says now, since the relay was started. */
export function countsOfPage(page: string): Counts {
  const lines = page.split('\n').map((line) => {
    const [, metric, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\d+)$/.exec(line) ?? [];
    return { metric, labels: new Set(labels.split(',')), value };
  });
  const sumOf = ([wanted, ...labels]: readonly string[]): bigint =>
    lines
      .filter(({ metric, labels: its }) => metric === wanted && labels.every((label) => its.has(label)))
      .reduce((sum, { value }) => sum + BigInt(value!), 0n);
  return new Map(Object.entries(SERIES).map(([name, series]) => [name, sumOf(series)]));
}

export const EVENT_COUNTERS = [
  'ORConnectionClientCount',
  'ORConnectionClientLifeTime',
  'ORConnectionClientCountryMatchLifeTime',
  'ORConnectionRelayCount',
  'ORConnectionRelayLifeTime',
  'BandwidthReadByteCount',
  'BandwidthWrittenByteCount',
  // All of its bins: the number of seconds.
  'BandwidthByteHistogram',
] as const;

/** What these lines of one relay say, for somebody who hears no other. All clients are in the country of the first list. */
export function countsOfEvents(lines: readonly string[]): Counts {
  const counts = new Map<string, bigint>(EVENT_COUNTERS.map((name) => [name, 0n]));
  const add = (name: (typeof EVENT_COUNTERS)[number], amount = 1n) =>
    counts.set(name, counts.get(name)! + amount);
  const open = new Map<string, 'relay' | 'client'>();
  for (const line of lines) {
    const [, read, written] = /^BW (\d+) (\d+)$/.exec(line) ?? [];
    if (read !== undefined && written !== undefined) {
      add('BandwidthReadByteCount', BigInt(read));
      add('BandwidthWrittenByteCount', BigInt(written));
      add('BandwidthByteHistogram');
    }
    const [, target, status, id] = /^ORCONN (\S+) (\w+) .*\bID=(\d+)/.exec(line) ?? [];
    if (target === undefined || id === undefined) continue;
    const kind = target.startsWith('$') ? 'relay' : 'client';
    if (status === 'CONNECTED') {
      open.set(id, kind);
      add(kind === 'relay' ? 'ORConnectionRelayCount' : 'ORConnectionClientCount');
    }
    if (status === 'CLOSED' || status === 'FAILED') {
      if (open.get(id) === 'relay') add('ORConnectionRelayLifeTime');
      if (open.get(id) === 'client') {
        add('ORConnectionClientLifeTime');
        add('ORConnectionClientCountryMatchLifeTime');
      }
      open.delete(id);
    }
  }
  return counts;
}

export function sumOf(all: readonly Counts[]): Counts {
  const sum = new Map<string, bigint>();
  for (const counts of all) for (const [name, count] of counts) sum.set(name, (sum.get(name) ?? 0n) + count);
  return sum;
}

/** How far the counts have come. */
export function growth(before: Counts, after: Counts): Counts {
  return new Map([...after].map(([name, count]) => [name, count - (before.get(name) ?? 0n)]));
}
