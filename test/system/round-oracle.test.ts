/** Whole captures through real processes against what the original counted, counter by counter. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dump } from 'js-yaml';
import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { LIST_FILES, readOracleTally, type OracleTally } from '../collection/oracle.js';
import { ProcessNetwork, totalsOf } from '../support/process-network.js';
import { describeWithSharedData, sharedPath } from '../support/shared-data.js';

const CAPTURES = ['exit1.2', 'exit2.2', 'exit1.3', 'guard1.2', 'guard2.2', 'mid1.2', 'auth1.2'];
const MODULUS_BITS = 70;

/** Counters that depend on when the collector was started: compared in-process, with the oracle's clock. */
const CLIENT_ADDRESSES = /^Entry.*ClientIP/;

function isCompared(name: string): boolean {
  return CATALOGUE.has(name) && !CLIENT_ADDRESSES.test(name) && name !== 'ZeroCount';
}

function sumOf(tallies: readonly OracleTally[]): Map<string, bigint[]> {
  const totals = new Map<string, bigint[]>();
  for (const tally of tallies) {
    for (const [name, { counts }] of tally) {
      if (!isCompared(name)) continue;
      const sum = totals.get(name) ?? counts.map(() => 0n);
      totals.set(
        name,
        counts.map((count, bin) => BigInt.asUintN(MODULUS_BITS, sum[bin]! + count)),
      );
    }
  }
  return totals;
}

function listPaths(kind: keyof typeof LIST_FILES): string[] {
  return LIST_FILES[kind]!.map((file) => sharedPath(`original/lists/${file}`));
}

describeWithSharedData('whole captures through real processes', function () {
  const cases = [
    { collectors: 1, keepers: 3, threshold: 3 },
    { collectors: 3, keepers: 3, threshold: 2 },
    { collectors: 7, keepers: 4, threshold: 3 },
  ];
  for (const { collectors, keepers, threshold } of cases) {
    it(`of ${collectors} relays, ${threshold} of ${keepers} keepers, give the original's totals`, async function () {
      this.timeout(400_000);
      const folder = mkdtempSync(join(tmpdir(), 'privcount-oracle-'));
      const names = CAPTURES.slice(0, collectors);
      const tallies = names.map((name) =>
        readOracleTally(`oracle/captures/${name}/tally.0rotations.json.gz`),
      );
      const counters = Object.fromEntries(
        [...tallies[0]!].filter(([name]) => isCompared(name)).map(([name, { bins }]) => [name, { bins }]),
      );
      expect(Object.keys(counters).length).to.be.greaterThan(5000);
      const bins = join(folder, 'counters.bins.yaml');
      writeFileSync(bins, dump({ counters }));
      const network = await ProcessNetwork.start({
        keepers,
        threshold,
        eventLogs: names.map((name) => sharedPath(`captures/${name}.events.txt.gz`)),
        counters: bins,
        lists: {
          domain_files: listPaths('domains'),
          country_files: listPaths('countries'),
          as_files: listPaths('autonomousSystems'),
          hsdir_store_files: listPaths('hsdirStores'),
          hsdir_fetch_files: listPaths('hsdirFetches'),
          circuit_failure_files: listPaths('circuitFailures'),
          onion_address_files: listPaths('onionAddresses'),
        },
        asPrefixFiles: listPaths('asPrefixes') as [string, string],
        collectPeriod: 20 + 8 * collectors,
        noisePeriod: 6,
        phaseTimeout: 20,
      });
      try {
        const { exitCode, tallies: released } = await network.result();
        expect(exitCode).to.equal(0);
        const totals = totalsOf(released!);
        expect(totals.get('CollectorCount')).to.deep.equal([BigInt(collectors)]);
        totals.delete('CollectorCount');
        totals.delete('ZeroCount');
        const wrong = [...sumOf(tallies)].filter(
          ([name, counts]) =>
            totals
              .get(name)
              ?.map((count) => BigInt.asUintN(MODULUS_BITS, count))
              .join() !== counts.join(),
        );
        expect(wrong.map(([name]) => name)).to.deep.equal([]);
        expect(totals.size).to.equal(Object.keys(counters).length);
      } finally {
        await network.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
