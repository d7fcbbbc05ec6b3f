/** The rounds that a node has taken part in, and a keeper's vote in each: never removed, since a vote holds for ever. */
import { toHex } from '../core/hex.js';
import { type Change, type Store } from './store-port.js';

const keyOf = (roundId: string): string => `seen/${roundId}`;
const encoder = new TextEncoder();

export function hasSeen(store: Store, roundId: string): boolean {
  return store.get(keyOf(roundId)) !== undefined;
}

export function seenChange(roundId: string): Change {
  return { key: keyOf(roundId), value: encoder.encode('{}') };
}

/** Throws Error if the round has a vote already: the disk decides, so that it holds for a keeper that was started anew. */
export function voteChange(
  store: Store,
  { roundId, proposalDigest, vote }: { roundId: string; proposalDigest: string; vote: Uint8Array },
): Change {
  const before = store.get(keyOf(roundId));
  if (before !== undefined && 'vote' in (JSON.parse(new TextDecoder().decode(before)) as object)) {
    throw new Error(`round ${roundId} has a vote already`);
  }
  const value = encoder.encode(JSON.stringify({ proposalDigest, vote: toHex(vote) }));
  return { key: keyOf(roundId), value };
}
