import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readNodeConfig } from '../../src/cli/read-config.js';
import { temporaryFolder } from '../system/inject-world.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

describe('privcount init: the tally room', function () {
  this.timeout(240_000);
  const folder = temporaryFolder();

  function init(name: string, ...options: readonly string[]) {
    const path = join(folder.path, name);
    const args = [MAIN, 'init', path, '--collectors', '1', ...options];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, stderr, path };
  }

  const roomOf = (path: string) => readNodeConfig(join(path, 'tally/config.yaml')).config.tallyServer?.room;

  it('is served at the port that is given, on the loopback, and not at all where none is', () => {
    const { path } = init('with', '--room-port', '30080');
    expect(roomOf(path)).to.include({ listenHost: '127.0.0.1', listenPort: 30_080, tokenFile: undefined });
    expect(roomOf(init('without').path)).to.equal(undefined);
  });

  it('is refused at a port that is none, and nothing is written', () => {
    const { status, stderr, path } = init('wrong', '--room-port', '70000');
    expect(status).to.equal(2);
    expect(stderr).to.include('tally_server.room.listen_port');
    expect(existsSync(path)).to.equal(false);
  });
});
