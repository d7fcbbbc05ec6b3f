/** What an outcome file says about its round, apart from the totals: for lists of rounds. */
import { z } from 'zod';
import { parseJson, ResultFileError } from './result-file.js';
import { seconds } from './result-schema.js';

export type PastRound = {
  /** PrivCount 2.0's rounds have neither an id nor a network. */
  readonly roundId: string | undefined;
  readonly networkName: string | undefined;
  readonly outcome: 'released' | 'aborted';
  /** When counting began and ended; of an aborted round, when the round did. */
  readonly beginMs: number;
  readonly endMs: number;
  /** Why there are no totals; undefined of a released round. */
  readonly reason: string | undefined;
  /** Who is to blame, as far as it is known. */
  readonly culprits: readonly string[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
  /** Those whose counts are in the totals. */
  readonly collectors: readonly string[];
  readonly keepers: readonly string[];
  /** How many counters have totals, check counters among them. */
  readonly counters: number;
  readonly noise: 'on' | 'off' | undefined;
  /** What the released collectors' noise gives (Infinity if nothing), at this delta; undefined if the file does not say. */
  readonly privacy: { readonly epsilon: number; readonly delta: number } | undefined;
};

const MS_PER_SECOND = 1000;
const names = z.array(z.string());
/** Everything but the times is absent in PrivCount 2.0's outcomes. */
const schema = z.object({
  Result: z
    .object({
      outcome: z.enum(['released', 'aborted']),
      reason: z.string().optional(),
      culprits: names.default([]),
      left_out: z.array(z.object({ name: z.string(), reason: z.string() })).default([]),
      collectors: names.default([]),
      keepers: names.default([]),
    })
    .optional(),
  Tally: z.record(z.string(), z.unknown()).optional(),
  Privacy: z
    .object({
      noise: z.enum(['on', 'off']),
      delta: z.number().optional(),
      effective_epsilon: z.union([z.number(), z.literal('Infinity').transform(() => Infinity)]).optional(),
    })
    .optional(),
  Context: z.object({
    Time: z.object({
      Start: seconds,
      End: seconds,
      Stopping: seconds.optional(),
      CollectStart: seconds.optional(),
      CollectStop: seconds.optional(),
    }),
    TallyServer: z
      .object({
        Config: z.object({ round_id: z.string().optional(), network_name: z.string().optional() }).optional(),
      })
      .optional(),
    DataCollector: z.record(z.string(), z.unknown()).default({}),
    ShareKeeper: z.record(z.string(), z.unknown()).default({}),
  }),
});

type Outcome = z.infer<typeof schema>;

/** Throws ResultFileError if the text is no outcome. */
export function parsePastRound(text: string): PastRound {
  const { Result: result, Tally: tallies, Privacy: privacy, Context: context } = parseOutcome(text);
  const { Time: time, DataCollector: collectors, ShareKeeper: keepers } = context;
  const isReleased = result === undefined ? tallies !== undefined : result.outcome === 'released';
  const config = context.TallyServer?.Config;
  return {
    roundId: config?.round_id,
    networkName: config?.network_name,
    outcome: isReleased ? 'released' : 'aborted',
    beginMs: toMs(time.CollectStart ?? time.Start),
    endMs: toMs(time.CollectStop ?? (isReleased ? time.Stopping : undefined) ?? time.End),
    reason: isReleased ? undefined : (result?.reason ?? 'it has no totals'),
    culprits: result?.culprits ?? [],
    leftOut: result?.left_out ?? [],
    collectors: result?.collectors ?? Object.keys(collectors),
    keepers: result?.keepers ?? Object.keys(keepers),
    counters: Object.keys(tallies ?? {}).length,
    noise: privacy?.noise,
    privacy: toPrivacy(privacy),
  };
}

function parseOutcome(text: string): Outcome {
  const outcome = schema.safeParse(parseJson(text));
  if (outcome.success) return outcome.data;
  const { path } = outcome.error.issues[0]!;
  throw new ResultFileError(`it is not an outcome of a round: look at ${path.join('.') || 'the whole'}`);
}

function toPrivacy(privacy: Outcome['Privacy']): PastRound['privacy'] {
  const { delta, effective_epsilon: epsilon } = privacy ?? {};
  return delta === undefined || epsilon === undefined ? undefined : { epsilon, delta };
}

function toMs(seconds: number): number {
  return Math.round(seconds * MS_PER_SECOND);
}
