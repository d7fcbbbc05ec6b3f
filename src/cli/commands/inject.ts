/** `privcount inject`: plays an event log as a relay would. */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { type Argv, type CommandModule } from 'yargs';
import { systemClock } from '../../io/clock.js';
import { writeCookieFile } from '../../io/control-cookie-file.js';
import { readEventLog } from '../../io/event-file.js';
import { files } from '../../io/files.js';
import { createLog } from '../../io/log.js';
import { controlListener } from '../../io/tor-listener.js';
import { type Injector, startInjector } from '../../roles/injector.js';
import { type Log } from '../../roles/ports.js';
import { passwordIn } from '../../roles/tor-source-secrets.js';
import { INJECTOR_NICKNAME, type RelayAuthentication } from '../../tor/control/relay-profile.js';
import { COOKIE_BYTES } from '../../tor/control/safe-cookie.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import {
  checkArguments,
  type InjectArguments,
  toAddresses,
  toFingerprint,
  toPlayOptions,
} from './inject-options.js';

function withOptions(yargs: Argv) {
  return yargs
    .options({
      port: { alias: 'p', type: 'number', describe: 'listen on this TCP port' },
      ip: { alias: 'i', type: 'string', describe: 'at this address (both loopback addresses if absent)' },
      unix: { alias: 'u', type: 'string', describe: 'listen on a unix socket at this path' },
      simulate: { alias: 's', type: 'boolean', default: false, describe: 'pause as the events did' },
      rate: { type: 'number', describe: 'send at most so many events per second' },
      'prune-before': { type: 'number', default: 0, describe: 'leave out what ended before (seconds)' },
      'prune-after': {
        type: 'number',
        default: Infinity,
        describe: 'leave out what ended after (seconds)',
      },
      'rewrite-times': { type: 'boolean', default: false, describe: 'move each event to when it is sent' },
      'control-password': { type: 'string', describe: 'ask for the password in this file' },
      'control-cookie-file': { type: 'string', describe: 'write a cookie to this file and ask for it' },
      fingerprint: {
        type: 'string',
        describe: 'be the relay with this fingerprint. Default: one that its port makes',
      },
      nickname: { type: 'string', default: INJECTOR_NICKNAME, describe: 'and this nickname' },
      stay: { type: 'boolean', default: false, describe: 'stay when the collector has gone' },
      unpatched: {
        type: 'boolean',
        default: false,
        describe: "be a tor of today, without PrivCount's patch",
      },
      debug: { alias: 'v', type: 'boolean', default: false, describe: 'log more' },
      quiet: { alias: 'q', type: 'boolean', default: false, describe: 'log warnings only' },
    })
    .option('log', {
      alias: 'l',
      type: 'string',
      demandOption: true,
      describe: 'the event log, perhaps packed by gzip; - is standard input',
    })
    .epilogue(
      'Ends when all events were sent and the collector has stopped: 0 if all were sent, 1 if it stopped before.',
    );
}

type Given = ReturnType<typeof withOptions> extends Argv<infer Options> ? Options : never;

export const inject: CommandModule<object, Given> = {
  command: 'inject',
  describe: 'play an event log as a relay would',
  builder: withOptions,
  handler: async (argv) => {
    checkArguments(argv);
    const level = argv.debug ? 'debug' : argv.quiet ? 'warn' : 'info';
    const log = createLog({ path: undefined, name: 'privcount-inject', level });
    try {
      const injector = await start(argv, log);
      const done = untilDone(injector);
      // Whoever waits for this may stop it at once.
      log.info(injector.port === undefined ? 'listens' : `listens on port ${injector.port}`);
      await done;
    } finally {
      if (argv.log === '-') process.stdin.destroy();
      await log.close();
    }
  },
};

async function start(argv: InjectArguments, log: Log): Promise<Injector> {
  const options = {
    ...toPlayOptions(argv),
    addresses: toAddresses(argv),
    events: readEventLog(argv.log),
    authentication: readAuthentication(argv),
    fingerprint: toFingerprint(argv),
    nickname: argv.nickname,
    stay: argv.stay,
    isUnpatched: argv.unpatched,
  };
  const ports = { listener: controlListener, clock: systemClock, log, randomBytes };
  try {
    return await startInjector(options, ports);
  } catch (error) {
    throw new OperatorError(messageOf(error), EXIT.unavailable, { cause: error });
  }
}

/** From now on, a signal ends it like a daemon that is told to stop; otherwise it is a failure if not all events were sent. */
async function untilDone(injector: Injector): Promise<void> {
  const told = new AbortController();
  const stop = (): void => {
    told.abort();
    injector.close();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const hasSentAll = await injector.done;
    if (!hasSentAll && !told.signal.aborted) {
      throw new OperatorError('the collector stopped before all events were sent', EXIT.failure);
    }
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(messageOf(error), EXIT.failure, { cause: error });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function readAuthentication({ controlPassword, controlCookieFile }: InjectArguments): RelayAuthentication {
  const password = controlPassword === undefined ? undefined : readPassword(controlPassword);
  const path = controlCookieFile === undefined ? undefined : resolve(controlCookieFile);
  const bytes = new Uint8Array(randomBytes(COOKIE_BYTES));
  try {
    if (path !== undefined) writeCookieFile(path, bytes);
  } catch (error) {
    throw new OperatorError(`--control-cookie-file: ${messageOf(error)}`, EXIT.usage, { cause: error });
  }
  return {
    ...(path === undefined ? {} : { cookie: { path, bytes } }),
    ...(password === undefined ? {} : { password }),
  };
}

function readPassword(path: string): Uint8Array {
  let bytes: Uint8Array | undefined;
  try {
    bytes = files.read(path);
  } catch (error) {
    throw new OperatorError(`--control-password: ${messageOf(error)}`, EXIT.usage, { cause: error });
  }
  const password = bytes === undefined ? undefined : passwordIn(bytes);
  if (password !== undefined) return password;
  const wanted = 'a file that holds a password of 8 to 1024 bytes';
  throw new OperatorError(`--control-password: ${path} must be ${wanted}`, EXIT.usage);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
