/** Normal noise for tests that count how often an interval holds the truth. The same in each run. */

/** Box and Muller's way from a generator of D. Lehmer's kind: good enough to count to thousands. */
export function normalDraws(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** The share of `times` tries that are true. */
export function shareOf(times: number, isSo: () => boolean): number {
  let hits = 0;
  for (let n = 0; n < times; n += 1) if (isSo()) hits += 1;
  return hits / times;
}
