import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseNetwork } from '../../src/config/network-file.js';
import { injectorFingerprint } from '../../src/tor/control/relay-profile.js';
import { temporaryFolder } from '../system/inject-world.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const [A, B] = ['A'.repeat(40), 'B'.repeat(40)];

describe('privcount init: relays', function () {
  this.timeout(240_000);
  const folder = temporaryFolder();

  function init(...options: readonly string[]) {
    const path = join(folder.path, 'network');
    const args = [MAIN, 'init', path, '--collectors', '2', ...options];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, stderr, file: join(path, 'tally/network.yaml') };
  }

  function relaysIn(file: string): (readonly string[])[] {
    return parseNetwork({ file, bytes: readFileSync(file) }).collectors.map(
      ({ fingerprints }) => fingerprints,
    );
  }

  it('lists the relays that it is given, in the order of the collectors', () => {
    expect(relaysIn(init('--fingerprint', A, '--fingerprint', B.toLowerCase()).file)).to.deep.equal([
      [A],
      [B],
    ]);
  });

  it('lists those that `privcount inject` plays at the ports, or none', () => {
    const injected = init('--injected', '--control-port', '30101');
    expect(relaysIn(injected.file)).to.deep.equal([
      [injectorFingerprint(30_101)],
      [injectorFingerprint(30_102)],
    ]);
  });

  it('lists none where it is told of none', () => {
    expect(relaysIn(init().file)).to.deep.equal([[], []]);
  });

  it('refuses too many, both ways at once, one that stands twice and one that is none', () => {
    const refused: [readonly string[], string][] = [
      [['--fingerprint', A, B, 'C'.repeat(40)], '--fingerprint: there are more than collectors'],
      [['--injected', '--fingerprint', A], '--injected and --fingerprint exclude each other'],
      [['--fingerprint', A, A], 'data_collectors[1].fingerprint: is the same as'],
      [['--fingerprint', 'x'], 'data_collectors[0].fingerprint'],
    ];
    for (const [options, sentence] of refused) {
      const { status, stderr } = init(...options);
      expect(status).to.equal(2);
      expect(stderr).to.contain(sentence);
    }
  });
});
