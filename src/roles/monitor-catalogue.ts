/**
 * The metrics of each role, with what they are made from: doc/monitoring.md lists them, alerts and dashboard use them. Names
 * and units are as Prometheus wants them: seconds, bytes, `_total` for what only grows, times as seconds since 1970.
 */
import { healthFaults } from './monitor-facts.js';
import { ALL, gauge, MS_PER_SECOND, one, seconds, type Metric, type MetricRole } from './monitor-metric.js';
import { nodeMetrics } from './monitor-node-metrics.js';

/** Where the process is not that of a relay's counting. */
const NOT_COLLECTORS: readonly MetricRole[] = ['tally', 'keeper'];
const SECONDS_PER_DAY = 86_400;

/** The phases of a round at each role, which are all shown, so that a query need not guess. */
const PHASES: Readonly<Record<MetricRole, readonly string[]>> = {
  tally: ['keying', 'depositing', 'collecting', 'voting', 'answering'],
  keeper: ['keyed', 'voted'],
  collector: ['drawing', 'deposited', 'counting', 'reported'],
};

const ofProcess: readonly Metric[] = [
  gauge(
    'privcount_build_info',
    'Which node this is, and what it runs; always 1.',
    ({ status: { role, name, network, software }, runtime }) =>
      one(1, { role, name, network, version: software.replace(/^privcount /, ''), runtime }),
    { labels: ['role', 'name', 'network', 'version', 'runtime'] },
  ),
  gauge('process_start_time_seconds', 'When the node was started.', ({ status }) =>
    seconds(status.startedAtMs),
  ),
  gauge('privcount_healthy', 'Whether /health says that the node is well: 1 or 0.', (facts) =>
    one(healthFaults(facts).length === 0 ? 1 : 0),
  ),
  gauge('privcount_warnings', 'Warnings that `privcount status` shows now.', ({ status }) =>
    one(status.warnings.length),
  ),
  gauge(
    'privcount_clock_offset_seconds',
    'How far the clock of the machine was set ahead since the node was started, in whole seconds.',
    ({ wallOffsetMs }) => one(Math.round(wallOffsetMs / MS_PER_SECOND)),
  ),
  gauge(
    'privcount_config_last_reload_successful',
    'Whether the configuration could be read the last time that it was: 1 or 0.',
    ({ configRead }) => one(configRead.isFine ? 1 : 0),
  ),
  gauge(
    'privcount_config_last_reload_timestamp_seconds',
    'When the configuration was read the last time.',
    ({ configRead }) => seconds(configRead.atMs),
  ),
  gauge(
    'process_resident_memory_bytes',
    'Memory of the process.',
    ({ process }) => one(process?.residentBytes),
    { roles: NOT_COLLECTORS },
  ),
  {
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process.',
    kind: 'counter',
    labels: [],
    roles: NOT_COLLECTORS,
    samples: ({ process }) => one(process?.cpuSeconds),
  },
  {
    name: 'privcount_log_messages_total',
    help: 'Lines in the log, by level.',
    kind: 'counter',
    labels: ['level'],
    roles: NOT_COLLECTORS,
    samples: ({ process }) => [
      ...one(process?.warnings, { level: 'warn' }),
      ...one(process?.errors, { level: 'error' }),
    ],
  },
];

const ofRounds: readonly Metric[] = [
  gauge(
    'privcount_round_phase',
    'Rounds that are in this phase now; at a tally and a collector 1 or 0.',
    ({ status: { role, rounds } }) =>
      PHASES[role].flatMap((phase) => one(rounds.filter((round) => round.phase === phase).length, { phase })),
    { labels: ['phase'] },
  ),
  gauge(
    'privcount_round_phase_start_timestamp_seconds',
    'When the phase of the last round that is under way began.',
    ({ status: { rounds } }) => seconds(rounds.at(-1)?.sinceMs),
  ),
  gauge(
    'privcount_round_phase_end_timestamp_seconds',
    'When it ends at the latest, where that is known.',
    ({ status: { rounds } }) => seconds(rounds.at(-1)?.endsAtMs),
  ),
  {
    name: 'privcount_rounds_total',
    help: 'Rounds that have ended since the node was started, by how.',
    kind: 'counter',
    labels: ['outcome'],
    roles: ALL,
    samples: ({ status: { endedRounds } }) =>
      Object.entries(endedRounds).flatMap(([outcome, count]) => one(count, { outcome })),
  },
  gauge(
    'privcount_last_round_end_timestamp_seconds',
    'When the last round ended, since the node was started.',
    ({ status: { lastRound } }) => seconds(lastRound?.endedAtMs),
  ),
  gauge(
    'privcount_last_release_timestamp_seconds',
    'When the node last gave to a total what that needs; at the tally, when a total was released. Remembered over restarts.',
    ({ lastReleasedAtMs }) => seconds(lastReleasedAtMs),
  ),
];

const ofBudget: readonly Metric[] = [
  gauge('privcount_budget_epsilon', 'What rounds may cost together in the window of the budget.', (facts) =>
    one(facts.budget.epsilon),
  ),
  gauge(
    'privcount_budget_spent_epsilon',
    "What the rounds of the window have cost, at the budget's delta.",
    ({ budget }) => one(budget.spentEpsilon),
  ),
  gauge(
    'privcount_budget_left_epsilon',
    'The difference, at least 0. Epsilons of rounds add up to less than their sum, so that more may fit.',
    ({ budget }) => one(Math.max(0, budget.epsilon - budget.spentEpsilon)),
  ),
  gauge('privcount_budget_delta', 'The delta of the budget.', ({ budget }) => one(budget.delta)),
  gauge('privcount_budget_window_seconds', 'The length of its window.', ({ budget }) =>
    one(budget.windowDays * SECONDS_PER_DAY),
  ),
];

export const monitorMetrics: readonly Metric[] = [...ofProcess, ...ofRounds, ...ofBudget, ...nodeMetrics];
