/** In the largest unit that leaves two digits of it at least, or seconds. */
export function durationOf(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
  ] as const;
  const found = units.find(([, length]) => Math.abs(ms) >= 2 * length);
  return found === undefined ? `${Math.round(ms / 1000)} s` : `${Math.floor(ms / found[1])} ${found[0]}`;
}
