import { expect } from 'chai';
import { floodCollector } from '../support/flooded-collector.js';
import { canMeasureProcesses } from '../support/process-load.js';
import { totalsOf } from '../support/process-network.js';
import { temporaryFolder } from './inject-world.js';

/** One core, and what the garbage collector's and the noise's threads may take beside. */
const CORES_MAX = 1.25;
/** A collector that is idle takes about 100 MiB. */
const PEAK_MIB_MAX = 400;
/** Tor keeps what waits in memory: this is 20 MB at the fastest relay seen, and no time for a machine that is busy. */
const WAIT_MS_MAX = 5000;

(canMeasureProcesses ? describe : describe.skip)('a collector whose relay floods it (Linux)', function () {
  this.timeout(400_000);
  const folder = temporaryFolder();

  it('takes one core and bounded memory, lets the relay never wait, and says that it dropped events', async () => {
    const figures = await floodCollector({ folder: folder.path, collectPeriod: 12, measuredMs: 9000 });
    expect(figures.cores).to.be.lessThan(CORES_MAX);
    expect(figures.peakMiB).to.be.lessThan(PEAK_MIB_MAX);
    expect(figures.longestWaitMs).to.be.lessThan(WAIT_MS_MAX);
    expect(figures.outcome.Result.outcome).to.equal('released');
    const totals = totalsOf(figures.tallies!);
    const [counted] = totals.get('ExitStreamCount')!;
    const [dropped] = totals.get('DroppedEventCount')!;
    // Half of the time is counted, and all that was read is one or the other.
    expect(Number(counted)).to.be.greaterThan(0);
    expect(Number(counted! + dropped!)).to.be.greaterThan(figures.sent / 2);
    const { complete } = figures.outcome.Context.DataCollector['collector-1']!.Status;
    expect(complete).to.equal(dropped === 0n);
  });
});
