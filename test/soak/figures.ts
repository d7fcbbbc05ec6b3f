/** What is printed of many times. */

export type Figures = {
  readonly count: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
};

export function figuresOf(times: readonly number[]): Figures {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { count: sorted.length, median: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN };
}

export function showTimes({ count, median, p99, max }: Figures): string {
  const show = (ms: number) => `${ms.toFixed(1)} ms`;
  return `median ${show(median)}, 99th percentile ${show(p99)}, most ${show(max)} (${count} answers)`;
}

export function showMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
