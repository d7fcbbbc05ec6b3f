/** The state after what has changed of it (roles/room-changes.ts). What did not change stays the same object, and is not drawn again. */
import { type RoomChanges, type RoomState } from '../roles/room-state.js';

/** The whole state after changes. The nodes of a network are the same while the tally runs. */
export function withChanges(state: RoomState, changes: RoomChanges): RoomState {
  const changed = new Map((changes.nodes ?? []).map((node) => [node.name, node]));
  const nodes = state.nodes.map((node) => changed.get(node.name) ?? node);
  const known = new Set(state.nodes.map(({ name }) => name));
  return {
    ...state,
    ...changes,
    nodes: [...nodes, ...[...changed.values()].filter(({ name }) => !known.has(name))],
  };
}
