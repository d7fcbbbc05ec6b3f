/** From the tally's status to what the room shows of now. What is not named here is not shown, whatever a status holds later. */
import { type RoomNode, type RoomNow, type RoomRefusal, type RoomWarning } from './room-state.js';
import { type Status } from './status-board.js';

/** Heartbeats come every 15 s: what is less than this apart is no news to anybody. */
const HEARD_STEP_MS = 10_000;
/** A message is late by as long as a busy collector takes to send it: only what is no such moment is shown, as by the monitor. */
const SKEW_STEP_MS = 1_000;

export function toRoomNow(
  { phase, rounds, warnings, nodes = [] }: Status,
  {
    refusals,
    isOver,
    nowMs,
  }: { readonly refusals: readonly RoomRefusal[]; readonly isOver: boolean; readonly nowMs: number },
): RoomNow {
  const names = new Set(nodes.map(({ name }) => name));
  return {
    atMs: nowMs,
    phase: isOver ? 'all rounds are over' : phase,
    rounds: rounds.map(({ roundId, phase: inPhase, sinceMs, endsAtMs, waitingFor, parties }) => ({
      roundId,
      phase: inPhase,
      sinceMs,
      ...(endsAtMs === undefined ? {} : { endsAtMs }),
      waitingFor,
      parties,
    })),
    // When the nodes are let go, that they are away is no fault.
    warnings: isOver ? [] : groupedWarnings(warnings, names),
    refusals,
    isOver,
  };
}

export function toRoomNodes({ nodes = [] }: Status): RoomNode[] {
  return nodes.map(({ name, role, state, roundId, software, connectedAtMs, heardAtMs, skewMs }) => ({
    name,
    role,
    state,
    isInRound: roundId !== undefined,
    ...(software === undefined ? {} : { software }),
    ...(connectedAtMs === undefined ? {} : { connectedAtMs }),
    ...(heardAtMs === undefined ? {} : { heardAtMs: Math.floor(heardAtMs / HEARD_STEP_MS) * HEARD_STEP_MS }),
    ...(skewMs === undefined ? {} : { skewMs: nearest(skewMs, SKEW_STEP_MS) }),
  }));
}

/** And never the zero below zero, which JSON does not have. */
function nearest(ms: number, stepMs: number): number {
  return Math.round(ms / stepMs) * stepMs + 0;
}

/** A warning about a node begins with its name. */
function groupedWarnings(warnings: Status['warnings'], known: ReadonlySet<string>): RoomWarning[] {
  const groups = new Map<string, { names: string[]; text: string; advice: string }>();
  for (const { text, advice } of warnings) {
    const [name = ''] = text.split(' ', 1);
    const isOfNode = known.has(name);
    const said = isOfNode ? text.slice(name.length + 1) : text;
    const key = `${isOfNode} ${said} ${advice}`;
    const group = groups.get(key) ?? { names: [], text: said, advice };
    groups.set(key, group);
    if (isOfNode) group.names.push(name);
  }
  return [...groups.values()];
}
