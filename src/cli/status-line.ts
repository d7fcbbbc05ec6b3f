/** What `privcount status --watch` prints where it can not draw: a line when something changes. */
import { type Status } from '../roles/status-board.js';
import { stalenessOf } from './status-table.js';
import { type WatchedNode } from './status-frame.js';
import { printable } from './terminal.js';

/** Names of a long list; the others are counted. */
const NAMES_SHOWN = 5;

/** Nothing in it moves with the time alone: the line is the same until something has changed. */
export function statusLine(node: WatchedNode, nowMs: number): string {
  return printable(node.kind === 'away' ? node.reason : lineOf(node.status, nowMs));
}

function lineOf(status: Status, nowMs: number): string {
  const { role, name, phase, rounds, lastRound, nodes, tally, warnings } = status;
  const away = nodes?.filter((node) => node.state !== 'ready').map((node) => `${node.name} ${node.state}`);
  const now = rounds.map(({ roundId, phase: its, endsAtMs, waitingFor }) => {
    const ends = endsAtMs === undefined ? '' : ` until ${timeOf(endsAtMs)}`;
    return `round ${roundId.slice(0, 8)} ${its}${ends}${waitingFor.length === 0 ? '' : `, waiting for ${some(waitingFor)}`}`;
  });
  return [
    `${role === 'tally' ? 'tally server' : `${role} ${name}`}: ${now.length === 0 ? phase : now.join('; ')}`,
    ...(lastRound === undefined
      ? []
      : [
          `last round ${lastRound.roundId.slice(0, 8)} ${lastRound.outcome} at ${timeOf(lastRound.endedAtMs)}`,
        ]),
    ...(tally !== undefined && tally.connectedAtMs === undefined ? ['not connected to the tally'] : []),
    ...(away === undefined || away.length === 0 ? [] : [some(away)]),
    ...(warnings.length === 0 ? [] : [`${warnings.length} warnings`]),
    ...(stalenessOf(status, nowMs) === undefined ? [] : ['STALE: the node does not run']),
  ].join('; ');
}

function some(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more}`;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
