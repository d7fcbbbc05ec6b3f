/** Metrics about who is there: at the tally each node of network.yaml, at a node the tally. */
import { type MonitorFacts } from './monitor-facts.js';
import { gauge, MS_PER_SECOND, one, type Metric, type MetricRole, type Sample } from './monitor-metric.js';
import { type NodeStatus } from './status-board.js';

/**
 * Nodes that have series of their own, in the order of network.yaml, keepers first. Each costs a Prometheus some kilobytes a
 * day for each of four series; a network has up to 4,106 nodes. Those above are in the sums only.
 */
export const NODES_SHOWN_MAX = 1_000;

const TALLY: { readonly roles: readonly MetricRole[] } = { roles: ['tally'] };
const EACH_NODE = { ...TALLY, labels: ['node', 'role'] };
const STATES: readonly NodeStatus['state'][] = ['ready', 'not ready', 'silent', 'away'];

function ofNodes(valueOf: (node: NodeStatus, facts: MonitorFacts) => number | undefined): Metric['samples'] {
  return (facts) =>
    (facts.status.nodes ?? [])
      .slice(0, NODES_SHOWN_MAX)
      .flatMap((node) => one(valueOf(node, facts), { node: node.name, role: node.role }));
}

function countsOfNodes({ status: { nodes = [] } }: MonitorFacts): Sample[] {
  return (['keeper', 'collector'] as const).flatMap((role) =>
    STATES.flatMap((state) =>
      one(nodes.filter((node) => node.role === role && node.state === state).length, {
        role,
        state: state.replace(' ', '_'),
      }),
    ),
  );
}

export const nodeMetrics: readonly Metric[] = [
  gauge('privcount_nodes', 'Nodes of network.yaml by role and state.', countsOfNodes, {
    ...TALLY,
    labels: ['role', 'state'],
  }),
  gauge(
    'privcount_node_connected',
    'Whether the node is connected: 1 or 0.',
    ofNodes(({ state }) => (state === 'away' ? 0 : 1)),
    EACH_NODE,
  ),
  gauge(
    'privcount_node_ready',
    'Whether it is connected, answers, and could begin a round: 1 or 0.',
    ofNodes(({ state }) => (state === 'ready' ? 1 : 0)),
    EACH_NODE,
  ),
  gauge(
    'privcount_node_clock_skew_seconds',
    "How far the node's clock is ahead of the tally's, in whole seconds.",
    // A message is late by as long as a busy collector takes to send it: only what is no such moment is shown.
    ofNodes(({ skewMs }) => (skewMs === undefined ? undefined : Math.round(skewMs / MS_PER_SECOND))),
    EACH_NODE,
  ),
  gauge(
    'privcount_node_version_mismatch',
    'Whether the node runs another version than the tally: 1 or 0.',
    ofNodes(({ software }, { status }) =>
      software === undefined ? undefined : Number(software !== status.software),
    ),
    EACH_NODE,
  ),
  gauge(
    'privcount_nodes_without_series',
    `Nodes beyond the first ${NODES_SHOWN_MAX}, which have no series of their own.`,
    ({ status: { nodes = [] } }) => one(Math.max(0, nodes.length - NODES_SHOWN_MAX)),
    TALLY,
  ),
  gauge(
    'privcount_round_waiting_nodes',
    'Nodes that the phase of the round under way still waits for.',
    ({ status: { rounds } }) => one(rounds.at(-1)?.waitingFor.length),
    TALLY,
  ),
  gauge(
    'privcount_round_asked_nodes',
    'Nodes that this phase asked.',
    ({ status: { rounds } }) => one(rounds.at(-1)?.parties),
    TALLY,
  ),
  gauge(
    'privcount_tally_connected',
    'Whether the tally is there: 1 or 0.',
    ({ status }) => one(status.tally?.connectedAtMs === undefined ? 0 : 1),
    { roles: ['keeper', 'collector'] },
  ),
  gauge(
    'privcount_event_source_ready',
    'Whether the relays that the collector reads are there: 1 or 0.',
    ({ status }) => one(status.isReady === true ? 1 : 0),
    { roles: ['collector'] },
  ),
];
