/** Rows as lines of text, each column as wide as its widest cell. */

/** The first row is the heading. `leftColumns`: so many columns of words; the others are of numbers, and end in one line. */
export function toTextTable(rows: readonly (readonly string[])[], leftColumns: number): string[] {
  const columns = rows[0]!.length;
  const widths = Array.from({ length: columns }, (_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]!.length), 0),
  );
  const toLine = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column < leftColumns ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  const [heading, ...lines] = rows.map(toLine);
  return [heading!, widths.map((width) => '-'.repeat(width)).join('  '), ...lines];
}
