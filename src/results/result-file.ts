/**
 * Result files: outcomes and tallies of this program (doc/protocol.md, "Results") and of PrivCount 2.0 (spec/rounds.md,
 * section 14), read into one shape.
 */
import { z } from 'zod';
import { isCheckCounter } from '../core/counters.js';
import { parseResultJson } from './result-json.js';

export type BinResult = {
  readonly low: number;
  readonly high: number;
  /** The exact total, a decimal. */
  readonly total: string;
};

export type CounterResult = {
  readonly name: string;
  readonly bins: readonly BinResult[];
  /** The standard deviation of the noise in each bin's total; 0 if there is none, undefined if the file does not say. */
  readonly sigma: number | undefined;
};

export type RoundResult = {
  /** In the file's order, without check counters other than ZeroCount. */
  readonly counters: readonly CounterResult[];
  /** When counting began and ended, in seconds of the epoch; undefined if the file does not say. */
  readonly collected: { readonly from: number; readonly to: number } | undefined;
};

/** What is wrong with a file, in words for its owner. */
export class ResultFileError extends Error {
  override readonly name = 'ResultFileError';
}

/** PrivCount's own, for files that do not say (spec/rounds.md, section 16). */
const EXCESS_NOISE_RATIO = 3;

const edge = z.union([
  z.number(),
  z.literal('Infinity').transform(() => Infinity),
  z.literal('-Infinity').transform(() => -Infinity),
]);
const total = z.union([z.number().int().transform(String), z.string().regex(/^-?\d+(\.\d+)?$/)]);
const talliesSchema = z.record(
  z.string(),
  z.object({
    bins: z.array(z.tuple([edge, edge, total])).min(1),
    /** Ours. */
    effective_sigma: z.number().min(0).optional(),
  }),
);
const noiseSchema = z.object({
  counters: z.record(z.string(), z.object({ sigma: z.number().min(0) })).catch({}),
  privacy: z.object({ excess_noise_ratio: z.number().min(0).optional() }).optional(),
});
const contextSchema = z.object({
  Time: z
    .object({
      Start: z.number(),
      Stopping: z.number().optional(),
      CollectStart: z.number().optional(),
      CollectStop: z.number().optional(),
    })
    .optional(),
  TallyServer: z.object({ Config: z.object({ noise: noiseSchema.optional().catch(undefined) }) }).optional(),
});
const outcomeSchema = z.object({ Tally: talliesSchema.optional(), Context: contextSchema });
const abortedSchema = z.object({ Result: z.object({ outcome: z.literal('aborted'), reason: z.string() }) });

type Tallies = z.infer<typeof talliesSchema>;
type Context = z.infer<typeof contextSchema>;

/** Throws ResultFileError if the text is no result file, or that of a round which has no totals. */
export function parseResultFile(text: string): RoundResult {
  const json = parseJson(text);
  const aborted = abortedSchema.safeParse(json);
  if (aborted.success)
    throw new ResultFileError(`its round was aborted and has no totals: ${aborted.data.Result.reason}`);
  const outcome = outcomeSchema.safeParse(json);
  if (outcome.success) {
    const { Tally: tallies, Context: context } = outcome.data;
    if (tallies === undefined) throw new ResultFileError('its round has no totals');
    return { counters: toCounters(tallies, context), collected: toCollected(context) };
  }
  const tallies = talliesSchema.safeParse(json);
  if (!tallies.success) {
    throw new ResultFileError(
      'it is neither an outcome nor a tallies file, as the tally writes them into its results folder',
    );
  }
  return { counters: toCounters(tallies.data, undefined), collected: undefined };
}

function parseJson(text: string): unknown {
  try {
    return parseResultJson(text);
  } catch (error) {
    throw new ResultFileError('it is not JSON: it may be cut off, or another kind of file', { cause: error });
  }
}

function toCounters(tallies: Tallies, context: Context | undefined): CounterResult[] {
  const noise = context?.TallyServer?.Config.noise;
  return Object.entries(tallies)
    .filter(([name]) => name === 'ZeroCount' || !isCheckCounter(name))
    .map(([name, { bins, effective_sigma: sigma }]) => ({
      name,
      bins: bins.map(([low, high, count]) => ({ low, high, total: count })),
      sigma: sigma ?? sigmaOfOriginal(name, noise),
    }));
}

/** Every collector of PrivCount's adds noise; what they add up to is reckoned by the ratio. */
function sigmaOfOriginal(name: string, noise: z.infer<typeof noiseSchema> | undefined): number | undefined {
  if (isCheckCounter(name)) return 0;
  const sigma = noise?.counters[name]?.sigma;
  const ratio = noise?.privacy?.excess_noise_ratio ?? EXCESS_NOISE_RATIO;
  return sigma === undefined ? undefined : sigma * Math.sqrt(ratio);
}

function toCollected({ Time: time }: Context): RoundResult['collected'] {
  const to = time?.CollectStop ?? time?.Stopping;
  return time === undefined || to === undefined ? undefined : { from: time.CollectStart ?? time.Start, to };
}
