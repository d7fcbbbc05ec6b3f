/** What `privcount status --watch` draws: the pages of nodes, cut to the size of the terminal. */
import { type NodeStatus, type Status } from '../roles/status-board.js';
import { durationOf } from './duration.js';
import { nodeTable, stalenessOf } from './status-table.js';
import { barOf, fitted } from './terminal.js';

/** What was found in a state folder: a status, or why there is none. */
export type WatchedNode =
  { readonly kind: 'status'; readonly status: Status } | { readonly kind: 'away'; readonly reason: string };

export type FrameSize = {
  readonly nowMs: number;
  readonly columns: number;
  readonly rows: number;
  readonly hasColours: boolean;
};

type Colour = 'plain' | 'dim' | 'red' | 'yellow' | 'green';
type Line = { readonly text: string; readonly colour: Colour };

/** The numbers of the colours in a terminal's sequences (ECMA-48, SGR). */
const SGR: Readonly<Record<Exclude<Colour, 'plain'>, string>> = {
  dim: '2',
  red: '31',
  yellow: '33',
  green: '32',
};
const BAR_COLUMNS = 24;
/** A warning is a line with its advice below; the rest are in `privcount status`. */
const WARNINGS_SHOWN = 3;
/** In what order nodes are shown where not all fit: those that somebody must look after first. */
const URGENCY: Readonly<Record<NodeStatus['state'], number>> = {
  away: 0,
  silent: 1,
  'not ready': 2,
  ready: 3,
};

/** Each line is shorter than the terminal is wide, and there are fewer than it has rows. */
export function frameOf(nodes: readonly WatchedNode[], size: FrameSize): string[] {
  const rowsMax = Math.max(1, size.rows - 1);
  const share = Math.floor((rowsMax - nodes.length + 1) / nodes.length);
  const rows = Math.max(0, sharedRows(nodes, { rowsMax, share, nowMs: size.nowMs }));
  const lines = nodes.flatMap((node, at) => [
    ...(at === 0 ? [] : [line('')]),
    ...pageOf(node, size.nowMs, rows).slice(0, hasTable(node) ? rows : share),
  ]);
  return lines.slice(0, rowsMax).map((each) => drawn(each, size));
}

/** How many rows each page with a table may take: what the others, which have few, leave. */
function sharedRows(
  nodes: readonly WatchedNode[],
  { rowsMax, share, nowMs }: { readonly rowsMax: number; readonly share: number; readonly nowMs: number },
): number {
  const short = nodes.filter((node) => !hasTable(node));
  const taken = short.reduce((sum, node) => sum + Math.min(share, pageOf(node, nowMs, share).length), 0);
  return Math.floor((rowsMax - taken - (nodes.length - 1)) / Math.max(1, nodes.length - short.length));
}

function hasTable(node: WatchedNode): boolean {
  return node.kind === 'status' && node.status.nodes !== undefined;
}

function line(text: string, colour: Colour = 'plain'): Line {
  return { text, colour };
}

function drawn({ text, colour }: Line, { columns, hasColours }: FrameSize): string {
  const cut = fitted(text, columns - 1);
  if (!hasColours || colour === 'plain' || cut === '') return cut;
  const escape = String.fromCodePoint(0x1b);
  return `${escape}[${SGR[colour]}m${cut}${escape}[0m`;
}

function pageOf(node: WatchedNode, nowMs: number, rows: number): Line[] {
  if (node.kind === 'away') return [line(node.reason, 'red')];
  const { status } = node;
  const { role, name, network, software, warnings, nodes } = status;
  const title = `${role === 'tally' ? 'tally server' : `${role} ${name}`} of network ${network}, ${software}`;
  const stale = stalenessOf(status, nowMs);
  const head = [
    line(title),
    ...(stale === undefined ? [] : [line(`STALE: ${stale}`, 'red')]),
    ...roundLines(status, nowMs),
    ...lastLines(status, nowMs),
  ];
  if (nodes === undefined) return [...head, ...warningLines(warnings, { hasAdvice: true })];
  // Which nodes are ill is more than what to do about it, which `privcount status` says.
  const hasAdvice =
    head.length + 2 + nodes.length + warningLines(warnings, { hasAdvice: true }).length <= rows;
  const tail = warningLines(warnings, { hasAdvice });
  return [...head, ...tableLines(nodes, nowMs, rows - head.length - tail.length), ...tail];
}

