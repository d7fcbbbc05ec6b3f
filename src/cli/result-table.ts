/** A tallies file as a table that people can read: each total with the interval that its noise leaves. */
import { z } from 'zod';
import { isCheckCounter } from '../core/counters.js';
import { SIGMAS_OF_95_PERCENT } from '../roles/results.js';

const end = z.union([z.number(), z.literal('Infinity'), z.literal('-Infinity')]);

const talliesSchema = z.record(
  z.string(),
  z.object({
    bins: z.array(z.tuple([end, end, z.string().regex(/^-?\d+(\.\d+)?$/)])),
    effective_sigma: z.number(),
  }),
);

type Tallies = z.infer<typeof talliesSchema>;
type Row = readonly [counter: string, bin: string, total: string, interval: string];

const outcomeSchema = z.object({
  Tally: talliesSchema,
  Privacy: z.object({
    noise: z.enum(['on', 'off']),
    delta: z.number().optional(),
    effective_epsilon: end.optional(),
    effective_epsilon_worst_tolerated: end.optional(),
  }),
});

/**
 * The text of a `privcount.tallies.*.json` or of the `privcount.outcome.*.json` of a released round as lines. Throws Error if
 * it is neither.
 */
export function toResultTable(text: string): string[] {
  const json: unknown = JSON.parse(text);
  const outcome = outcomeSchema.safeParse(json);
  if (!outcome.success) return tableOf(talliesSchema.parse(json));
  return [...tableOf(outcome.data.Tally), '', privacyLine(outcome.data.Privacy)];
}

/** What the released collectors' noise really gives. */
function privacyLine(privacy: z.infer<typeof outcomeSchema>['Privacy']): string {
  if (privacy.noise === 'off') return 'Noise was off: these totals keep nothing private.';
  const show = (epsilon: number | string | undefined): string =>
    typeof epsilon === 'number' ? epsilon.toFixed(3) : 'infinite';
  const all = show(privacy.effective_epsilon);
  const worst = show(privacy.effective_epsilon_worst_tolerated);
  const line = `Privacy of these totals: epsilon ${all} at delta ${privacy.delta}`;
  return all === worst
    ? `${line}.`
    : `${line}; ${worst} if the collectors that network.yaml tolerates are dishonest or curious.`;
}

function tableOf(tallies: Tallies): string[] {
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

/** The whole numbers around the interval. Totals may pass 2^53, and be decimals: the ends are computed as integers. */
function intervalOf(total: string, sigma: number): string {
  if (sigma === 0) return 'exact';
  const [whole, decimals = ''] = total.split('.');
  const unit = 10n ** BigInt(decimals.length);
  const units = BigInt(whole! + decimals);
  const half = BigInt(Math.ceil(SIGMAS_OF_95_PERCENT * sigma * Number(unit)));
  return `${floorOf(units - half, unit)} to ${-floorOf(-units - half, unit)}`;
}

function floorOf(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor > dividend ? quotient - 1n : quotient;
}
