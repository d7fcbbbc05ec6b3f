import { expect } from 'chai';
import { monitorMetrics } from '../../src/roles/monitor-catalogue.js';
import { healthFaults, monitorFacts, type MonitorFacts } from '../../src/roles/monitor-facts.js';
import { type MetricRole } from '../../src/roles/monitor-metric.js';
import { NODES_SHOWN_MAX } from '../../src/roles/monitor-node-metrics.js';
import { PrivacyMemory } from '../../src/roles/privacy-memory.js';
import { type NodeStatus } from '../../src/roles/status-board.js';
import { testNetwork } from '../support/test-network.js';
import { factsOf, NODES, NOW_MS, statusOf } from './monitor-facts.js';

const ROLES: readonly MetricRole[] = ['tally', 'keeper', 'collector'];

/** All samples of a role, as `name{label=value}`. */
function shown(facts: MonitorFacts): Record<string, number> {
  const of = monitorMetrics.filter(({ roles }) => roles.includes(facts.status.role));
  return Object.fromEntries(
    of.flatMap(({ name, samples }) =>
      samples(facts).map(({ labels, value }) => {
        const inside = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
        return [inside.length === 0 ? name : `${name}{${inside.join(',')}}`, value];
      }),
    ),
  );
}

describe('the metrics of the monitor', () => {
  it('have names and units as Prometheus wants them, and each name once', () => {
    for (const { name, kind, help, labels } of monitorMetrics) {
      expect(name).to.match(/^(?:privcount|process)(?:_[a-z]+)+$/);
      expect(name.endsWith('_total'), name).to.equal(kind === 'counter');
      expect(name, 'milliseconds are no base unit').to.not.match(/_(?:ms|millis|minutes|days|kb|mb)\b/);
      if (/timestamp|time|skew|offset|window/.test(name)) expect(name).to.match(/_seconds(?:_total)?$/);
      expect(help).to.match(/^[A-Z].*\.$/);
      for (const label of labels) expect(label).to.match(/^[a-z]+$/);
    }
    expect(new Set(monitorMetrics.map(({ name }) => name)).size).to.equal(monitorMetrics.length);
  });

  it('have the labels that they say, in each role', () => {
    for (const role of ROLES) {
      const facts = factsOf(role, {
        status: statusOf(role, {
          rounds: [
            {
              roundId: 'ab',
              phase: 'collecting',
              sinceMs: NOW_MS,
              endsAtMs: NOW_MS,
              waitingFor: [],
              parties: 1,
            },
          ],
          lastRound: { roundId: 'cd', outcome: 'released', endedAtMs: NOW_MS },
        }),
      });
      for (const { name, labels, roles, samples } of monitorMetrics) {
        if (!roles.includes(role)) continue;
        const found = samples(facts);
        expect(found.length, `${name} of a ${role}`).to.be.at.least(1);
        for (const sample of found) expect(Object.keys(sample.labels), name).to.deep.equal([...labels]);
      }
    }
  });

  it('tell of a tally what its operator is to know', () => {
    const sinceMs = NOW_MS - 10_000;
    const round = { roundId: 'ab', phase: 'voting', sinceMs, endsAtMs: NOW_MS + 5_000 };
    const status = statusOf('tally', {
      rounds: [{ ...round, waitingFor: ['keeper-2'], parties: 2 }],
      lastRound: { roundId: 'cd', outcome: 'aborted', endedAtMs: NOW_MS - 7_000 },
      warnings: [{ text: 'a', advice: 'b' }],
    });
    expect(shown(factsOf('tally', { status }))).to.deep.equal({
      'privcount_build_info{role=tally,name=tally,network=example,version=4,runtime=node 20}': 1,
      process_start_time_seconds: 1_699_999_940,
      privcount_healthy: 1,
      privcount_warnings: 1,
      privcount_clock_offset_seconds: 1,
      privcount_config_last_reload_successful: 1,
      privcount_config_last_reload_timestamp_seconds: 1_699_999_950,
      process_resident_memory_bytes: 90_000_000,
      process_cpu_seconds_total: 12.5,
      'privcount_log_messages_total{level=warn}': 2,
      'privcount_log_messages_total{level=error}': 1,
      'privcount_round_phase{phase=keying}': 0,
      'privcount_round_phase{phase=depositing}': 0,
      'privcount_round_phase{phase=collecting}': 0,
      'privcount_round_phase{phase=voting}': 1,
      'privcount_round_phase{phase=answering}': 0,
      privcount_round_phase_start_timestamp_seconds: 1_699_999_990,
      privcount_round_phase_end_timestamp_seconds: 1_700_000_005,
      'privcount_rounds_total{outcome=released}': 3,
      'privcount_rounds_total{outcome=aborted}': 1,
      'privcount_rounds_total{outcome=unknown}': 0,
      privcount_last_round_end_timestamp_seconds: 1_699_999_993,
      privcount_last_release_timestamp_seconds: 1_699_996_400,
      privcount_budget_epsilon: 3,
      privcount_budget_spent_epsilon: 1.25,
      privcount_budget_left_epsilon: 1.75,
      privcount_budget_delta: 1e-3,
      privcount_budget_window_seconds: 2_592_000,
      'privcount_nodes{role=keeper,state=ready}': 1,
      'privcount_nodes{role=keeper,state=not_ready}': 0,
      'privcount_nodes{role=keeper,state=silent}': 0,
      'privcount_nodes{role=keeper,state=away}': 1,
      'privcount_nodes{role=collector,state=ready}': 0,
      'privcount_nodes{role=collector,state=not_ready}': 1,
      'privcount_nodes{role=collector,state=silent}': 0,
      'privcount_nodes{role=collector,state=away}': 0,
      'privcount_node_connected{node=keeper-1,role=keeper}': 1,
      'privcount_node_connected{node=keeper-2,role=keeper}': 0,
      'privcount_node_connected{node=collector-1,role=collector}': 1,
      'privcount_node_ready{node=keeper-1,role=keeper}': 1,
      'privcount_node_ready{node=keeper-2,role=keeper}': 0,
      'privcount_node_ready{node=collector-1,role=collector}': 0,
      'privcount_node_clock_skew_seconds{node=keeper-1,role=keeper}': -31,
      'privcount_node_clock_skew_seconds{node=collector-1,role=collector}': 0,
      'privcount_node_version_mismatch{node=keeper-1,role=keeper}': 0,
      'privcount_node_version_mismatch{node=collector-1,role=collector}': 1,
      privcount_nodes_without_series: 0,
      privcount_round_waiting_nodes: 1,
      privcount_round_asked_nodes: 2,
    });
  });

  it('have a value for each phase of the round machines', () => {
    const phases = {
      tally: ['keying', 'depositing', 'collecting', 'voting', 'answering'],
      keeper: ['keyed', 'voted'],
      collector: ['drawing', 'deposited', 'counting', 'reported'],
    };
    for (const role of ROLES)
      for (const phase of phases[role])
        expect(shown(factsOf(role))).to.have.property(`privcount_round_phase{phase=${phase}}`, 0);
  });

  it('leave out nodes above a number, but not from the sums', () => {
    const nodes = Array.from({ length: NODES_SHOWN_MAX + 5 }, (_, at): NodeStatus => ({
      name: `collector-${at}`,
      role: 'collector',
      state: 'ready',
    }));
    const samples = shown(factsOf('tally', { status: statusOf('tally', { nodes }) }));
    expect(samples['privcount_nodes{role=collector,state=ready}']).to.equal(NODES_SHOWN_MAX + 5);
    expect(samples).to.have.property(
      `privcount_node_ready{node=collector-${NODES_SHOWN_MAX - 1},role=collector}`,
    );
    expect(samples).to.not.have.property(
      `privcount_node_ready{node=collector-${NODES_SHOWN_MAX},role=collector}`,
    );
    expect(samples['privcount_nodes_without_series']).to.equal(5);
  });
});

