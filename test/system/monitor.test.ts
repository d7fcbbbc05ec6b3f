/** The monitors of real daemons, as an operator's Prometheus meets them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { request } from 'node:http';
import { expect } from 'chai';
import { dump, load } from 'js-yaml';
import { freePorts, startChild } from '../../src/cli/child-process.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { packagedConfig } from '../../src/cli/package-files.js';
import { monitorMetrics } from '../../src/roles/monitor-catalogue.js';
import { ProcessNetwork } from '../support/process-network.js';

const NODES = { tally: 'ts', 'keeper-1': 'sk', 'collector-1': 'dc' } as const;
type Name = keyof typeof NODES;
const NAMES = Object.keys(NODES) as Name[];

/** Generous: a loaded machine starts processes slowly. */
const WAIT_MS_MAX = 120_000;

type Answer = { readonly status: number | undefined; readonly body: string };

function ask(port: number, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ port, path, agent: false, headers: { host: 'localhost' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }),
      );
    })
      .on('error', reject)
      .end();
  });
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const startMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startMs > WAIT_MS_MAX) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('the monitors of a network', function () {
  this.timeout(400_000);

  let network: ProcessNetwork;
  const ports = new Map<Name, number>();

  function configure(name: Name, monitor: object): void {
    const path = network.configOf(name);
    const [[section, content]] = Object.entries(load(readFileSync(path, 'utf8')) as object) as [
      [string, object],
    ];
    writeFileSync(path, dump({ [section]: { ...content, monitor } }, { lineWidth: -1 }));
  }

  before(async () => {
    network = await ProcessNetwork.start({
      keepers: 1,
      threshold: 1,
      eventLogs: [packagedConfig('demo/exit-1.events.gz')],
      collectPeriod: 3_600,
    });
    const free = await freePorts(NAMES.length);
    for (const [at, name] of NAMES.entries()) {
      await network.childOf(name).stop();
      ports.set(name, free[at]!);
      configure(name, { listen_port: free[at] });
      network.restart(name);
    }
  });

  after(() => network.stop());

  it('say that each node is well, once it is', async () => {
    for (const name of NAMES) {
      await until(
        async () => (await ask(ports.get(name)!, '/health').catch(() => undefined))?.status === 200,
        `${name} is well`,
      );
      const { body } = await ask(ports.get(name)!, '/health');
      expect(JSON.parse(body)).to.include({ healthy: true, name });
    }
  });

  it('show the metrics of the catalogue, and follow the round', async () => {
    await network.logged('tally', ': collecting');
    await until(
      async () =>
        (await ask(ports.get('tally')!, '/metrics')).body.includes(
          'privcount_round_phase{phase="collecting"} 1',
        ),
      'the tally shows that collectors count',
    );
    for (const name of NAMES) {
      const { body } = await ask(ports.get(name)!, '/metrics');
      const role = name.replace(/-.*/, '') as 'tally' | 'keeper' | 'collector';
      const names = [...body.matchAll(/^# TYPE (\S+) /gm)].map(([, metric]) => metric);
      const wanted = monitorMetrics.filter(({ roles }) => roles.includes(role)).map((metric) => metric.name);
      expect(names, name).to.have.members(wanted);
    }
  });

  it('say in words what is wrong when the tally is gone', async () => {
    await network.kill('tally');
    await until(
      async () => (await ask(ports.get('keeper-1')!, '/health')).status === 503,
      'the keeper misses the tally',
    );
    const { body } = await ask(ports.get('keeper-1')!, '/health');
    expect(JSON.parse(body)).to.deep.include({ healthy: false, faults: ['the tally server is not there'] });
  });

  it('keep a node from starting where their port is taken, with words and exit code 4', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    try {
      for (const name of NAMES) {
        if (name !== 'tally') await network.kill(name);
        configure(name, { listen_port: port });
        const lines: string[] = [];
        const child = startChild([NODES[name], network.configOf(name)], {
          logFile: `${network.folder}/${name}-refused.log`,
          onLine: (line) => lines.push(line),
        });
        expect(await child.ended, name).to.equal(EXIT.unavailable);
        expect(lines.join('\n')).to.match(
          /can't listen: the port is taken by another program; change (?:tally_server|share_keeper|data_collector)\.monitor\.listen_host or listen_port/,
        );
      }
    } finally {
      other.close();
    }
  });
});
