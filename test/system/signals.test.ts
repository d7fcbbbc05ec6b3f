/** What operators and service managers tell real processes by signals. */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packagedConfig } from '../../src/cli/package-files.js';
import { ProcessNetwork } from '../support/process-network.js';
import { until } from './hostile-world.js';

/** A daemon lets go within 5 s; a loaded machine runs it late. */
const STOP_MS_MAX = 5_000 + 10_000;
const ROLES = { keeper: 'sk', collector: 'dc', tally: 'ts' } as const;

describe('a running network', function () {
  this.timeout(400_000);

  let network: ProcessNetwork;

  before(async () => {
    network = await ProcessNetwork.start({
      keepers: 1,
      threshold: 1,
      eventLogs: [packagedConfig('demo/exit-1.events.gz')],
      collectPeriod: 3_600,
    });
    await network.logged('tally', ': collecting');
  });

  after(() => network.stop());

  for (const [role, command] of Object.entries(ROLES)) {
    const name = role === 'tally' ? role : `${role}-1`;

    it(`does not lose its ${role} to SIGHUP, which opens a log file anew`, async () => {
      await network.kill(name);
      const log = join(network.folder, `${name}.log`);
      const child = network.startProcess(name, [command, network.configOf(name), '--log', log]);
      const said = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
      await until(() => /connected|listening/.test(said(log)), `the ${role} runs`);
      renameSync(log, `${log}.old`);
      child.process.kill('SIGHUP');
      await until(() => said(log).includes('SIGHUP'), 'the log is open anew');
      expect(said(`${log}.old`)).not.to.include('SIGHUP');
      expect(child.process.exitCode).to.equal(null);

      const startMs = performance.now();
      child.process.kill('SIGTERM');
      expect(await child.ended, `the ${role} ends with 0 at SIGTERM`).to.equal(0);
      expect(performance.now() - startMs).to.be.lessThan(STOP_MS_MAX);
      expect(said(log)).to.match(/SIGTERM: stopping[\s\S]*ends with exit code 0\n$/);
      expect(said(log)).not.to.include('could be let go of');
    });
  }
});
