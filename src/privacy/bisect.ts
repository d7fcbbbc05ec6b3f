/** Bisection of a predicate that is false below some point and true from there on. */

/** Doublings from the first guess: 2^1000 of it is beyond every double that means anything here. */
const DOUBLINGS_MAX = 1000;

type Bracket = {
  readonly low: number;
  /** Where the predicate is true. */
  readonly high: number;
  /** Stop once the ends are closer than this; 0, if absent, goes on to neighbouring doubles. */
  readonly tolerance?: number;
};

/**
 * The least point in [low, high] where it is true, or up to `tolerance` above it. Also stops when the middle equals an end:
 * the original's test of the distance alone never ends on numbers above 2^33 (spec/noise.md, "Traps").
 */
export function leastTrue(isTrue: (x: number) => boolean, { low, high, tolerance = 0 }: Bracket): number {
  let [below, above] = [low, high];
  while (above - below >= tolerance) {
    const middle = below + (above - below) / 2;
    if (middle <= below || middle >= above) break;
    if (isTrue(middle)) above = middle;
    else below = middle;
  }
  return above;
}

/** The first of guess, 2 guess, 4 guess, ... where it is true. Throws RangeError if it is nowhere. */
export function firstTrueDoubled(isTrue: (x: number) => boolean, guess: number): number {
  let point = guess;
  for (let doubling = 0; doubling < DOUBLINGS_MAX; doubling += 1, point *= 2) {
    if (isTrue(point)) return point;
  }
  throw new RangeError('there is no number for which these privacy parameters hold');
}
