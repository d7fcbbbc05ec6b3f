/** The options about the log that every command has, as PrivCount's. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Argv } from 'yargs';
import { createLog } from '../io/log.js';
import { EXIT } from './exit-codes.js';
import { OperatorError } from './operator-error.js';

export type LogArguments = {
  readonly log: string | undefined;
  readonly 'log-id': string;
  readonly debug: boolean | undefined;
  readonly quiet: boolean | undefined;
};

export function withLogOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('log', {
      alias: 'l',
      type: 'string',
      describe: 'append the log to this file; - is standard error',
      requiresArg: true,
    })
    .option('log-id', {
      alias: 'i',
      type: 'string',
      default: '',
      describe: 'glued to the name in each log line',
    })
    .option('debug', { alias: ['v', 'verbose'], type: 'boolean', describe: 'log more' })
    .option('quiet', {
      alias: ['q', 'warn', 'warning'],
      type: 'boolean',
      describe: 'log warnings only',
    })
    .conflicts('debug', 'quiet');
}

export function openLog(mode: string, { log, 'log-id': logId, debug, quiet }: LogArguments) {
  const level = debug === true ? 'debug' : quiet === true ? 'warn' : 'info';
  if (log !== undefined && log !== '-') checkLogFile(log);
  return createLog({ path: log, name: `privcount-${mode}${logId}`, level });
}

/** The log itself is opened later, and nobody could be told then. */
function checkLogFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new OperatorError(`can't write the log ${path}: ${reason}`, EXIT.usage, { cause: error });
  }
}
