/** A whole round of processes whose one collector is flooded with events, and what that costs it and its relay. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, ProcessNetwork, type Tallies } from './process-network.js';
import { cpuSeconds, peakMemoryMiB } from './process-load.js';
import { FloodRelay } from './flood-relay.js';

const COUNTERS = 'counters: {ExitStreamCount: {bins: [[0, .inf]]}, DroppedEventCount: {bins: [[0, .inf]]}}\n';

export type FloodGiven = {
  readonly folder: string;
  /** Events a second; undefined for full speed. */
  readonly rate?: number;
  readonly collectPeriod: number;
  /** How long to measure, from when counting has begun. */
  readonly measuredMs: number;
};

export type FloodFigures = {
  readonly sent: number;
  /** Cores that the collector took. */
  readonly cores: number;
  readonly peakMiB: number;
  readonly longestWaitMs: number;
  readonly mostWaitingBytes: number;
  readonly outcome: Outcome;
  readonly tallies: Tallies | undefined;
};

export async function floodCollector(given: FloodGiven): Promise<FloodFigures> {
  const relay = await FloodRelay.listen(given.rate);
  const counters = join(given.folder, 'flood.bins.yaml');
  writeFileSync(counters, COUNTERS);
  const network = await ProcessNetwork.start({
    keepers: 1,
    threshold: 1,
    eventLogs: [],
    relayPorts: [relay.port],
    counters,
    collectPeriod: given.collectPeriod,
    phaseTimeout: 30,
  });
  try {
    await network.logged('tally', ': collecting');
    const pid = network.childOf('collector-1').process.pid!;
    const before = { atMs: performance.now(), cpu: cpuSeconds(pid) };
    await new Promise((resolve) => setTimeout(resolve, given.measuredMs));
    const cores = (cpuSeconds(pid) - before.cpu) / ((performance.now() - before.atMs) / 1000);
    const peakMiB = peakMemoryMiB(pid);
    const { sent, longestWaitMs, mostWaitingBytes } = relay;
    const { outcome, tallies } = await network.result();
    return { sent, cores, peakMiB, longestWaitMs, mostWaitingBytes, outcome, tallies };
  } finally {
    await network.stop();
    relay.close();
  }
}