describe('what the monitor of a collector does not tell', () => {
  const sources = {
    status: statusOf('collector'),
    network: testNetwork().network,
    memory: new PrivacyMemory({ read: () => undefined, write: () => undefined }),
    wallOffsetMs: 0,
    configRead: { isFine: true, atMs: NOW_MS },
    runtime: 'node 20',
  };
  const idle = { residentBytes: 60_000_000, cpuSeconds: 1, warnings: 0, errors: 0 };
  const busy = { residentBytes: 900_000_000, cpuSeconds: 4_000, warnings: 17, errors: 3 };

  it('is what its process takes and how many lines it logs, which follow what its relay does', () => {
    const facts = [idle, busy].map((process) => monitorFacts({ ...sources, process }));
    expect(facts[0]).to.deep.equal(facts[1]);
    expect(Object.keys(shown(facts[0]!)).join()).to.not.match(/cpu|memory|bytes|log_|heap|lag|event_?loop/);
  });

  it('is anything by which two relays differ in what they do', () => {
    const names = monitorMetrics.filter(({ roles }) => roles.includes('collector')).map(({ name }) => name);
    const words = names.flatMap((name) => name.split('_').slice(1));
    expect(words.join(' ')).to.not.match(
      /stream|circuit|byte|client|cell|count|queue|\bline|domain|checkpoint|trip|duration|heard|counted/,
    );
  });

  it('shows no more at the tally: neither how fast a node answers nor when it was heard', () => {
    const later = NODES.map((node) => ({ ...node, roundTripMs: 9_999, heardAtMs: NOW_MS - 9, skewMs: 1 }));
    const withSkew = NODES.map((node) => ({ ...node, skewMs: 499 }));
    const [one, other] = [later, withSkew].map((nodes) =>
      shown(factsOf('tally', { status: statusOf('tally', { nodes }) })),
    );
    expect(one).to.deep.equal(other);
  });
});

