/** Whole rounds of processes at relays without the patch: standard events, exact totals, and nothing countable in any log. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dump } from 'js-yaml';
import { freePorts } from '../../src/cli/child-process.js';
import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { type Bin, listBins } from '../../src/core/bins.js';
import { injectorFingerprint } from '../../src/tor/control/relay-profile.js';
import { binKind } from '../../src/collection/catalogue/entry.js';
import { PlainModel } from '../collection/plain-model.js';
import { ProcessNetwork, totalsOf } from '../support/process-network.js';
import { inject, type Injection } from './inject-world.js';

const LISTS = [['us'], ['de', '??']];
const COUNTRIES = new Map([
  ['198.51.100.7', 'de'],
  ['198.51.100.8', 'us'],
  ['2001:db8::7', 'fr'],
]);
const HOUR_S = 3600;
/** What the test takes is in the first bin of a life time. */
const HISTOGRAM: readonly Bin[] = [
  [0, HOUR_S],
  [HOUR_S, Infinity],
];

/** As tor 0.4.9.11 tells them: clients, relays both ways, what is no Tor, and what began before. */
function eventsOf(relay: number): string[] {
  const fingerprint = `$${String(relay).repeat(40)}`;
  const clients = ['198.51.100.7', '198.51.100.8', '2001:db8::7', '203.0.113.9'].flatMap((host, at) =>
    Array.from({ length: 1 + at + relay }, (_, turn) => {
      const target = `${host}:${33_000 + 10 * at + turn}`;
      const id = 100 * at + turn;
      return [
        `ORCONN ${target} NEW ID=${id}`,
        `ORCONN ${target} CONNECTED ID=${id}`,
        ...(turn % 2 === 0 ? [`ORCONN ${target} CLOSED REASON=DONE ID=${id}`] : []),
      ];
    }).flat(),
  );
  return [
    'ORCONN 198.51.100.7:33150 CLOSED REASON=DONE ID=7',
    ...clients,
    'ORCONN 198.51.100.9:57184 NEW ID=901',
    `ORCONN ${fingerprint}~relay CONNECTED ID=901`,
    `ORCONN ${fingerprint} LAUNCHED ID=902`,
    `ORCONN ${fingerprint} CONNECTED ID=902`,
    `ORCONN ${fingerprint}~relay CLOSED REASON=DONE NCIRCS=3 ID=902`,
    ...Array.from({ length: 20 }, (_, second) => `BW ${second * 100} ${second * 400 * relay}`),
  ];
}

const counters = [...CATALOGUE.values()]
  .filter(({ family }) => family === 'standard events')
  .map(({ name }) => {
    const kind = binKind(name);
    const plain: readonly Bin[] = [[0, Infinity]];
    const bins = kind === 'plain count' ? plain : kind === 'histogram' ? HISTOGRAM : listBins(LISTS.length);
    return { name, bins };
  });

/** What the plain model makes of the same events, with the countries that tor was to tell. */
function expectedTotals(relays: readonly number[]): Map<string, bigint[]> {
  const totals = new Map(counters.map(({ name, bins }) => [name, bins.map(() => 0n)]));
  for (const relay of relays) {
    const plain = new PlainModel(counters, { countries: LISTS });
    for (const line of eventsOf(relay)) {
      const host = / \[?([^$ ]*?)\]?:\d+ CONNECTED/.exec(line)?.[1];
      plain.count(host === undefined ? line : `${line} COUNTRY=${COUNTRIES.get(host) ?? '??'}`);
    }
    for (const [name, counts] of plain.totals.counts())
      totals.set(
        name,
        totals.get(name)!.map((total, bin) => total + counts[bin]!),
      );
  }
  return totals;
}

describe('standard events of unmodified relays', function () {
  let folder: string;
  const injections: Injection[] = [];

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'privcount-standard-'))));
  afterEach(async () => {
    for (const { injector } of injections.splice(0)) {
      injector.close();
      await injector.done;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  async function startRelay(relay: number, port: number): Promise<void> {
    const path = join(folder, `events-${relay}.txt`);
    writeFileSync(path, eventsOf(relay).join('\n'));
    injections.push(
      await inject(path, [{ kind: 'tcp', host: '127.0.0.1', port }], {
        fingerprint: injectorFingerprint(port),
        isUnpatched: true,
        countries: COUNTRIES,
        stay: true,
        pace: { kind: 'rate', eventsPerSecond: 100 },
      }),
    );
  }

  it('give the totals of the plain model in a round of processes, and nothing of them is logged', async function () {
    this.timeout(400_000);
    const relays = [1, 2];
    const ports = await freePorts(relays.length);
    for (const [at, relay] of relays.entries()) await startRelay(relay, ports[at]!);
    const bins = join(folder, 'counters.bins.yaml');
    const binsByName = Object.fromEntries(counters.map(({ name, bins }) => [name, { bins }]));
    writeFileSync(bins, dump({ counters: binsByName }));
    const files = LISTS.map((countries, at) => {
      const file = join(folder, `countries-${at}.txt`);
      writeFileSync(file, countries.join('\n'));
      return file;
    });
    const network = await ProcessNetwork.start({
      keepers: 2,
      threshold: 2,
      eventLogs: [],
      relayPorts: ports,
      counters: bins,
      lists: { country_files: files },
      collectPeriod: 14,
      noisePeriod: 6,
      phaseTimeout: 20,
    });
    try {
      const { exitCode, tallies, outcome } = await network.result();
      expect(exitCode, JSON.stringify(outcome.Result)).to.equal(0);
      const totals = totalsOf(tallies!);
      expect(totals.get('CollectorCount')).to.deep.equal([BigInt(relays.length)]);
      for (const [name, counts] of expectedTotals(relays))
        expect(totals.get(name), name).to.deep.equal(counts);
      const logs = join(network.folder, 'logs');
      const said = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
      expect(said.join('')).to.not.match(/198\.51|203\.0|2001:db8|ORCONN|COUNTRY/);
    } finally {
      await network.stop();
    }
  });
});
