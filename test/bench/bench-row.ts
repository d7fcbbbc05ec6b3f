/** One measured figure. */
export type BenchRow = {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** How many times as fast as the plain version, measured in the same run. */
  readonly ratio?: number;
};
