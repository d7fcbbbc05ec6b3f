/** What of the room's state is another than what was sent before: of 500 nodes a few change in a second. */
import { type RoomChanges, type RoomNode, type RoomState } from './room-state.js';

/** Undefined if nothing is new. Each part is whole, but of the nodes there are only those that changed. */
export function roomChanges(old: RoomState, young: RoomState): RoomChanges | undefined {
  const nodes = changedNodes(old.nodes, young.nodes);
  const changes: RoomChanges = {
    ...(isSame(old.about, young.about) ? {} : { about: young.about }),
    ...(isSame(nowWithoutTime(old), nowWithoutTime(young)) ? {} : { now: young.now }),
    ...(nodes.length === 0 ? {} : { nodes }),
    ...(isSame(old.past, young.past) ? {} : { past: young.past }),
    ...(isSame(old.budget, young.budget) ? {} : { budget: young.budget }),
  };
  return Object.keys(changes).length === 0 ? undefined : changes;
}

function changedNodes(old: readonly RoomNode[], young: readonly RoomNode[]): RoomNode[] {
  const before = new Map(old.map((node) => [node.name, node]));
  return young.filter((node) => !isSame(before.get(node.name), node));
}

/** That time goes on is no change. */
function nowWithoutTime({ now }: RoomState): object {
  return { ...now, atMs: 0 };
}

/** Of plain data that is made with its keys in one order. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
