/** Facts of a node's monitor, for tests. */
import { type MonitorFacts } from '../../src/roles/monitor-facts.js';
import { STATUS_VERSION, type NodeStatus, type Status } from '../../src/roles/status-board.js';

export const NOW_MS = 1_700_000_000_000;

export const NODES: readonly NodeStatus[] = [
  { name: 'keeper-1', role: 'keeper', state: 'ready', software: 'privcount 4', skewMs: -31_400 },
  { name: 'keeper-2', role: 'keeper', state: 'away' },
  {
    name: 'collector-1',
    role: 'collector',
    state: 'not ready',
    software: 'privcount 5',
    skewMs: 400,
    roundTripMs: 77,
    heardAtMs: NOW_MS - 1_234,
  },
];

export function statusOf(role: Status['role'], changes: Partial<Status> = {}): Status {
  return {
    version: STATUS_VERSION,
    role,
    name: role === 'tally' ? 'tally' : `${role}-1`,
    network: 'example',
    software: 'privcount 4',
    writtenAtMs: NOW_MS,
    startedAtMs: NOW_MS - 60_000,
    phase: 'idle',
    rounds: [],
    endedRounds: { released: 3, aborted: 1, unknown: 0 },
    ...(role === 'tally' ? { nodes: [...NODES] } : { tally: { connectedAtMs: NOW_MS - 5 }, isReady: true }),
    warnings: [],
    ...changes,
  };
}

export function factsOf(role: Status['role'], changes: Partial<MonitorFacts> = {}): MonitorFacts {
  return {
    status: statusOf(role),
    budget: { epsilon: 3, spentEpsilon: 1.25, delta: 1e-3, windowDays: 30 },
    lastReleasedAtMs: NOW_MS - 3_600_000,
    threshold: 1,
    minCollectors: 1,
    wallOffsetMs: 1_499,
    configRead: { isFine: true, atMs: NOW_MS - 50_000 },
    runtime: 'node 20',
    process:
      role === 'collector'
        ? undefined
        : { residentBytes: 90_000_000, cpuSeconds: 12.5, warnings: 2, errors: 1 },
    ...changes,
  };
}
