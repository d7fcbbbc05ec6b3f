/** Whole rounds through real processes: what they publish is what a plain count of the same events gives. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { parseCounters } from '../../src/config/counters-file.js';
import { packagedConfig } from '../../src/cli/package-files.js';
import { PlainModel } from '../collection/plain-model.js';
import { ProcessNetwork, totalsOf, type ProcessNetworkOptions } from '../support/process-network.js';

const COUNTERS = packagedConfig('counters/exit-streams.bins.yaml');
const LOGS = [1, 2, 3].map((relay) => packagedConfig(`demo/exit-${relay}.events.gz`));

/** What the plain model of the tests counts in these logs, summed. */
function plainTotals(logs: readonly string[]): Map<string, bigint[]> {
  const bins = parseCounters({ file: COUNTERS, bytes: readFileSync(COUNTERS) });
  const totals = new Map([...bins].map(([name, itsBins]) => [name, itsBins.map(() => 0n)]));
  for (const log of logs) {
    const model = new PlainModel(
      [...bins].map(([name, itsBins]) => ({ name, bins: itsBins })),
      { domains: [] },
    );
    for (const line of gunzipSync(readFileSync(log)).toString('latin1').split('\n')) model.count(line);
    for (const [name, counts] of model.totals.counts()) {
      counts.forEach((count, bin) => (totals.get(name)![bin]! += count));
    }
  }
  return totals;
}

function expectedTotals(logs: readonly string[]): Map<string, bigint[]> {
  return plainTotals(logs)
    .set('ZeroCount', [0n])
    .set('CollectorCount', [BigInt(logs.length)]);
}

/** So that a plain 0 = 0 can't pass for a count. */
function expectCounted(totals: Map<string, bigint[]>): void {
  expect(Number(totals.get('ExitStreamCount')![0])).to.be.greaterThan(100);
}

function sorted(totals: Map<string, bigint[]>): [string, bigint[]][] {
  return [...totals].sort(([left], [right]) => (left < right ? -1 : 1));
}

describe('a round of real processes', function () {
  this.timeout(400_000);
  let network: ProcessNetwork | undefined;

  async function start(options: ProcessNetworkOptions): Promise<ProcessNetwork> {
    network = await ProcessNetwork.start(options);
    return network;
  }

  afterEach(async () => {
    await network?.stop();
    network = undefined;
  });

  it('publishes the exact totals of one collector, three of three keepers being needed', async () => {
    const running = await start({ keepers: 3, threshold: 3, eventLogs: LOGS.slice(0, 1) });
    const { exitCode, outcome, tallies } = await running.result();
    expect(exitCode).to.equal(0);
    expect(outcome.Result.sums_on_one_keepers_word).to.deep.equal(['keeper-1', 'keeper-2', 'keeper-3']);
    expect(sorted(totalsOf(tallies!))).to.deep.equal(sorted(expectedTotals(LOGS.slice(0, 1))));
    expectCounted(totalsOf(tallies!));
  });

  it('publishes the exact totals of three collectors though a keeper is killed while they count', async () => {
    const running = await start({ keepers: 3, threshold: 2, eventLogs: LOGS });
    await running.logged('tally', ': collecting');
    await running.kill('keeper-2');
    const { exitCode, outcome, tallies } = await running.result();
    expect(exitCode).to.equal(0);
    expect(outcome.Result.keepers).to.deep.equal(['keeper-1', 'keeper-3']);
    expect(outcome.Result.left_out).to.deep.equal([]);
    expect(sorted(totalsOf(tallies!))).to.deep.equal(sorted(expectedTotals(LOGS)));
    expectCounted(totalsOf(tallies!));
  });

  it('publishes the totals of the others when a collector is killed while it counts, and says so', async () => {
    const running = await start({
      keepers: 3,
      threshold: 2,
      eventLogs: LOGS,
      minCollectors: 2,
      toleratedLost: 1,
    });
    await running.logged('tally', ': collecting');
    await running.kill('collector-2');
    const { exitCode, outcome, tallies } = await running.result();
    expect(exitCode).to.equal(0);
    expect(outcome.Result.collectors).to.deep.equal(['collector-1', 'collector-3']);
    expect(outcome.Result.left_out).to.deep.equal([
      { name: 'collector-2', reason: 'sent no report in time' },
    ]);
    expect(sorted(totalsOf(tallies!))).to.deep.equal(sorted(expectedTotals([LOGS[0]!, LOGS[2]!])));
    expectCounted(totalsOf(tallies!));
  });

  it('releases nothing below the floor, names who is missing, and ends with exit code 3', async () => {
    const running = await start({ keepers: 3, threshold: 2, eventLogs: LOGS, minCollectors: 3 });
    await running.logged('tally', ': collecting');
    await running.kill('collector-3');
    const { exitCode, outcome, tallies } = await running.result();
    expect(exitCode).to.equal(3);
    expect(tallies).to.equal(undefined);
    expect(outcome.Result).to.deep.equal({
      outcome: 'aborted',
      reason: "2 collectors are fewer than network.yaml's dc_threshold of 3",
      culprits: ['collector-3'],
      left_out: [{ name: 'collector-3', reason: 'sent no report in time' }],
    });
    expect(JSON.stringify(outcome)).not.to.contain('Tally"');
  });

  it('runs round after round as configured, with noise, each total near what was there to count', async () => {
    const running = await start({
      keepers: 2,
      threshold: 2,
      eventLogs: LOGS.slice(0, 1),
      isNoiseOff: false,
      rounds: 2,
      settlePeriod: 1,
      // A slow machine takes seconds to start the thread that draws.
      noisePeriod: 8,
      phaseTimeout: 30,
    });
    const { exitCode, outcome } = await running.result();
    expect(exitCode, JSON.stringify(outcome.Result)).to.equal(0);
    const rounds = running.tallies();
    expect(rounds).to.have.length(2);
    // The relay's log is played once, from the first round's start; a slow machine plays some of it later.
    const inLog = plainTotals(LOGS.slice(0, 1));
    for (const tallies of rounds) {
      for (const [name, counts] of totalsOf(tallies)) {
        if (name === 'CollectorCount') expect(counts).to.deep.equal([1n]);
        else if (name === 'ZeroCount') expect(counts).to.deep.equal([0n]);
        else
          counts.forEach((count, bin) => {
            const most = Number(inLog.get(name)![bin]);
            const sevenSigma = 7 * tallies[name]!.effective_sigma;
            expect(Number(count), name).to.be.within(-sevenSigma, most + sevenSigma);
          });
      }
    }
    expectCounted(totalsOf(rounds[0]!));
  });
});
