/** What a metric of the monitor is, and short ways to say one (monitor-catalogue.ts). */
import { type MonitorFacts } from './monitor-facts.js';
import { type Status } from './status-board.js';

export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

export type MetricRole = Status['role'];

export type Metric = {
  readonly name: string;
  readonly help: string;
  readonly kind: 'gauge' | 'counter';
  readonly labels: readonly string[];
  readonly roles: readonly MetricRole[];
  /** None where there is nothing to say. */
  readonly samples: (facts: MonitorFacts) => readonly Sample[];
};

export const ALL: readonly MetricRole[] = ['tally', 'keeper', 'collector'];
export const MS_PER_SECOND = 1000;

/** None where it is not known. */
export function one(value: number | undefined, labels: Sample['labels'] = {}): Sample[] {
  return value === undefined ? [] : [{ labels, value }];
}

/** A time or a length of time in milliseconds, as seconds. */
export function seconds(ms: number | undefined): Sample[] {
  return one(ms === undefined ? undefined : ms / MS_PER_SECOND);
}

export function gauge(
  name: string,
  help: string,
  samples: Metric['samples'],
  { roles = ALL, labels = [] as readonly string[] } = {},
): Metric {
  return { name, help, kind: 'gauge', labels, roles, samples };
}
