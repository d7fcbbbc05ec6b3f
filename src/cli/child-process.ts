/** Nodes as processes of this very program, for the demonstration and the tests. */
import { spawn, type ChildProcess } from 'node:child_process';
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

/** Ports of the loopback that were free just now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
