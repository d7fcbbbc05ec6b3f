/** What building lists of one kind found, in sentences (spec/counters.md, 7.2 and 7.3). Lists are named by number. */
import { type ListFindings } from './list-file.js';

export type OverlapRule = {
  /** `reject_overlapping_lists`: an overlap between lists is a fault; otherwise the first list wins, with a warning. */
  readonly rejectOverlaps: boolean;
};

/** One sentence for each list whose count is not 0. */
export function countedFindings(counts: Uint32Array, what: string): string[] {
  return [...counts].flatMap((count, list) => (count === 0 ? [] : [`list ${list}: ${count} items ${what}`]));
}

/** Overlaps as faults or warnings, and other warnings. */
export function toFindings(
  { rejectOverlaps }: OverlapRule,
  overlaps: readonly string[],
  warnings: readonly string[],
): ListFindings {
  return rejectOverlaps
    ? { faults: [...overlaps], warnings: [...warnings] }
    : { faults: [], warnings: [...overlaps, ...warnings] };
}

export const STAND_TWICE = 'stand there twice';
export const STAND_EARLIER = 'also stand in an earlier list';
