/** The thread that draws noise: gets the sigmas of all cells, gives the vector, ends. Started by noise-source.ts. */
import { randomFillSync } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { drawNoise } from '../privacy/noise-vector.js';

if (parentPort === null) throw new Error('noise-worker.js only runs as a worker thread');
const noise = drawNoise(workerData as Float64Array, (length) => randomFillSync(new Uint8Array(length)));
// The vector moves to the collector's thread: no copy of the noise stays behind here.
parentPort.postMessage(noise, [noise.buffer as ArrayBuffer]);
