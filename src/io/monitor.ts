/**
 * A node's monitor, as the node sees it: a thread that is told every few seconds how the node is, and answers by itself to
 * whoever asks. So how fast an answer comes, which every Prometheus writes down, does not tell how busy a collector is; and
 * nobody who asks can hold up the node. The thread, and prom-client in it, is only there if a monitor is configured.
 */
import { Worker } from 'node:worker_threads';
import { type MonitorFacts } from '../roles/monitor-facts.js';
import { type MetricRole } from '../roles/monitor-metric.js';
import { type Log } from '../roles/ports.js';

export type MonitorStart = { readonly role: MetricRole; readonly host: string; readonly port: number };

export type MonitorReport =
  | { readonly kind: 'listening' }
  | { readonly kind: 'failed'; readonly code: string | undefined; readonly reason: string };

/** Where it is open. */
export type OpenMonitor = {
  /** What is shown from now on is made by this, every few seconds. It is not called before this returns. */
  watch(make: () => MonitorFacts): void;
  close(): Promise<void>;
};

/** A Prometheus asks every 15 s to a minute. */
const REPORT_MS = 5_000;
/** Of the thread: a page of a thousand nodes takes some megabytes. */
const HEAP_MEGABYTES_MAX = 64;
const WORKER_FILE = new URL('./monitor-worker.js', import.meta.url);

/** Resolves when it listens; rejects with the system's error if it can't. */
export async function openMonitor(start: MonitorStart, log: Log): Promise<OpenMonitor> {
  const worker = new Worker(WORKER_FILE, {
    workerData: start,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX },
  });
  await untilListening(worker);
  // It must not keep a node from ending.
  worker.unref();
  let timer: NodeJS.Timeout | undefined;
  const end = (reason: string): void => {
    clearInterval(timer);
    log.warn(`the monitor ended, and is there again when the node is restarted: ${reason}`);
  };
  worker.on('error', (error: Error) => end(error.message));
  worker.on('message', (report: MonitorReport) => {
    if (report.kind === 'failed') log.warn(`the monitor: ${report.reason}`);
  });
  return {
    watch: (make) => {
      const tell = (): void => worker.postMessage(make());
      timer = setInterval(tell, REPORT_MS).unref();
      // The node that asks for this is still being made.
      setImmediate(tell);
    },
    close: async () => {
      clearInterval(timer);
      await worker.terminate();
    },
  };
}

function untilListening(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (report: MonitorReport) => {
      worker.off('error', reject);
      if (report.kind === 'listening') {
        resolve();
        return;
      }
      void worker.terminate();
      reject(Object.assign(new Error(report.reason), { code: report.code }));
    });
  });
}