function roundLines({ phase, rounds }: Status, nowMs: number): Line[] {
  if (rounds.length === 0) return [line(`  now         ${phase}`)];
  return rounds.flatMap((round) => {
    const { sinceMs, endsAtMs, waitingFor, parties } = round;
    const rest = endsAtMs === undefined ? '' : `  ${durationOf(Math.max(0, endsAtMs - nowMs))} left`;
    // While nobody is waited for, time is; else how many have answered tells how far the phase is.
    const isTime = waitingFor.length === 0 && endsAtMs !== undefined;
    const part = isTime
      ? (nowMs - sinceMs) / Math.max(1, endsAtMs - sinceMs)
      : (parties - waitingFor.length) / Math.max(1, parties);
    const bar = isTime || parties > 0 ? `  ${barOf(part, BAR_COLUMNS)}` : '';
    const count = isTime || parties === 0 ? '' : `  ${parties - waitingFor.length} of ${parties}`;
    return [
      line(`  round       ${round.roundId.slice(0, 8)}  ${round.phase}${bar}${count}${rest}`, 'green'),
      ...(waitingFor.length === 0 ? [] : [line(`  waiting for ${waitingFor.join(', ')}`, 'yellow')]),
    ];
  });
}

function lastLines({ lastRound, endedRounds, tally, startedAtMs }: Status, nowMs: number): Line[] {
  const ago = (atMs: number): string => `${durationOf(Math.max(0, nowMs - atMs))} ago`;
  const { released, aborted } = endedRounds;
  const counts = `${released} released, ${aborted} aborted since the start ${ago(startedAtMs)}`;
  const last =
    lastRound === undefined
      ? 'none yet'
      : `${lastRound.roundId.slice(0, 8)}  ${lastRound.outcome} ${ago(lastRound.endedAtMs)}`;
  const since = tally?.connectedAtMs;
  return [
    line(`  last round  ${last}; ${counts}`),
    ...(tally === undefined
      ? []
      : [
          since === undefined
            ? line('  tally       not connected', 'red')
            : line(`  tally       connected ${ago(since)}`),
        ]),
  ];
}

/** The table in so many rows, with the heading and what is left out. */
function tableLines(nodes: readonly NodeStatus[], nowMs: number, rows: number): Line[] {
  const sorted = nodes
    .map((node, at) => ({ node, at }))
    .sort((a, b) => URGENCY[a.node.state] - URGENCY[b.node.state] || a.at - b.at);
  // An empty line and the heading.
  const room = rows - 2;
  if (room < 2) return [line(`  nodes       ${countsOf(nodes)}`)];
  const isCut = nodes.length > room;
  const shown = (isCut ? sorted.slice(0, room - 1) : nodes.map((node) => ({ node }))).map(({ node }) => node);
  const [heading, ...table] = nodeTable(shown, nowMs);
  return [
    line(''),
    line(heading!, 'dim'),
    ...table.map((text, at) => line(text, colourOf(shown[at]!))),
    ...(isCut ? [line(`  and ${nodes.length - shown.length} more: ${countsOf(nodes)}`, 'dim')] : []),
  ];
}

function countsOf(nodes: readonly NodeStatus[]): string {
  const states = (['ready', 'not ready', 'silent', 'away'] as const).map(
    (state) => [state, nodes.filter((node) => node.state === state).length] as const,
  );
  return states
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}

function colourOf({ state }: NodeStatus): Colour {
  if (state === 'ready') return 'plain';
  return state === 'away' ? 'red' : 'yellow';
}

function warningLines(warnings: Status['warnings'], { hasAdvice }: { readonly hasAdvice: boolean }): Line[] {
  if (warnings.length === 0) return [];
  const more = warnings.length - WARNINGS_SHOWN;
  return [
    line(''),
    ...warnings
      .slice(0, WARNINGS_SHOWN)
      .flatMap(({ text, advice }) => [
        line(`  ${text}`, 'yellow'),
        ...(hasAdvice ? [line(`      ${advice}`, 'dim')] : []),
      ]),
    ...(more > 0 ? [line(`  and ${more} more warnings`, 'dim')] : []),
  ];
}
