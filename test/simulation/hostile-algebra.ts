/** Exact linear algebra over the rationals, on rows of integers: what can be made of what an adversary was told. */

export type Row = readonly bigint[];

/** The rows in reduced echelon form, each scaled to coprime integers; rows of zeros are left out. */
function reduce(rows: readonly Row[]): { row: Row; pivot: number }[] {
  let rest = rows.map(scaledDown);
  const reduced: { row: Row; pivot: number }[] = [];
  for (let column = 0; column < (rows[0]?.length ?? 0); column += 1) {
    const pivotRow = rest.find((row) => row[column] !== 0n);
    if (pivotRow === undefined) continue;
    const clear = (row: Row): Row => scaledDown(without(row, pivotRow, column));
    rest = rest.filter((row) => row !== pivotRow).map(clear);
    for (const entry of reduced) entry.row = clear(entry.row);
    reduced.push({ row: pivotRow, pivot: column });
  }
  return reduced;
}

/** The row less the multiple of the pivot's row that makes its entry in this column 0, times an integer. */
function without(row: Row, pivotRow: Row, column: number): Row {
  const [factor, scale] = [row[column]!, pivotRow[column]!];
  return row.map((entry, at) => entry * scale - factor * pivotRow[at]!);
}

function scaledDown(row: Row): Row {
  const divisor = row.reduce(greatestCommonDivisor, 0n);
  return divisor === 0n ? row : row.map((entry) => entry / divisor);
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [larger, smaller] = [left < 0n ? -left : left, right < 0n ? -right : right];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** A basis of the vectors that all rows are orthogonal to. */
function nullSpace(rows: readonly Row[], columns: number): Row[] {
  const reduced = reduce(rows);
  const pivots = new Set(reduced.map(({ pivot }) => pivot));
  const scale = reduced.reduce((product, { row, pivot }) => product * row[pivot]!, 1n);
  const free = Array.from({ length: columns }, (_, column) => column).filter((column) => !pivots.has(column));
  return free.map((column) => {
    const vector = Array.from({ length: columns }, () => 0n);
    vector[column] = scale;
    for (const { row, pivot } of reduced) vector[pivot] = (-row[column]! * scale) / row[pivot]!;
    return scaledDown(vector);
  });
}

/**
 * A basis of the vectors that are combinations of the rows of every one of these lists. A list without rows spans
 * nothing, so nothing is in all.
 */
export function commonSpan(lists: readonly (readonly Row[])[], columns: number): Row[] {
  const orthogonal = lists.flatMap((rows) => nullSpace(rows, columns));
  return nullSpace(orthogonal, columns);
}
