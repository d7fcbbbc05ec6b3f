/** Why a port can't be listened at, for the operator who chose it. */
import { EXIT } from './exit-codes.js';
import { OperatorError } from './operator-error.js';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken by another program',
  EACCES: 'this user may not listen at that port',
  EADDRNOTAVAIL: 'this machine does not have that address',
};

/** `section`: of config.yaml, where host and port stand. What is no matter of the port is answered as it is. */
export function refusedListening(error: unknown, section: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = typeof code === 'string' ? REASONS[code] : undefined;
  if (reason === undefined) return error;
  return new OperatorError(
    `can't listen: ${reason}; change ${section}.listen_host or listen_port, or stop the other program`,
    EXIT.unavailable,
    { cause: error },
  );
}
