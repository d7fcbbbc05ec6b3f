/**
 * A relay's metrics page as a source of counts (spec/tor-metrics.md, "Counting"). Looks at the page from time to time, and
 * while a round counts tells by how much the relay's counters have grown.
 *
 *     idle      each good page says that the relay is there and what it counts; nothing else of it is kept
 *     counting  the first page is the base and counts nothing; of each later one the difference from the last is told
 *
 * When a round's counting begins, the base is asked for at once. At its end no page is asked for: it would come after the
 * stop time. So what lies before the base and after the last page is not counted, and `outage` says how long that is. A page
 * that is missed loses nothing, since the next one makes up for it. Pages stay in memory and are never written: what came
 * since the last checkpoint dies with the collector, as with events.
 *
 * Pages come at random times, so that the moment of one says nothing. One is asked for at a time.
 */
import { comparePages, lostMetric } from '../tor/metrics/compare-pages.js';
import { type MetricName } from '../tor/metrics/metrics-names.js';
import { METRICS_PAGE_BYTES_MAX, type MetricsPage, parseMetricsPage } from '../tor/metrics/parse-page.js';
import { type EventSource, type EventSourceEvents } from './event-source.js';
import { describeBadPage, describeMetricsFailure } from './metrics-source-words.js';
import {
  type Clock,
  type Log,
  type MetricsAddress,
  type MetricsAnswer,
  type MetricsPages,
  type RandomBytes,
} from './ports.js';
import { backOffMs } from './tor-source-back-off.js';
import { type Outage } from './tor-source.js';

export type MetricsSourceOptions = {
  /** For the log; says which source of several, but not where it is. */
  readonly name: string;
  readonly address: MetricsAddress;
  /** The mean of the time from one page to the next. */
  readonly intervalMs: number;
  /** For a whole page. */
  readonly timeoutMs: number;
};

export type MetricsSourcePorts = {
  readonly pages: MetricsPages;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly log: Log;
};

/** The shortest and the longest time to the next page, in intervals. */
const JITTER = { least: 0.5, most: 1.5 };

const RESTARTED =
  'the relay was restarted while it was counted: what it counted between its last page and its end is lost';

type Counting = {
  readonly sinceMs: number;
  /** The last good page, and when it came. */
  last: { readonly page: MetricsPage; readonly atMs: number } | undefined;
  countedMs: number;
  restarts: number;
};

export class MetricsSource implements EventSource {
  readonly kind = 'metrics-page';
  /** As of the last good page. */
  provides: ReadonlySet<MetricName> = new Set();
  readonly #options: MetricsSourceOptions;
  readonly #ports: MetricsSourcePorts;
  readonly #events: Pick<EventSourceEvents, 'onReadings' | 'onReady'>;
  /** Sentences that were logged since the last good page. */
  readonly #told = new Set<string>();
  #isOpen = false;
  #isReady = false;
  #failures = 0;
  #counting: Counting | undefined;
  /** Of the counting that has ended last. */
  #outage: Outage = { uncountedMs: 0, interruptions: 0 };
  /** Ends the wait for the next page, or gives the request up. */
  #cancel: (() => void) | undefined;

  constructor(
    options: MetricsSourceOptions,
    ports: MetricsSourcePorts,
    events: Pick<EventSourceEvents, 'onReadings' | 'onReady'>,
  ) {
    this.#options = options;
    this.#ports = ports;
    this.#events = events;
  }

  start(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#ask();
  }

  /** The base is asked for at once, and a page that is under way is given up: it may tell of the time before. */
  count(): void {
    const nowMs = this.#ports.clock.nowMs();
    this.#counting = { sinceMs: nowMs, last: undefined, countedMs: 0, restarts: 0 };
    if (this.#isOpen) this.#ask();
  }

  stopCounting(): Promise<void> {
    this.#outage = this.outage();
    this.#counting = undefined;
    return Promise.resolve();
  }

  outage(): Outage {
    if (this.#counting === undefined) return this.#outage;
    const { sinceMs, countedMs, restarts } = this.#counting;
    const wantedMs = this.#ports.clock.nowMs() - sinceMs;
    return { uncountedMs: Math.max(0, wantedMs - countedMs), interruptions: restarts };
  }

  async close(): Promise<void> {
    await this.stopCounting();
    this.#isOpen = false;
    this.#cancel?.();
  }

  #ask(): void {
    this.#cancel?.();
    const { address, timeoutMs } = this.#options;
    const request = { address, timeoutMs, bytesMax: METRICS_PAGE_BYTES_MAX };
    this.#cancel = this.#ports.pages.fetch(request, (answer) => this.#take(answer));
  }

  #take(answer: MetricsAnswer): void {
    const fault = answer.kind === 'page' ? this.#takePage(answer.bytes) : describeMetricsFailure(answer);
    if (fault === undefined) this.#succeed();
    else this.#fail(fault);
    const delayMs = fault === undefined ? this.#nextMs() : backOffMs(this.#failures, this.#ports.randomBytes);
    this.#cancel = this.#ports.clock.after(delayMs, () => this.#ask());
  }

  /** What is wrong with the page, in words; undefined if it is fine. */
  #takePage(bytes: Uint8Array): string | undefined {
    const page = parseMetricsPage(bytes);
    if ('fault' in page) return describeBadPage(page.fault);
    const fault = this.#counting === undefined ? undefined : this.#countPage(page, this.#counting);
    if (fault === undefined) this.provides = page.metrics;
    return fault;
  }

  #countPage(page: MetricsPage, counting: Counting): string | undefined {
    const nowMs = this.#ports.clock.nowMs();
    const { last } = counting;
    if (last === undefined) {
      const fault = lostMetric(this.provides, page);
      if (fault !== undefined) return describeBadPage(fault);
    } else {
      const difference = comparePages(last.page, page);
      if ('fault' in difference) return describeBadPage(difference.fault);
      this.#events.onReadings(difference.readings);
      if (difference.hasRestarted) this.#noteRestart(counting);
      // How much of the time the relay was away nobody knows: none of it is said to be counted.
      else counting.countedMs += Math.max(0, nowMs - last.atMs);
    }
    counting.last = { page, atMs: nowMs };
    return undefined;
  }

  #noteRestart(counting: Counting): void {
    counting.restarts += 1;
    this.#ports.log.warn(`${this.#options.name}: ${RESTARTED}`);
  }

  #succeed(): void {
    if (this.#failures > 0) this.#ports.log.info(`${this.#options.name}: the metrics page is back`);
    this.#failures = 0;
    this.#told.clear();
    this.#tellReady(true);
  }

  #fail(sentence: string): void {
    this.#failures += 1;
    if (!this.#told.has(sentence)) this.#ports.log.warn(`${this.#options.name}: ${sentence}`);
    this.#told.add(sentence);
    this.#tellReady(false);
  }

  #tellReady(isReady: boolean): void {
    if (this.#isReady === isReady) return;
    this.#isReady = isReady;
    this.#events.onReady(isReady);
  }

  #nextMs(): number {
    const bytes = this.#ports.randomBytes(4);
    const chance = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32;
    return Math.round(this.#options.intervalMs * (JITTER.least + (JITTER.most - JITTER.least) * chance));
  }
}
