/** What ts, sk and dc have in common: the log, the ports of the real world, and how a daemon is stopped. */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ArgumentsCamelCase } from 'yargs';
import { systemClock } from '../io/clock.js';
import { dialer } from '../io/dialer.js';
import { files } from '../io/files.js';
import { artifactFiles } from '../io/artifact-files.js';
import { statusFile } from '../io/status-file.js';
import { StoreError } from '../io/store-error.js';
import { artifactDigest } from '../roles/artifacts.js';
import { type NodePorts } from '../roles/node.js';
import { StatusReporter, type StatusPorts } from '../roles/status-reporter.js';
import { type Log } from '../roles/ports.js';
import { type LogArguments, openLog } from './log-options.js';
import { countedLog } from './counted-log.js';
import { type MonitorSubject, type NodeMonitor, openNodeMonitor } from './node-monitor.js';
import { OperatorError } from './operator-error.js';
import { EXIT } from './exit-codes.js';
import { softwareVersion } from './software.js';

export const software = `privcount ${softwareVersion()}`;

export type ConfigArguments = LogArguments & { readonly config: string };

/** Private folders below the state folder; they are made if they are not there. */
export function makeFolders(stateFolder: string, ...names: readonly string[]): void {
  for (const name of ['', ...names]) {
    const path = join(stateFolder, name);
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      accessSync(path, constants.W_OK | constants.X_OK);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      throw new OperatorError(`can't write into the folder ${path}: ${reason}`, EXIT.usage, { cause: error });
    }
  }
}

/** The node's status goes into its state folder, and to its monitor. */
export function statusPorts(stateFolder: string, log: Log, monitor: NodeMonitor): StatusPorts {
  const ports = { clock: systemClock, log, status: statusFile(files, stateFolder) };
  return {
    openStatus: (make) => {
      monitor.watch(make);
      return new StatusReporter(ports, make);
    },
    wallOffsetMs: () => systemClock.wallOffsetMs(),
  };
}

export function nodePorts(stateFolder: string, log: Log, monitor: NodeMonitor): NodePorts {
  makeFolders(stateFolder, 'artifacts');
  return {
    dialer,
    clock: systemClock,
    ...statusPorts(stateFolder, log, monitor),
    log,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    artifacts: artifactFiles(files, stateFolder, artifactDigest),
  };
}

export type Daemon = {
  /** Its exit code, if it ends by itself. */
  readonly done: Promise<number>;
  /** Keeps what must be kept, and lets go of everything. */
  readonly stop: () => Promise<void>;
  /** SIGHUP: reads again what may change while it runs. A fault is logged, and what was read before stays. */
  readonly reload?: () => void;
};

/** From the signal on: service managers kill after 10 s and more, containers after 10 s. */
const STOP_MS_MAX = 4_000;
/** Whatever still keeps the process from ending when the node has ended, a promise to end is kept. */
const EXIT_MS_MAX = 500;

/**
 * Runs a daemon until it ends by itself or is told to stop (SIGINT, SIGTERM), and gives its exit code. `start` throws for
 * what the operator must mend before anything runs; the monitor's port is opened before. SIGHUP opens the log file anew, for who rotates it, and reloads.
 */
export async function runDaemon(
  mode: string,
  argv: ArgumentsCamelCase<ConfigArguments>,
  subject: MonitorSubject,
  start: (log: Log, monitor: NodeMonitor) => Daemon,
): Promise<number> {
  const log = countedLog(openLog(mode, argv));
  let monitor: NodeMonitor | undefined;
  let daemon: Daemon | undefined;
  // From the first moment on: unheard, the signal would end the process.
  const onHangUp = (): void => {
    log.reopen();
    log.info('SIGHUP: the log is open anew');
    reload(daemon, log);
  };
  process.on('SIGHUP', onHangUp);
  const clockCheck = startClockCheck(log);
  try {
    if (argv.log !== undefined && argv.log !== '-')
      process.stderr.write(`privcount: the log is in ${argv.log}\n`);
    log.info(`${software} begins`);
    monitor = await openNodeMonitor(subject, log);
    daemon = start(log, monitor);
    process.once('uncaughtException', (error) => crash(log, error));
    const exitCode = await Promise.race([daemon.done, untilStopped(log, daemon.stop)]);
    log.info(`ends with exit code ${exitCode}`);
    endForSure();
    return exitCode;
  } finally {
    clearInterval(clockCheck);
    process.off('SIGHUP', onHangUp);
    await monitor?.close();
    await log.close();
  }
}

function reload(daemon: Daemon | undefined, log: Log): void {
  try {
    daemon?.reload?.();
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    log.error(`the configuration is not read again, what was read before stays: ${reason}`);
  }
}

/**
 * What nobody caught ends the node at once: what it promised may no longer hold. The log says so too, since nobody may read
 * standard error. A fault of the machine, such as a full disk, is a sentence; one of ours comes with its trace.
 */
function crash(log: ReturnType<typeof openLog>, error: Error): void {
  const isOfMachine =
    error instanceof StoreError || (error.cause instanceof Error && 'syscall' in error.cause);
  log.error(`stops, ${isOfMachine ? error.message : `internal error: ${error.message}`}`);
  void log.close().finally(() => {
    process.stderr.write(
      isOfMachine
        ? `privcount: ${error.message}\n`
        : `privcount: internal error\n${error.stack ?? error.message}\n`,
    );
    process.exit(EXIT.failure);
  });
}

async function untilStopped(log: Log, stop: () => Promise<void>): Promise<number> {
  const signal = await new Promise<string>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => resolve(name));
  });
  log.info(`${signal}: stopping`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), STOP_MS_MAX)));
  if ((await Promise.race([stop(), late])) === 'late')
    log.warn(`not all could be let go of within ${STOP_MS_MAX / 1000} s; ends all the same`);
  clearTimeout(timer);
  return EXIT.fine;
}

/** With the exit code that is set by then: who waits for the process does not wait for what was forgotten. */
function endForSure(): void {
  setTimeout(() => process.exit(), EXIT_MS_MAX).unref();
}

/** As SKEW_MS_MAX between nodes. */
const WALL_OFFSET_MS_MAX = 30_000;
const CLOCK_CHECK_MS = 60_000;

/** Tells once that somebody has set the clock: the node keeps its own time (io/clock.ts), which may be the wrong one. */
function startClockCheck(log: Log): NodeJS.Timeout {
  let hasTold = false;
  return setInterval(() => {
    const offsetMs = systemClock.wallOffsetMs();
    const isOff = Math.abs(offsetMs) > WALL_OFFSET_MS_MAX;
    if (isOff && !hasTold) {
      const way = offsetMs > 0 ? 'forward' : 'back';
      log.warn(
        `the clock of this machine was set ${way} by ${Math.round(Math.abs(offsetMs) / 1000)} s; this node keeps the time ` +
          'that it had: if the clock is right now, restart it',
      );
    }
    hasTold = isOff;
  }, CLOCK_CHECK_MS).unref();
}
