/** A relay source and an injector in one process, joined by real sockets. */
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/io/clock.js';
import { readEventLog } from '../../src/io/event-file.js';
import { files } from '../../src/io/files.js';
import { controlListener } from '../../src/io/tor-listener.js';
import { torTransport } from '../../src/io/tor-socket.js';
import { type Injector, type InjectorOptions, startInjector } from '../../src/roles/injector.js';
import { type Log, type TorAddress } from '../../src/roles/ports.js';
import {
  TorSource,
  type TorSourceOptions,
  type TorSourcePorts,
  type TorSourceState,
} from '../../src/roles/tor-source.js';
import { type CountRequest } from '../../src/tor/control/commands.js';
import { INJECTOR_FINGERPRINT } from '../../src/tor/control/relay-profile.js';
import { EVENT_NAMES } from '../../src/tor/events/event-names.js';
import { relays } from '../roles/tor-source-fakes.js';

export const REQUEST: CountRequest = {
  events: EVENT_NAMES,
  circuitSampleRate: 1,
  maxCellEventsPerCircuit: -1,
  trafficModel: undefined,
};

/** A folder for each test of the suite in which this is called. */
export function temporaryFolder(): { readonly path: string } {
  const folder = { path: '' };
  beforeEach(() => (folder.path = mkdtempSync(join(tmpdir(), 'privcount-inject-'))));
  afterEach(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}

class MemoryLog implements Log {
  readonly lines: string[] = [];
  error = (message: string): void => this.#add('error', message);
  warn = (message: string): void => this.#add('warn', message);
  info = (message: string): void => this.#add('info', message);
  debug = (message: string): void => this.#add('debug', message);
  #waiting: { text: string; resolve: () => void }[] = [];

  /** Resolves when a line with the text is there. */
  saying(text: string): Promise<void> {
    if (this.lines.some((line) => line.includes(text))) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ text, resolve }));
  }

  #add(level: string, message: string): void {
    this.lines.push(`${level}: ${message}`);
    this.#waiting.filter(({ text }) => message.includes(text)).forEach(({ resolve }) => resolve());
  }
}

export type Injection = { readonly injector: Injector; readonly log: MemoryLog };

export async function inject(
  path: string,
  addresses: readonly TorAddress[],
  changes: Partial<InjectorOptions> = {},
): Promise<Injection> {
  const log = new MemoryLog();
  const injector = await startInjector(
    {
      addresses,
      events: readEventLog(path),
      authentication: {},
      fingerprint: INJECTOR_FINGERPRINT,
      nickname: 'relay',
      stay: false,
      pace: { kind: 'full-speed' },
      pruneBeforeS: 0,
      pruneAfterS: Infinity,
      rewriteTimes: false,
      ...changes,
    },
    { listener: controlListener, clock: systemClock, log, randomBytes },
  );
  return { injector, log };
}

/** As a collector checks its relay that network.yaml lists this one at. */
export function relayIs(fingerprint: string): TorSourceOptions['checkRelay'] {
  const identities = relays({ 'collector-1': [fingerprint] });
  return (relay) => identities.check('relay', relay);
}

/** A source that keeps the lines it is told of. */
export class Collecting {
  readonly lines: string[] = [];
  readonly states: TorSourceState[] = [];
  readonly faults: string[] = [];
  readonly log = new MemoryLog();
  readonly source: TorSource;
  #waiting: { isDone: () => boolean; resolve: () => void }[] = [];

  constructor(
    address: TorAddress,
    changes: Partial<TorSourceOptions> = {},
    otherPorts: Partial<TorSourcePorts> = {},
  ) {
    const options: TorSourceOptions = {
      name: 'relay',
      address,
      mayUseSetconf: true,
      passwordFile: undefined,
      checkRelay: relayIs(INJECTOR_FINGERPRINT),
      ...changes,
    };
    const own = { transport: torTransport, clock: systemClock, files, randomBytes, log: this.log };
    const ports = { ...own, ...otherPorts };
    this.source = new TorSource(options, ports, {
      onContext: () => undefined,
      onEvent: (bytes, start, end) => {
        this.lines.push(Buffer.from(bytes.buffer, bytes.byteOffset).toString('latin1', start, end));
        this.#look();
      },
      onState: (state) => {
        this.states.push(state);
        this.#look();
      },
      onFault: ({ code }) => {
        this.faults.push(code);
        this.#look();
      },
    });
  }

  /** Resolves when the condition holds. */
  until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ isDone, resolve });
      this.#look();
    });
  }

  #look(): void {
    const done = this.#waiting.filter(({ isDone }) => isDone());
    this.#waiting = this.#waiting.filter((entry) => !done.includes(entry));
    done.forEach(({ resolve }) => resolve());
  }
}
