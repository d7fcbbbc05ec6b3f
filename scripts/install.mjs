// Installs the locked dependencies when they are missing or older than the lock file, so that `npm test` and
// `npm run demo` each work on a machine that has Node and git only.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`privcount needs Node 20.19 or later; this is ${process.version}.`);
  process.exit(1);
}

function modifiedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

const installedMs = modifiedMs('node_modules/.package-lock.json');
if (installedMs === undefined || installedMs < modifiedMs('package-lock.json')) {
  console.log('Installing dependencies (npm ci) ...');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
