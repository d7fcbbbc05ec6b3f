/** The command line of `inject` to what the injector takes, or every fault of it. */
import { accessSync, constants, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { type PlayOptions, type Pace } from '../../roles/injector-player.js';
import { type TorAddress } from '../../roles/ports.js';
import { INJECTOR_FINGERPRINT, injectorFingerprint } from '../../tor/control/relay-profile.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';

export type InjectArguments = {
  readonly port: number | undefined;
  readonly ip: string | undefined;
  readonly unix: string | undefined;
  readonly log: string;
  readonly simulate: boolean;
  readonly rate: number | undefined;
  readonly pruneBefore: number;
  readonly pruneAfter: number;
  readonly rewriteTimes: boolean;
  readonly controlPassword: string | undefined;
  readonly controlCookieFile: string | undefined;
  readonly fingerprint: string | undefined;
  readonly nickname: string;
  readonly stay: boolean;
  readonly unpatched: boolean;
  readonly debug: boolean;
  readonly quiet: boolean;
};

/** As PrivCount's injector; an address that the machine lacks is passed over. */
const DEFAULT_HOSTS = ['127.0.0.1', '::1'];
const PORT_MAX = 65_535;
/** A timer waits at least 1 ms, and so many events are due by then. */
const RATE_MAX = 1_000_000;

export function toAddresses({ port, ip, unix }: InjectArguments): TorAddress[] {
  const hosts = ip === undefined ? DEFAULT_HOSTS : [ip];
  return [
    ...(unix === undefined ? [] : [{ kind: 'unix', path: unix } as const]),
    ...(port === undefined ? [] : hosts.map((host) => ({ kind: 'tcp', host, port }) as const)),
  ];
}

export function toPlayOptions(given: InjectArguments): PlayOptions {
  const { simulate, rate, pruneBefore, pruneAfter, rewriteTimes } = given;
  const paced: Pace = rate === undefined ? { kind: 'full-speed' } : { kind: 'rate', eventsPerSecond: rate };
  return {
    pace: simulate ? { kind: 'simulate' } : paced,
    pruneBeforeS: pruneBefore,
    pruneAfterS: pruneAfter,
    rewriteTimes,
  };
}

/** Throws OperatorError with one line a fault. */
export function checkArguments(given: InjectArguments): void {
  const faults = [
    ...placeFaults(given),
    ...paceFaults(given),
    ...relayFaults(given),
    ...logFaults(given.log),
  ];
  if (faults.length > 0) throw new OperatorError(faults.join('\n'), EXIT.usage);
}

/** Upper-case. Relays of one machine differ by their ports. */
export function toFingerprint({ fingerprint, port }: InjectArguments): string {
  const own = port === undefined || port === 0 ? INJECTOR_FINGERPRINT : injectorFingerprint(port);
  return (fingerprint ?? own).toUpperCase();
}

function placeFaults({ port, ip, unix }: InjectArguments): string[] {
  const isPort = port === undefined || (Number.isInteger(port) && port >= 0 && port <= PORT_MAX);
  return [
    ...(port === undefined && unix === undefined ? ['say where to listen: --port or --unix'] : []),
    ...(isPort ? [] : [`--port must be a whole number from 0 (any free port) to ${PORT_MAX}`]),
    ...(ip !== undefined && port === undefined ? ['--ip needs --port'] : []),
    ...(ip !== undefined && isIP(ip) === 0 ? ['--ip must be an IPv4 or IPv6 address, not a name'] : []),
    ...(unix === '' ? ['--unix must be the path of the socket to make'] : []),
  ];
}

function paceFaults({ simulate, rate, pruneBefore, pruneAfter }: InjectArguments): string[] {
  const isRate = rate === undefined || (rate > 0 && rate <= RATE_MAX);
  return [
    ...(isRate ? [] : [`--rate must be a number of events per second above 0 and up to ${RATE_MAX}`]),
    ...(simulate && rate !== undefined ? ['--simulate and --rate exclude each other'] : []),
    ...(Number.isNaN(pruneBefore) ? ['--prune-before must be a time in seconds since 1970'] : []),
    ...(Number.isNaN(pruneAfter) ? ['--prune-after must be a time in seconds since 1970'] : []),
  ];
}

function relayFaults({ fingerprint, nickname }: InjectArguments): string[] {
  return [
    ...(/^[0-9A-Fa-f]{40}$/.test(fingerprint ?? INJECTOR_FINGERPRINT)
      ? []
      : ['--fingerprint must be 40 hexadecimal digits']),
    ...(/^[A-Za-z0-9]{1,19}$/.test(nickname) ? [] : ['--nickname must be 1 to 19 letters and digits']),
  ];
}

/** Looks before anybody connects; that it can be read to its end shows later. */
function logFaults(log: string): string[] {
  if (log === '-') return [];
  try {
    accessSync(log, constants.R_OK);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return [`--log ${log} can't be read (${reason}); it must be an event log, or - for standard input`];
  }
  return statSync(log).isDirectory() ? [`--log ${log} is a folder; it must be an event log`] : [];
}
