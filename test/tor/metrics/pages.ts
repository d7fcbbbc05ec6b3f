/** Metrics pages for tests: the recorded series, and pages made of lines. */
import { parseMetricsPage, type MetricsPage } from '../../../src/tor/metrics/parse-page.js';
import { type MetricsFault } from '../../../src/tor/metrics/metrics-fault.js';
import { readShared } from '../../support/shared-data.js';

const BLOCK_BYTES = 512;

/** The files of a tar archive, by name (POSIX.1-1988, ustar; regular files with short names). */
function untar(bytes: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + BLOCK_BYTES <= bytes.length && bytes[at] !== 0;) {
    const textAt = (from: number, length: number): string =>
      bytes.toString('latin1', at + from, at + from + length).split('\0', 1)[0]!;
    const length = parseInt(textAt(124, 12), 8);
    const start = at + BLOCK_BYTES;
    if (textAt(156, 1) === '0') files.set(textAt(0, 100), bytes.subarray(start, start + length));
    at = start + Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}

/** The recorded pages of a guard and of an exit, in their order. */
export function recordedSeries(): Buffer[][] {
  const files = untar(readShared('metrics/guard-and-exit-series.tar.gz'));
  const nameOf = (relay: string, page: number): string =>
    [...files.keys()].find((name) => name.endsWith(`${relay}.${page}.txt`))!;
  return ['35004', '35008'].map((relay) =>
    Array.from({ length: 16 }, (_, page) => files.get(nameOf(relay, page))!),
  );
}

export function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Throws if the page has a fault. */
export function pageFrom(bytes: Uint8Array): MetricsPage {
  const page = parseMetricsPage(bytes);
  if ('fault' in page) throw new Error(`fault ${page.fault.code} at line ${page.fault.line}`);
  return page;
}

export function page(...lines: string[]): MetricsPage {
  return pageFrom(toBytes(lines.map((line) => `${line}\n`).join('')));
}

export function faultOf(text: string | Uint8Array): MetricsFault | undefined {
  const parsed = parseMetricsPage(typeof text === 'string' ? toBytes(text) : text);
  return 'fault' in parsed ? parsed.fault : undefined;
}

/** The series as text, with labels sorted. */
export function seriesOf({ series }: MetricsPage): Record<string, bigint> {
  return Object.fromEntries(
    [...series.values()].map(({ metric, labels, value }) => [seriesName(metric, labels), value]),
  );
}

export function seriesName(metric: string, labels: ReadonlyMap<string, string>): string {
  const sorted = [...labels].map(([name, value]) => `${name}=${JSON.stringify(value)}`).sort();
  return sorted.length === 0 ? metric : `${metric}{${sorted.join()}}`;
}
