/** A tallies file as a table that people can read: each total with the interval that its noise leaves. */
import { z } from 'zod';
import { isCheckCounter } from '../core/counters.js';
import { SIGMAS_OF_95_PERCENT } from '../roles/results.js';

const end = z.union([z.number(), z.literal('Infinity'), z.literal('-Infinity')]);

const talliesSchema = z.record(
  z.string(),
  z.object({
    bins: z.array(z.tuple([end, end, z.string().regex(/^-?\d+$/)])),
    effective_sigma: z.number(),
  }),
);

type Tallies = z.infer<typeof talliesSchema>;
type Row = readonly [counter: string, bin: string, total: string, interval: string];

/** The text of a `privcount.tallies.*.json` as lines. Throws Error if it is none. */
export function toResultTable(text: string): string[] {
  const tallies = talliesSchema.parse(JSON.parse(text));
  const rows: Row[] = [['counter', 'bin', 'total', '95 % interval'], ...rowsOf(tallies)];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [lines[0]!, rule, ...lines.slice(1)];
}

function rowsOf(tallies: Tallies): Row[] {
  return Object.entries(tallies)
    .filter(([name]) => !isCheckCounter(name))
    .flatMap(([name, { bins, effective_sigma: sigma }]) =>
      bins.map(([low, high, total], at): Row => {
        const bin = bins.length === 1 ? '' : `${low} to ${high === 'Infinity' ? 'any' : high}`;
        return [at === 0 ? name : '', bin, total, intervalOf(total, sigma)];
      }),
    );
}

/** Totals may pass 2^53: the ends are computed as integers. */
function intervalOf(total: string, sigma: number): string {
  if (sigma === 0) return 'exact';
  const half = BigInt(Math.round(SIGMAS_OF_95_PERCENT * sigma));
  return `${BigInt(total) - half} to ${BigInt(total) + half}`;
}
