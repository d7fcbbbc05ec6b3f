/**
 * The log: lines as PrivCount writes them, with the zone added to the local time.
 *
 *     2026-11-21 12:00:00+0100 1795258800.123456 [privcount-ts] [INFO] message
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createLogger, format, transports } from 'winston';
import { type Log } from '../roles/ports.js';

export type LogOptions = {
  /** A file to append to; undefined or `-` for standard error. */
  readonly path: string | undefined;
  /** As in `privcount-ts`: the command, and what the operator glued to it. */
  readonly name: string;
  readonly level: 'debug' | 'info' | 'warn';
};

/** Old lines are kept in two further files. */
const FILE_BYTES_MAX = 100 * 1024 * 1024;
const FILES_MAX = 3;

export type OpenLog = Log & {
  /** Opens the file by its name anew: whoever rotates logs has moved it away. */
  reopen(): void;
  close(): Promise<void>;
};

export function createLog({ path, name, level }: LogOptions): OpenLog {
  const line = format.printf(
    (info) => `${stamp()} [${name}] [${info.level.toUpperCase()}] ${oneLine(String(info.message))}`,
  );
  const logger = createLogger({ level, format: line });
  const openTarget = () => {
    if (path === undefined || path === '-')
      return new transports.Stream({ stream: process.stderr, eol: '\n' });
    mkdirSync(dirname(path), { recursive: true });
    const limits = { maxsize: FILE_BYTES_MAX, maxFiles: FILES_MAX, tailable: true };
    return new transports.File({ filename: path, ...limits });
  };
  let target = openTarget();
  logger.add(target);
  return {
    error: (message) => void logger.error(message),
    warn: (message) => void logger.warn(message),
    info: (message) => void logger.info(message),
    debug: (message) => void logger.debug(message),
    reopen: () => {
      if (!(target instanceof transports.File)) return;
      // What was written before goes to the old file until it is closed.
      const old = target;
      target = openTarget();
      logger.add(target);
      logger.remove(old);
    },
    close: () =>
      new Promise((resolve) => {
        logger.once('finish', resolve);
        logger.end();
      }),
  };
}

/** What a peer said may be part of a message: it must not look like a line of its own. */
function oneLine(message: string): string {
  return message.replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
}

/** Local date and time with zone, then seconds since 1970 with six decimals. */
function stamp(): string {
  const now = new Date();
  const microseconds = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  const seconds = `${Math.floor(microseconds / 1e6)}.${String(microseconds % 1e6).padStart(6, '0')}`;
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  return `${date} ${time}${zone(-now.getTimezoneOffset())} ${seconds}`;
}

function zone(minutesEast: number): string {
  const minutes = Math.abs(minutesEast);
  return `${minutesEast < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
