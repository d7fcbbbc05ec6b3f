/** What ts, sk and dc have in common: the log, the ports of the real world, and how a daemon is stopped. */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ArgumentsCamelCase } from 'yargs';
import { systemClock } from '../io/clock.js';
import { dialer } from '../io/dialer.js';
import { files } from '../io/files.js';
import { artifactFiles } from '../io/artifact-files.js';
import { StoreError } from '../io/store-error.js';
import { artifactDigest } from '../roles/artifacts.js';
import { type NodePorts } from '../roles/node.js';
import { type Log } from '../roles/ports.js';
import { type LogArguments, openLog } from './log-options.js';
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

export function nodePorts(stateFolder: string, log: Log): NodePorts {
  makeFolders(stateFolder, 'artifacts');
  return {
    dialer,
    clock: systemClock,
    log,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    artifacts: artifactFiles(files, stateFolder, artifactDigest),
  };
}

/**
 * Runs a daemon until it ends by itself or is told to stop (SIGINT, SIGTERM), and gives its exit code. `start` throws for
 * what the operator must mend before anything runs.
 */
export async function runDaemon(
  mode: string,
  argv: ArgumentsCamelCase<ConfigArguments>,
  start: (log: Log) => { readonly done: Promise<number>; readonly stop: () => Promise<void> },
): Promise<number> {
  const log = openLog(mode, argv);
  try {
    if (argv.log !== undefined && argv.log !== '-')
      process.stderr.write(`privcount: the log is in ${argv.log}\n`);
    log.info(`${software} begins`);
    const daemon = start(log);
    process.once('uncaughtException', (error) => crash(log, error));
    const exitCode = await Promise.race([daemon.done, untilStopped(log, daemon.stop)]);
    log.info(`ends with exit code ${exitCode}`);
    return exitCode;
  } finally {
    await log.close();
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
  await stop();
  return EXIT.fine;
}
