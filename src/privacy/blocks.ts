/**
 * Counters of which one person's change can hit only one, such as the cells of a one-hot histogram or the groups of a
 * group-by, form a block; mu^2 adds up over blocks, not counters (spec/noise.md, "Blocks").
 */

/** How far one person moves a counter, in any unit that all of them share. */
export type Move = {
  readonly move: number;
  /** The block's name; a counter without one is a block by itself. */
  readonly block?: string | undefined;
};

/** The length of the vector of what one person moves: of each block the largest. */
export function movedTogether(moves: Iterable<Move>): number {
  const ofBlock = new Map<string, number>();
  let squares = 0;
  for (const { move, block } of moves) {
    if (block === undefined) squares += move * move;
    else ofBlock.set(block, Math.max(move, ofBlock.get(block) ?? 0));
  }
  for (const move of ofBlock.values()) squares += move * move;
  return Math.sqrt(squares);
}
