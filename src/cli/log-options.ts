/** The options about the log that every command has, as PrivCount's. */
import { type Argv } from 'yargs';
import { createLog } from '../io/log.js';

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
  return createLog({ path: log, name: `privcount-${mode}${logId}`, level });
}
