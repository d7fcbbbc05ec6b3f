/** The monitor's thread: is told what the node shows of itself, and shows it. Started by monitor.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { monitorAnswers } from './monitor-answers.js';
import { type MonitorFacts } from '../roles/monitor-facts.js';
import { type MonitorReport, type MonitorStart } from './monitor.js';
import { createMonitorServer } from './monitor-server.js';

const port = parentPort;
if (port === null) throw new Error('monitor-worker.js only runs as a worker thread');
const { role, host, port: listenPort } = workerData as MonitorStart;
const answers = monitorAnswers(role, () => performance.now());
const server = createMonitorServer((path) => answers.answer(path));
const report = (message: MonitorReport): void => port.postMessage(message);

port.on('message', (facts: MonitorFacts) => void answers.show(facts));
server.on('error', (error: NodeJS.ErrnoException) =>
  report({ kind: 'failed', code: error.code, reason: error.message }),
);
server.listen({ host, port: listenPort }, () => report({ kind: 'listening' }));
