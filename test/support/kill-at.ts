/**
 * Loaded into a node's process before its program (`--import`): writes down each commit of its store, and kills the process,
 * as kill -9 does, right before or after the one that PRIVCOUNT_KILL_AT names (`3:after`). The program has no hook for it.
 */
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { type Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';

/** A line of the file that PRIVCOUNT_KILL_TRACE names. */
export type TracedCommit = {
  /** Counts this process's commits, from 1. */
  readonly commit: number;
  /** Where the process ended itself; `before` means that nothing of this commit is on the disk. */
  readonly killed?: 'before' | 'after';
  readonly put: readonly string[];
  readonly removed: readonly string[];
  /** By the local port of each connection to the relay (PRIVCOUNT_KILL_RELAY): the bytes that the program had been given. */
  readonly heard: Readonly<Record<string, number>>;
};

const relayPort = Number(process.env['PRIVCOUNT_KILL_RELAY'] ?? 0);
const [killCommit, killWhen] = (process.env['PRIVCOUNT_KILL_AT'] ?? '').split(':');
const trace = process.env['PRIVCOUNT_KILL_TRACE'];
const relays = new Map<number, Socket>();
let commit = 0;
let put: string[] = [];
let removed: string[] = [];

function heard(): Record<string, number> {
  return Object.fromEntries([...relays].map(([port, socket]) => [port, socket.bytesRead]));
}

function write(killed?: 'before' | 'after'): void {
  const line: TracedCommit = { commit, ...(killed && { killed }), put, removed, heard: heard() };
  appendFileSync(trace!, `${JSON.stringify(line)}\n`);
}

function isDue(when: 'before' | 'after'): boolean {
  return killWhen === when && Number(killCommit) === commit;
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('a killed process goes on');
}

function around(commitNow: () => void): void {
  commit += 1;
  if (isDue('before')) {
    write('before');
    die();
  }
  commitNow();
  write(isDue('after') ? 'after' : undefined);
  if (isDue('after')) die();
  put = [];
  removed = [];
}

/** The methods of the package's own prototype can't be replaced; the prototype of the databases that are made can. */
function watchStore(): void {
  const prototype = DatabaseSync.prototype as DatabaseSyncInstance;
  Object.assign(DatabaseSync, {
    prototype: Object.create(prototype, {
      exec: {
        value(this: DatabaseSyncInstance, sql: string): void {
          if (/\bCOMMIT\b/.test(sql)) around(() => prototype.exec.call(this, sql));
          else prototype.exec.call(this, sql);
        },
      },
      prepare: {
        value(this: DatabaseSyncInstance, sql: string): StatementSyncInstance {
          return watched(prototype.prepare.call(this, sql));
        },
      },
    }) as unknown,
  });
}

/** The store's statements have the key first; one with a value puts it. */
function watched(statement: StatementSyncInstance): StatementSyncInstance {
  const run = statement.run.bind(statement) as (...parameters: readonly unknown[]) => unknown;
  const value = (...parameters: readonly unknown[]): unknown => {
    const [key, ...values] = parameters;
    (values.length > 0 ? put : removed).push(String(key));
    return run(...parameters);
  };
  return Object.defineProperty(statement, 'run', { value });
}

function watchRelay(): void {
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { readonly socket: Socket };
    socket.once('connect', () => {
      if (socket.remotePort === relayPort) relays.set(socket.localPort!, socket);
    });
  });
}

// The thread that draws noise loads this too; it has no store.
if (isMainThread && trace !== undefined) {
  watchStore();
  watchRelay();
}
