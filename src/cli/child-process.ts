/** Nodes as processes of this very program, for the demonstration and the tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
/** How long a node may take to stop by itself before it is killed. */
const STOP_MS_MAX = 5_000;

export type Child = {
  readonly process: ChildProcess;
  /** Its exit code; undefined if a signal ended it. */
  readonly ended: Promise<number | undefined>;
  /** Asks it to stop, and kills it if it does not. */
  stop(): Promise<void>;
};

/** Starts `privcount ARGS`. What it says goes to the log file, and line by line to `onLine`. `env` is added to ours. */
export function startChild(
  args: readonly string[],
  { logFile, onLine, env }: { logFile: string; onLine?: (line: string) => void; env?: NodeJS.ProcessEnv },
): Child {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(log, { end: false });
    if (onLine !== undefined) createInterface({ input: stream }).on('line', onLine);
  }
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      log.end();
      resolve(code ?? undefined);
    });
  });
  return {
    process: child,
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Below those that systems give to outgoing connections (RFC 6335 begins them at 49152, Linux at 32768): nobody takes a port
 * by chance between the moment when it is found free and its use.
 */
const PORTS = { first: 20_000, count: 12_000 };
let nextPort = randomInt(PORTS.count);

/** Ports of the loopback that were free just now. No two calls give the same soon. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried += 1) {
    if (tried === PORTS.count) throw new Error(`no ${count} ports of 127.0.0.1 are free`);
    const port = PORTS.first + nextPort;
    nextPort = (nextPort + 1) % PORTS.count;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
