/** The phases of a round in their order, in a newcomer's words (doc/protocol.md, "A round"), and how far one is. */
import { type RunningRound } from '../roles/room-state.js';

export type Phase = { readonly name: string; readonly title: string; readonly says: string };

export const PHASES: readonly Phase[] = [
  { name: 'keying', title: 'Keys', says: 'The keepers make keys for this round.' },
  {
    name: 'depositing',
    title: 'Noise and masks',
    says: 'The collectors draw noise, mask their counters and deal the seeds of the masks to the keepers.',
  },
  { name: 'collecting', title: 'Counting', says: 'The collectors count, each behind its masks.' },
  { name: 'voting', title: 'Voting', says: 'The keepers vote on which collectors the total is over.' },
  {
    name: 'answering',
    title: 'Opening',
    says: 'The keepers send the sum of all masks, and never that of a single collector.',
  },
  { name: 'over', title: 'Publishing', says: 'The tally subtracts the masks, checks and publishes.' },
];

/** 0 to 1; undefined if nothing is known. While time alone decides it is that of the time, else the part that has answered. */
export function progressOf(round: RunningRound, nowMs: number): number | undefined {
  const { phase, sinceMs, endsAtMs, waitingFor, parties } = round;
  if (phase === 'collecting' && waitingFor.length === 0) {
    if (endsAtMs === undefined || endsAtMs <= sinceMs) return undefined;
    return Math.min(1, Math.max(0, (nowMs - sinceMs) / (endsAtMs - sinceMs)));
  }
  return parties === 0 ? undefined : Math.max(0, 1 - waitingFor.length / parties);
}