describe('the facts of the monitor', () => {
  it('have what the window of the budget has cost, and when the last total was released', () => {
    const { network } = testNetwork();
    const ledger = [1, 400].map((days) => ({
      roundId: `${days}`,
      atMs: NOW_MS - days * 86_400_000,
      mu: 0.5,
    }));
    const text = JSON.stringify({ version: 1, rounds: ledger, last: { endMs: NOW_MS - 9, sigmas: {} } });
    const memory = new PrivacyMemory({ read: () => text, write: () => undefined });
    const { budget, lastReleasedAtMs, ...rest } = monitorFacts({
      status: statusOf('keeper'),
      network,
      memory,
      wallOffsetMs: 0,
      configRead: { isFine: false, atMs: 1 },
      runtime: 'node 20',
      process: { residentBytes: 1, cpuSeconds: 2, warnings: 3, errors: 4 },
    });
    expect(budget.epsilon).to.equal(network.privacy.budget.epsilon);
    expect(budget.spentEpsilon, 'of one of the two').to.be.within(0.1, 5);
    expect(lastReleasedAtMs).to.equal(NOW_MS - 9);
    expect(rest).to.deep.include({
      threshold: network.threshold,
      minCollectors: network.minCollectors,
      process: { residentBytes: 1, cpuSeconds: 2, warnings: 3, errors: 4 },
    });
  });

  it('say of a node that it is well when the tally is there and it could begin a round', () => {
    for (const role of ['keeper', 'collector'] as const) {
      const faultsWith = (changes: Parameters<typeof statusOf>[1]): string[] =>
        healthFaults(factsOf(role, { status: statusOf(role, changes) }));
      expect(faultsWith({})).to.deep.equal([]);
      expect(faultsWith({ tally: {} })).to.deep.equal(['the tally server is not there']);
      expect(faultsWith({ isReady: false })).to.deep.equal(['the event source is not ready']);
    }
  });

  it('say of the tally whether enough nodes are there for a round, unless one is under way', () => {
    const facts = factsOf('tally', { threshold: 2, minCollectors: 1 });
    expect(healthFaults(facts)).to.deep.equal([
      '1 share keepers are ready, and a round needs 2',
      '0 data collectors are ready, and a round needs 1',
    ]);
    const rounds = [{ roundId: 'ab', phase: 'keying', sinceMs: 1, waitingFor: [], parties: 1 }];
    expect(healthFaults({ ...facts, status: statusOf('tally', { rounds }) })).to.deep.equal([]);
    expect(healthFaults(factsOf('tally', { minCollectors: 0 }))).to.deep.equal([]);
  });
});
