/** The thread that draws noise: gets the sigmas of all cells, gives the vector, ends. Started by noise-source.ts. */
import { randomFillSync } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { drawNoise } from '../privacy/noise-vector.js';

if (parentPort === null) throw new Error('noise-worker.js only runs as a worker thread');
// Where both cores are busy, the event loop comes first: its pauses fall from 20 ms to 8. In Linux alone a priority is one
// thread's; elsewhere it would be the whole collector's, for ever.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
const noise = drawNoise(workerData as Float64Array, (length) => randomFillSync(new Uint8Array(length)));
// The vector moves to the collector's thread: no copy of the noise stays behind here.
parentPort.postMessage(noise, [noise.buffer as ArrayBuffer]);
