/** Whether a time tells a size: two tests that ask nothing of how either is distributed. */

export type Timed = { readonly size: number; readonly time: number };

/** Welch's t between the times of the larger and of the smaller half of the sizes, in standard deviations. */
export function welch(pairs: readonly Timed[]): number {
  const inOrder = [...pairs].sort((left, right) => left.size - right.size);
  const middle = inOrder.length >> 1;
  const [small, large] = [inOrder.slice(0, middle), inOrder.slice(middle)].map((half) =>
    momentsOf(half.map(({ time }) => time)),
  );
  const spread = Math.sqrt(small!.variance / small!.count + large!.variance / large!.count);
  return spread === 0 ? 0 : (large!.mean - small!.mean) / spread;
}

/** Spearman's rank correlation of size and time, and by how many standard deviations it differs from 0. */
export function rankCorrelation(pairs: readonly Timed[]): { rho: number; deviations: number } {
  const sizes = ranks(pairs.map(({ size }) => size));
  const times = ranks(pairs.map(({ time }) => time));
  const [ofSize, ofTime] = [momentsOf(sizes), momentsOf(times)];
  const products = sizes.map((rank, at) => (rank - ofSize.mean) * (times[at]! - ofTime.mean));
  const spread = Math.sqrt(ofSize.variance * ofTime.variance);
  const rho = spread === 0 ? 0 : momentsOf(products).mean / spread;
  return { rho, deviations: rho * Math.sqrt(pairs.length - 1) };
}

function momentsOf(values: readonly number[]): { mean: number; variance: number; count: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance, count: values.length };
}

/** Ranks from 0 up; equal values share the middle of their ranks. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((left, right) => values[left]! - values[right]!);
  const result = new Array<number>(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1;
    for (let at = from; at < to; at += 1) result[order[at]!] = (from + to - 1) / 2;
    from = to;
  }
  return result;
}
