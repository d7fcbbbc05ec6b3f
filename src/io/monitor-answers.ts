/** What the monitor answers: the last page of metrics, and whether the node is well. */
import { healthFaults, type MonitorFacts } from '../roles/monitor-facts.js';
import { type MetricRole } from '../roles/monitor-metric.js';
import { monitorPage } from './monitor-page.js';
import { type MonitorAnswer } from './monitor-server.js';

/** Six times what the node takes between two reports (monitor.ts): longer, and it hangs. */
export const SILENT_MS_MAX = 30_000;

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';

export type MonitorAnswers = {
  /** Resolves when it is shown. */
  show(facts: MonitorFacts): Promise<void>;
  answer(path: string): MonitorAnswer | undefined;
};

export function monitorAnswers(role: MetricRole, nowMs: () => number): MonitorAnswers {
  const page = monitorPage(role);
  let shown: { readonly metrics: string; readonly facts: MonitorFacts; readonly atMs: number } | undefined;
  const silence = (): string | undefined => {
    if (shown === undefined) return 'the node is being started';
    const silentMs = nowMs() - shown.atMs;
    if (silentMs < SILENT_MS_MAX) return undefined;
    return `the node has not said for ${Math.round(silentMs / 1000)} s how it is`;
  };
  return {
    show: async (facts) => {
      const metrics = await page.make(facts);
      shown = { metrics, facts, atMs: nowMs() };
    },
    answer: (path) => {
      const fault = silence();
      if (path === '/health') return health(shown?.facts, fault);
      if (path !== '/metrics') return undefined;
      if (fault !== undefined) return { status: 503, contentType: TEXT, body: `${fault}\n` };
      return { status: 200, contentType: page.contentType, body: shown!.metrics };
    },
  };
}

function health(facts: MonitorFacts | undefined, silence: string | undefined): MonitorAnswer {
  const faults = silence !== undefined || facts === undefined ? [silence!] : healthFaults(facts);
  const status = facts?.status;
  const body = {
    healthy: faults.length === 0,
    faults,
    ...(status === undefined
      ? {}
      : { role: status.role, name: status.name, software: status.software, phase: status.phase }),
  };
  return {
    status: faults.length === 0 ? 200 : 503,
    contentType: JSON_TYPE,
    body: `${JSON.stringify(body)}\n`,
  };
}
