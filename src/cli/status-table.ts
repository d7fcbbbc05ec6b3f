/** A node's status as a page that people can read. */
import { type NodeStatus, type Status } from '../roles/status-board.js';
import { STATUS_PERIOD_MS } from '../roles/status-reporter.js';
import { durationOf } from './duration.js';
import { printable } from './terminal.js';

/** A node that runs has written its status three times over in this time. */
const STALE_MS_MIN = 3 * STATUS_PERIOD_MS;

/** Why what the file says is no more than history; undefined if the node runs. */
export function stalenessOf({ writtenAtMs }: Status, nowMs: number): string | undefined {
  const ageMs = nowMs - writtenAtMs;
  // A clock that was set makes any age.
  if (Math.abs(ageMs) < STALE_MS_MIN) return undefined;
  return `the status is ${durationOf(ageMs)} old: the node does not run, or can't write into its state folder`;
}

export function toStatusLines(status: Status, nowMs: number): string[] {
  const { role, name, network, software, startedAtMs, phase, rounds, lastRound, tally } = status;
  const stale = stalenessOf(status, nowMs);
  const ago = (atMs: number) => `${durationOf(nowMs - atMs)} ago`;
  const lines = [
    `${role === 'tally' ? 'tally server' : `${role} ${name}`} of network ${network}, ${software}`,
    ...(stale === undefined ? [] : [`STALE: ${stale}`]),
    `  started     ${ago(startedAtMs)}`,
    `  now         ${phase}`,
    ...rounds.map((round) => `  round       ${round.roundId}: ${round.phase}, since ${ago(round.sinceMs)}`),
    ...(lastRound === undefined
      ? []
      : [`  last round  ${lastRound.roundId}: ${lastRound.outcome}, ${ago(lastRound.endedAtMs)}`]),
  ];
  if (tally !== undefined) {
    const since = tally.connectedAtMs;
    lines.push(`  tally       ${since === undefined ? 'not connected' : `connected ${ago(since)}`}`);
  }
  if (status.nodes !== undefined) lines.push('', ...nodeTable(status.nodes, nowMs));
  const warnings = status.warnings.flatMap(({ text, advice }) => [`  ${text}`, `      ${advice}`]);
  const page = [...lines, '', ...(warnings.length === 0 ? ['no warnings'] : ['warnings:', ...warnings])];
  // Nodes say their versions themselves.
  return page.map(printable);
}

/** The heading, then a line a node. */
export function nodeTable(nodes: readonly NodeStatus[], nowMs: number): string[] {
  const rows = [
    ['node', 'role', 'state', 'heard', 'round trip', 'clock', 'version'],
    ...nodes.map(({ name, role, state, heardAtMs, roundTripMs, skewMs, software }) => [
      name,
      role,
      state,
      heardAtMs === undefined ? '-' : `${durationOf(nowMs - heardAtMs)} ago`,
      roundTripMs === undefined ? '-' : `${roundTripMs} ms`,
      skewMs === undefined ? '-' : `${skewMs < 0 ? '-' : '+'}${(Math.abs(skewMs) / 1000).toFixed(1)} s`,
      software ?? '-',
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd(),
  );
}
