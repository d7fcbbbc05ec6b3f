/** What the parts of the soak measure of this process, and tests that are run with more cases. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of the heap that are in use. */
export function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const MOCHA = fileURLToPath(new URL('../../../node_modules/mocha/bin/mocha.js', import.meta.url));

/** Runs the tests that match, without a limit of time, with these settings; what they print is printed. */
export function runTests(pattern: string, environment: Readonly<Record<string, string>>): boolean {
  const args = [MOCHA, '--no-config', '--timeout', '0', '--require', `${TESTS}support/property-seed.js`];
  const { status } = spawnSync(process.execPath, [...args, `${TESTS}${pattern}`], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  return status === 0;
}
