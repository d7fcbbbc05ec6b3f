/**
 * What a node's monitor shows: to Prometheus as metrics (monitor-catalogue.ts), to whoever asks for its health as one answer.
 * Nothing that is counted, and at a collector nothing that depends on how much its relay does (doc/privacy.md).
 */
import { type Network } from '../core/network.js';
import { composedMu, epsilonOf } from '../privacy/gaussian-dp.js';
import { entriesInWindow } from '../privacy/ledger.js';
import { type PrivacyMemory } from './privacy-memory.js';
import { type Status } from './status-board.js';

/** In the window that ends now, at the budget's delta. */
type BudgetNow = {
  readonly epsilon: number;
  readonly spentEpsilon: number;
  readonly delta: number;
  readonly windowDays: number;
};

/** Of the process. Not made at a collector: what its process takes follows what its relay does. */
export type ProcessNow = {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  /** Lines that were logged. */
  readonly warnings: number;
  readonly errors: number;
};

export type MonitorFacts = {
  readonly status: Status;
  readonly budget: BudgetNow;
  /** When this node last gave to a total what it needs: at the tally, when a total was released. */
  readonly lastReleasedAtMs: number | undefined;
  /** How many nodes a round needs. */
  readonly threshold: number;
  readonly minCollectors: number;
  /** As in the status. */
  readonly wallOffsetMs: number;
  /** How reading the configuration went the last time, and when. */
  readonly configRead: { readonly isFine: boolean; readonly atMs: number };
  readonly runtime: string;
  readonly process: ProcessNow | undefined;
};

type Sources = Omit<MonitorFacts, 'budget' | 'lastReleasedAtMs' | 'threshold' | 'minCollectors'> & {
  readonly network: Network;
  readonly memory: PrivacyMemory;
};

export function monitorFacts({ network, memory, ...rest }: Sources): MonitorFacts {
  const { budget } = network.privacy;
  const { ledger, delay } = memory.history;
  const { windowDays, epsilon, delta } = budget;
  const window = entriesInWindow(ledger, { nowMs: rest.status.writtenAtMs, windowDays });
  const spentEpsilon = epsilonOf(composedMu(window.map(({ mu }) => mu)), delta);
  const isCollector = rest.status.role === 'collector';
  return {
    ...rest,
    process: isCollector ? undefined : rest.process,
    budget: { epsilon, spentEpsilon, delta, windowDays },
    lastReleasedAtMs: delay?.lastEndMs,
    threshold: network.threshold,
    minCollectors: network.minCollectors,
  };
}

/** Why the node can't do its work now, in words; empty if it can. */
export function healthFaults({ status, threshold, minCollectors }: MonitorFacts): string[] {
  if (status.role !== 'tally') {
    return [
      ...(status.tally?.connectedAtMs === undefined ? ['the tally server is not there'] : []),
      ...(status.isReady === true ? [] : ['the event source is not ready']),
    ];
  }
  // A round that is under way says by itself who is missing in it.
  if (status.rounds.length > 0) return [];
  return [
    ...shortage(status, 'keeper', { needed: threshold, what: 'share keepers' }),
    ...shortage(status, 'collector', { needed: minCollectors, what: 'data collectors' }),
  ];
}

function shortage(
  { nodes = [] }: Status,
  role: 'keeper' | 'collector',
  { needed, what }: { readonly needed: number; readonly what: string },
): string[] {
  const ready = nodes.filter((node) => node.role === role && node.state === 'ready').length;
  return ready >= needed ? [] : [`${ready} ${what} are ready, and a round needs ${needed}`];
}
