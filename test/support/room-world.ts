/** A tally room without a tally: the real server and its page on a port of the loopback, and a state in the test's hand. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../src/cli/child-process.js';
import { systemClock } from '../../src/io/clock.js';
import { readAssets } from '../../src/io/room-assets.js';
import { RoomDesk } from '../../src/io/room-desk.js';
import { RoomServer, type RoomServerOptions } from '../../src/io/room-server.js';
import { type RoomState } from '../../src/roles/room-state.js';
import { roomState } from './room-states.js';

export const PAGE_FOLDER = fileURLToPath(new URL('../../page', import.meta.url));

export type RoomWorld = {
  /** Without a path. */
  readonly url: string;
  readonly port: number;
  readonly resultsFolder: string;
  readonly server: RoomServer;
  /** What was logged as a warning. */
  readonly warnings: readonly string[];
  /** Shows another state. */
  show(state: RoomState): void;
  close(): Promise<void>;
};

type Options = Partial<Pick<RoomServerOptions, 'hosts' | 'tls' | 'token'>> & {
  readonly state?: RoomState;
  /** One that is free, if none is given. */
  readonly port?: number;
  /** Outcomes and what else lies in the results folder, by name. */
  readonly results?: Readonly<Record<string, object>>;
};

export async function openRoom({
  state = roomState(),
  results = {},
  ...options
}: Options = {}): Promise<RoomWorld> {
  const resultsFolder = mkdtempSync(join(tmpdir(), 'privcount-room-'));
  for (const [name, json] of Object.entries(results))
    writeFileSync(join(resultsFolder, name), JSON.stringify(json));
  const port = options.port ?? (await freePorts(1))[0]!;
  const warnings: string[] = [];
  const log = {
    error: (text: string) => void warnings.push(text),
    warn: (text: string) => void warnings.push(text),
    info: () => undefined,
    debug: () => undefined,
  };
  let shown = state;
  const desk = new RoomDesk();
  const server = new RoomServer({
    at: { host: '127.0.0.1', port },
    hosts: [],
    tls: undefined,
    token: undefined,
    ...options,
    assets: await readAssets(PAGE_FOLDER),
    resultsFolder,
    readState: () => ({ ...shown, now: { ...shown.now, atMs: systemClock.nowMs() } }),
    desk,
    clock: systemClock,
    log,
  });
  await server.listen();
  return {
    url: `http${options.tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    port,
    resultsFolder,
    server,
    warnings,
    show: (next) => {
      shown = next;
      server.note();
    },
    close: async () => {
      await Promise.all([server.close(), desk.close()]);
      rmSync(resultsFolder, { recursive: true, force: true });
    },
  };
}
