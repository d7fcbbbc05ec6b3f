/**
 * What the tally room reads and draws of the results, in a thread of its own, so that the tally's event loop goes on. A thread that
 * fails or is stuck is ended, and the next request starts another.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export type DeskRequest = { readonly folder: string } & (
  | { readonly kind: 'past' }
  | { readonly kind: 'detail' | 'csv'; readonly file: string }
  | { readonly kind: 'chart'; readonly file: string; readonly counter: string; readonly isDark: boolean }
);

export type DeskAnswer =
  | { readonly kind: 'text'; readonly text: string }
  /** What is wrong with the file that was asked for. */
  | { readonly kind: 'fault'; readonly problem: string }
  /** Too much is asked at once. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'failure'; readonly problem: string };

/** For one answer: the largest outcome takes 2 s to read and draw on a slow machine; the newest files of a folder ten times that. */
const ANSWER_MS_MAX = 60_000;
/** One page asks for a round and the charts that are in sight. */
const WAITING_MAX = 64;
/** A few rounds' charts: 20 KB each. */
const CACHE_BYTES_MAX = 16 * 1024 * 1024;
/** An outcome of 20 MB, parsed, and a chart of it. */
const THREAD_MIB_MAX = 512;
/** Without requests the thread is of no use; it takes 60 MB. */
const IDLE_MS = 60_000;
const WORKER_FILE = new URL('./room-worker.js', import.meta.url);

export class RoomDesk {
  readonly #workerFile: URL;
  readonly #answerMsMax: number;
  readonly #waiting = new Map<number, (answer: DeskAnswer) => void>();
  /** What was answered, the oldest first. */
  readonly #cache = new Map<string, string>();
  #cachedBytes = 0;
  #worker: Worker | undefined;
  /** For the answer that the thread is at, which answers one after the other; or until it is of no use. */
  #timer: NodeJS.Timeout | undefined;
  #lastId = 0;

  /** The parameters are given by tests only. */
  constructor({ workerFile = WORKER_FILE, answerMsMax = ANSWER_MS_MAX } = {}) {
    this.#workerFile = workerFile;
    this.#answerMsMax = answerMsMax;
  }

  /** Never rejects. Files of results do not change, but one of the same name may take their place. */
  async ask(request: DeskRequest): Promise<DeskAnswer> {
    // The tally asks it itself, once at a time: its list is not to be old because somebody asks too much.
    if (request.kind === 'past') return this.#askThread(request);
    const version = await versionOf(join(request.folder, request.file));
    if (version === undefined) return { kind: 'fault', problem: 'it is missing' };
    const key = JSON.stringify([version, request]);
    const cached = this.#cache.get(key);
    if (cached !== undefined) return { kind: 'text', text: cached };
    if (this.#waiting.size >= WAITING_MAX) return { kind: 'busy' };
    const answer = await this.#askThread(request);
    if (answer.kind === 'text') this.#keep(key, answer.text);
    return answer;
  }

  async close(): Promise<void> {
    this.#failAll('the room is closed');
    clearTimeout(this.#timer);
    await this.#end();
  }

  #askThread(request: DeskRequest): Promise<DeskAnswer> {
    const id = (this.#lastId += 1);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      if (this.#waiting.size === 1) this.#setTimer();
      try {
        this.#worker ??= this.#start();
        this.#worker.postMessage({ id, request });
      } catch (error) {
        this.#restart(error instanceof Error ? error.message : 'no thread could be started');
      }
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#workerFile, {
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MIB_MAX },
    });
    worker.unref();
    worker.on('message', ({ id, result }: { id: number; result: DeskAnswer }) => this.#settle(id, result));
    const onEnd = (problem: string): void => {
      if (this.#worker === worker) this.#restart(problem);
    };
    worker.on('error', (error: Error) => onEnd(error.message));
    worker.on('exit', () => onEnd('the thread ended'));
    return worker;
  }

  #settle(id: number, answer: DeskAnswer): void {
    const resolve = this.#waiting.get(id);
    if (resolve === undefined) return;
    this.#waiting.delete(id);
    this.#setTimer();
    resolve(answer);
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const isIdle = this.#waiting.size === 0;
    const onTime = (): void =>
      isIdle ? void this.#end() : this.#restart('the thread gave no answer in time');
    this.#timer = setTimeout(onTime, isIdle ? IDLE_MS : this.#answerMsMax).unref();
  }

  #restart(problem: string): void {
    void this.#end();
    this.#failAll(problem);
  }

  #failAll(problem: string): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { kind: 'failure', problem });
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  /** Two may have asked for the same before it was there. */
  #keep(key: string, text: string): void {
    if (this.#cache.has(key)) return;
    // Two bytes a character at most.
    this.#cachedBytes += 2 * text.length;
    this.#cache.set(key, text);
    for (const [oldest, { length }] of this.#cache) {
      if (this.#cachedBytes <= CACHE_BYTES_MAX) break;
      this.#cache.delete(oldest);
      this.#cachedBytes -= 2 * length;
    }
  }
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    // Whoever reads it says why it can't be read; here there is just nothing to be kept.
    return undefined;
  }
}
