/** Tests that need Debian's `tor` are skipped by name where it is missing; .ci/run installs it. */
import { spawnSync } from 'node:child_process';

/** Debian puts tor where only root's PATH may look. */
export const TOR_ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin`,
};

function isThere(program: string): boolean {
  return spawnSync(program, ['--version'], { env: TOR_ENVIRONMENT, stdio: 'ignore' }).error === undefined;
}

/** Like `describe`; the whole suite is pending, and says why, where tor is missing. */
export function describeWithTor(title: string, suite: (this: Mocha.Suite) => void): void {
  const missing = ['tor', 'tor-gencert'].filter((program) => !isThere(program));
  if (missing.length === 0) describe(title, suite);
  else describe(`${title} (skipped: no ${missing.join(', no ')})`, () => it("needs Debian's tor"));
}
