/** The keys of an event source that is a relay's metrics page: `metrics`, `interval` and `timeout`. */
import { z } from 'zod';
import { port } from './fields.js';

/** A relay's metrics page, and how often it is looked at. */
export type MetricsSourceConfig = {
  readonly kind: 'metrics-page';
  readonly address: { readonly host: string; readonly port: number };
  readonly intervalMs: number;
  readonly timeoutMs: number;
};

const LOOPBACK = '127.0.0.1';
const INTERVAL_MS = 60_000;
/** Tor makes a page in 1 ms, on the one core that also moves its cells: a page a second is 0.1 % of it. */
const INTERVAL_MS_MIN = 1000;
/** What comes between a relay's last page and its end is lost. */
const INTERVAL_MS_MAX = 3_600_000;
/** A relay on this machine answers in milliseconds. */
const TIMEOUT_MS = 10_000;
const TIMEOUT_MS_MIN = 100;
const TIMEOUT_MS_MAX = 60_000;

const WANTED = 'a port, or a literal address and a port, as in 127.0.0.1:9035 or [::1]:9035';
const ADDRESS = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([0-9a-fA-F:.]+)\]):(\d{1,5})$/;

const address = z.union([z.number(), z.string()], { error: WANTED }).transform((value, refinement) => {
  const [, ipv4, ipv6, digits] =
    typeof value === 'number' ? [undefined, LOOPBACK, undefined, value] : (ADDRESS.exec(value) ?? []);
  const host = ipv4 === undefined ? z.ipv6().safeParse(ipv6) : z.ipv4().safeParse(ipv4);
  const itsPort = port().safeParse(Number(digits));
  if (host.success && itsPort.success) return { host: host.data, port: itsPort.data };
  refinement.addIssue({ code: 'custom', message: WANTED });
  return z.NEVER;
});

function seconds(minMs: number, maxMs: number) {
  const error = `seconds, ${minMs / 1000} to ${maxMs / 1000}`;
  return z
    .number({ error })
    .min(minMs / 1000, { error })
    .max(maxMs / 1000, { error })
    .transform((value) => Math.round(value * 1000));
}

export const metricsFields = {
  metrics: address.optional(),
  interval: seconds(INTERVAL_MS_MIN, INTERVAL_MS_MAX).optional(),
  timeout: seconds(TIMEOUT_MS_MIN, TIMEOUT_MS_MAX).optional(),
};

export function toMetricsSource(
  at: MetricsSourceConfig['address'],
  given: { readonly interval?: number | undefined; readonly timeout?: number | undefined },
): MetricsSourceConfig {
  return {
    kind: 'metrics-page',
    address: at,
    intervalMs: given.interval ?? INTERVAL_MS,
    timeoutMs: given.timeout ?? TIMEOUT_MS,
  };
}

/** True if what goes to this address never leaves the machine. */
export function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1' || /^(?:0+:){7}0*1$/.test(host);
}
