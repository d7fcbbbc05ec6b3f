/**
 * Draws noise in a thread of its own (spec/noise.md, "Drawing it"): the event loop goes on meanwhile, and the time the
 * sampler takes, which depends on the noise, shows in nothing that the collector answers.
 */
import { Worker } from 'node:worker_threads';
import { cellCount, newVector, type RingVector } from '../core/ring.js';
import { type NoiseSource } from '../roles/ports.js';

/** A hundred times what all 11,456 bins of PrivCount take on a slow machine. */
const DRAW_MS_MAX = 60_000;
const WORKER_FILE = new URL('./noise-worker.js', import.meta.url);

/** `workerFile` and `drawMsMax` are given by tests only. */
export function createNoiseSource({ workerFile = WORKER_FILE, drawMsMax = DRAW_MS_MAX } = {}): NoiseSource {
  return {
    async draw(sigmas) {
      // Without noise, which only test networks are, there is nothing to draw.
      if (sigmas.every((sigma) => sigma === 0)) return newVector(sigmas.length);
      const worker = new Worker(workerFile, { workerData: sigmas });
      try {
        return await vectorOf(worker, { cells: sigmas.length, drawMsMax });
      } finally {
        await worker.terminate();
      }
    },
  };
}

function vectorOf(worker: Worker, wanted: { cells: number; drawMsMax: number }): Promise<RingVector> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown): void => {
      clearTimeout(timer);
      reject(new Error(`the noise could not be drawn: ${reason}`, { cause }));
    };
    const timer = setTimeout(() => {
      fail(`the thread gave nothing within ${wanted.drawMsMax} ms`);
    }, wanted.drawMsMax);
    worker.once('message', (answer: unknown) => {
      if (!(answer instanceof Uint32Array) || cellCount(answer) !== wanted.cells) {
        fail('the thread gave something else');
        return;
      }
      clearTimeout(timer);
      resolve(answer);
    });
    worker.once('error', (error: Error) => {
      fail(error.message, error);
    });
    worker.once('exit', (code) => {
      fail(`the thread ended early, with code ${code}`);
    });
  });
}
