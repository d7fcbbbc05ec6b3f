/** States of a tally room, and the outcomes of rounds that it shows. */
import {
  type PastRoundLine,
  type RoomNode,
  type RoomState,
  type RunningRound,
} from '../../src/roles/room-state.js';

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const SOFTWARE = 'privcount 4.0.0';

export function roomState(changes: Partial<RoomState> = {}): RoomState {
  return {
    about: {
      network: 'test-network',
      networkId: 'ab'.repeat(32),
      software: SOFTWARE,
      startedAtMs: NOW_MS,
      isTest: false,
      isNoiseOff: false,
      keepers: 3,
      threshold: 2,
      collectors: 3,
      minCollectors: 2,
    },
    now: {
      atMs: NOW_MS,
      phase: 'waiting for 3 keepers',
      rounds: [],
      warnings: [],
      refusals: [],
      isOver: false,
    },
    nodes: [],
    past: { rounds: [], faults: [], unread: 0 },
    budget: { epsilon: 3, delta: 0.001, windowDays: 30, spentEpsilon: 0, entries: [] },
    ...changes,
  };
}

export function node(name: string, changes: Partial<RoomNode> = {}): RoomNode {
  return {
    name,
    role: name.startsWith('keeper') ? 'keeper' : 'collector',
    state: 'ready',
    isInRound: true,
    software: SOFTWARE,
    connectedAtMs: NOW_MS,
    heardAtMs: NOW_MS,
    skewMs: 0,
    ...changes,
  };
}

export function runningRound(changes: Partial<RunningRound> = {}): RunningRound {
  return {
    roundId: '0123456789abcdef0123456789abcdef',
    phase: 'collecting',
    sinceMs: NOW_MS,
    endsAtMs: NOW_MS + 60_000,
    waitingFor: [],
    parties: 3,
    ...changes,
  };
}

export type CounterSpec = {
  readonly bins: readonly (readonly [number, number | 'Infinity', string])[];
  readonly sigma: number;
};

/** An outcome as the tally writes it: of a released round, or of an aborted one with a reason. */
export function outcomeJson({
  begin,
  counters,
  reason,
  noise = 'on',
}: {
  readonly begin: number;
  readonly counters?: Readonly<Record<string, CounterSpec>>;
  readonly reason?: string;
  readonly noise?: 'on' | 'off';
}): object {
  const Time = { Start: begin - 5, End: begin + 65 };
  const TallyServer = {
    Config: { round_id: begin.toString(16).padStart(32, '0'), network_name: 'test-network' },
  };
  if (counters === undefined) {
    const leftOut = [{ name: 'collector-3', reason: 'sent no report' }];
    return {
      Result: { outcome: 'aborted', reason, culprits: ['collector-3'], left_out: leftOut },
      Context: { Time, TallyServer },
    };
  }
  const Tally = Object.fromEntries(
    Object.entries(counters).map(([name, { bins, sigma }]) => [
      name,
      { bins, sigma, effective_sigma: sigma },
    ]),
  );
  return {
    Result: {
      outcome: 'released',
      collectors: ['collector-1', 'collector-2'],
      keepers: ['keeper-1', 'keeper-2'],
      left_out: [],
      sums_on_one_keepers_word: [],
    },
    Tally,
    Privacy:
      noise === 'off'
        ? { noise }
        : { noise, definition: 'differential privacy', delta: 0.001, effective_epsilon: 0.3 },
    Context: { Time: { ...Time, CollectStart: begin, CollectStop: begin + 60 }, TallyServer },
  };
}

export function outcomeName(begin: number): string {
  return `privcount.outcome.${begin}-${begin + 60}.json`;
}

export const COUNTERS: Readonly<Record<string, CounterSpec>> = {
  ExitStreamCount: { bins: [[0, 'Infinity', '12345']], sigma: 40 },
  ExitIPv6StreamCount: { bins: [[0, 'Infinity', '-17']], sigma: 40 },
  ExitStreamByteHistogram: {
    bins: [
      [0, 512, '81'],
      [512, 4096, '-9'],
      [4096, 'Infinity', '1074'],
    ],
    sigma: 20,
  },
  ZeroCount: { bins: [[0, 'Infinity', '0']], sigma: 0 },
};

/** The line of the past for an outcome of `outcomeJson`. */
export function pastLine(begin: number, changes: Partial<PastRoundLine> = {}): PastRoundLine {
  return {
    file: outcomeName(begin),
    roundId: begin.toString(16).padStart(32, '0'),
    network: 'test-network',
    outcome: 'released',
    beginMs: begin * 1000,
    endMs: (begin + 60) * 1000,
    collectors: 2,
    leftOut: 0,
    noise: 'on',
    epsilon: 0.3,
    delta: 0.001,
    ...changes,
  };
}
