/**
 * Result files: outcomes and tallies of this program (doc/protocol.md, "Results") and of PrivCount 2.0 (spec/rounds.md,
 * section 14), read into one shape. Anybody may have written them: what does not fit is refused with its number.
 */
import { type ZodType } from 'zod';
import { isCheckCounter } from '../core/counters.js';
import { type LabelsOfLists, parseListLabels } from './list-labels.js';
import { parseResultJson } from './result-json.js';
import {
  abortedSchema,
  ALL_BINS_MAX,
  type Context,
  COUNTERS_MAX,
  NAME_LENGTH_MAX,
  type NoiseOfOriginal,
  type Outcome,
  outcomeSchema,
  type PrivacyJson,
  type Tallies,
  talliesSchema,
} from './result-schema.js';

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

/** What the noise of the released collectors gives; Infinity if nothing. */
export type ReleasedPrivacy =
  | { readonly noise: 'off' }
  | {
      readonly noise: 'on';
      readonly delta: number | undefined;
      readonly epsilon: number;
      readonly epsilonOfWorstTolerated: number;
    };

export type RoundResult = {
  /** PrivCount 2.0's rounds have none. */
  readonly roundId: string | undefined;
  /** In the file's order, without check counters other than ZeroCount. */
  readonly counters: readonly CounterResult[];
  /** When counting began and ended, in seconds of the epoch; undefined if the file does not say. */
  readonly collected: { readonly from: number; readonly to: number } | undefined;
  readonly privacy: ReleasedPrivacy | undefined;
  readonly lists: LabelsOfLists;
};

/** What is wrong with a file, in words for its owner. */
export class ResultFileError extends Error {
  override readonly name: string = 'ResultFileError';
}

/** The file is whole, and its round has no totals. */
export class NoTotalsError extends ResultFileError {
  override readonly name = 'NoTotalsError';
}

/** PrivCount's own, for files that do not say (spec/rounds.md, section 16). */
const EXCESS_NOISE_RATIO = 3;

/** Throws ResultFileError if the text is no result file, or that of a round which has no totals. */
export function parseResultFile(text: string): RoundResult {
  const json = parseJson(text);
  const aborted = abortedSchema.safeParse(json);
  if (aborted.success)
    throw new NoTotalsError(`its round was aborted and has no totals: ${aborted.data.Result.reason}`);
  const isOutcome = typeof json === 'object' && json !== null && 'Context' in json;
  return isOutcome ? toOutcome(check(outcomeSchema, json)) : toTallies(check(talliesSchema, json));
}

export function parseJson(text: string): unknown {
  try {
    return parseResultJson(text);
  } catch (error) {
    throw new ResultFileError('it is not JSON: it may be cut off, or another kind of file', { cause: error });
  }
}

function check<Value>(schema: ZodType<Value>, json: unknown): Value {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path } = parsed.error.issues[0]!;
  const place = path.length === 0 ? '' : ` (look at ${path.join('.').slice(0, NAME_LENGTH_MAX)})`;
  throw new ResultFileError(
    `it is neither an outcome nor a tallies file, as the tally writes them into its results folder${place}`,
  );
}

function toOutcome({ Tally: tallies, Privacy: privacy, Context: context }: Outcome): RoundResult {
  if (tallies === undefined) throw new NoTotalsError('its round has no totals');
  const config = context.TallyServer?.Config;
  return {
    roundId: config?.round_id,
    counters: toCounters(tallies, context),
    collected: toCollected(context),
    privacy: privacy && toPrivacy(privacy),
    lists: parseListLabels(config ?? {}),
  };
}

function toTallies(tallies: Tallies): RoundResult {
  return {
    roundId: undefined,
    counters: toCounters(tallies, undefined),
    collected: undefined,
    privacy: undefined,
    lists: new Map(),
  };
}

function toPrivacy(privacy: PrivacyJson): ReleasedPrivacy {
  if (privacy.noise === 'off') return { noise: 'off' };
  const { delta, effective_epsilon: epsilon = Infinity } = privacy;
  const { effective_epsilon_worst_tolerated: epsilonOfWorstTolerated = epsilon } = privacy;
  return { noise: 'on', delta, epsilon, epsilonOfWorstTolerated };
}

function toCounters(tallies: Tallies, context: Context | undefined): CounterResult[] {
  const noise = context?.TallyServer?.Config.noise;
  const counters = Object.entries(tallies)
    .filter(([name]) => name === 'ZeroCount' || !isCheckCounter(name))
    .map(([name, { bins, effective_sigma: own }]) => ({
      name,
      bins: bins.map(([low, high, count]) => ({ low, high, total: count })),
      sigma: own ?? sigmaOfOriginal(name, noise),
    }));
  checkLimits(counters);
  return counters;
}

function checkLimits(counters: readonly CounterResult[]): void {
  if (counters.length > COUNTERS_MAX)
    throw new ResultFileError(`it has ${counters.length} counters, and a round has at most ${COUNTERS_MAX}`);
  const bins = counters.reduce((sum, counter) => sum + counter.bins.length, 0);
  if (bins > ALL_BINS_MAX)
    throw new ResultFileError(`it has ${bins} bins, and a round has at most ${ALL_BINS_MAX}`);
  for (const { name, bins: own } of counters) {
    if (!isPlainName(name)) {
      throw new ResultFileError(
        `it has a counter whose name is empty, longer than ${NAME_LENGTH_MAX} characters, or not printable`,
      );
    }
    if (own.some(({ low, high }) => low >= high))
      throw new ResultFileError(`${name} has a bin that ends where it begins, or before`);
  }
}

/** No control characters, which a terminal obeys, and none that turn the direction of what follows. */
function isPlainName(name: string): boolean {
  return name.length > 0 && name.length <= NAME_LENGTH_MAX && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name);
}

/** Every collector of PrivCount's adds noise; what they add up to is reckoned by the ratio. */
function sigmaOfOriginal(name: string, noise: NoiseOfOriginal | undefined): number | undefined {
  if (isCheckCounter(name)) return 0;
  const counter = noise?.counters[name]?.sigma;
  const ratio = noise?.privacy?.excess_noise_ratio ?? EXCESS_NOISE_RATIO;
  return counter === undefined ? undefined : counter * Math.sqrt(ratio);
}

function toCollected({ Time: time }: Context): RoundResult['collected'] {
  const to = time?.CollectStop ?? time?.Stopping;
  return time === undefined || to === undefined ? undefined : { from: time.CollectStart ?? time.Start, to };
}
