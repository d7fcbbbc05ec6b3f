/** What stands in result files, of this program and of PrivCount 2.0, with its limits. */
import { z } from 'zod';

/** A round has no more (protocol/limits.ts): a file that does is no round's. */
export const COUNTERS_MAX = 20_000;
const BINS_MAX = 10_000;
export const ALL_BINS_MAX = 1 << 18;
export const NAME_LENGTH_MAX = 256;
/** 2^127 has 39 digits, a total in steps of 2^-64 that many more, PrivCount 2.0's 22. */
const TOTAL_LENGTH_MAX = 110;
/** Above all totals; what is reckoned with it stays a number. */
const SIGMA_MAX = 1e60;
/** Whole numbers of 16 digits and more come as texts (result-json.ts). */
const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{1,400}$/)
    .transform(Number)
    .pipe(z.number()),
]);
const edge = z.union([
  number,
  z.literal('Infinity').transform(() => Infinity),
  z.literal('-Infinity').transform(() => -Infinity),
]);
const sigma = number.pipe(z.number().min(0).max(SIGMA_MAX));
/** Of the epoch, up to the year 5138: later ones are no times. */
export const seconds = z.number().min(0).max(1e11);
const total = z.union([
  z.number().int().transform(String),
  z
    .string()
    .max(TOTAL_LENGTH_MAX)
    .regex(/^-?\d+(\.\d+)?$/),
]);
export const talliesSchema = z.record(
  z.string(),
  z.object({
    bins: z
      .array(z.tuple([edge, edge, total]))
      .min(1)
      .max(BINS_MAX),
    /** Ours. */
    effective_sigma: sigma.optional(),
  }),
);
const noiseSchema = z.object({
  counters: z.record(z.string(), z.object({ sigma })).catch({}),
  privacy: z.object({ excess_noise_ratio: z.number().min(0).max(SIGMA_MAX).optional() }).optional(),
});
const contextSchema = z.object({
  Time: z
    .object({
      Start: seconds,
      Stopping: seconds.optional(),
      CollectStart: seconds.optional(),
      CollectStop: seconds.optional(),
    })
    .optional(),
  TallyServer: z
    .object({
      Config: z.looseObject({
        noise: z.union([noiseSchema, z.unknown().transform(() => undefined)]).optional(),
        round_id: z.string().optional(),
      }),
    })
    .optional(),
});
const privacySchema = z.object({
  noise: z.enum(['on', 'off']),
  delta: z.number().optional(),
  effective_epsilon: edge.optional(),
  effective_epsilon_worst_tolerated: edge.optional(),
});
export const outcomeSchema = z.object({
  Tally: talliesSchema.optional(),
  Privacy: privacySchema.optional(),
  Context: contextSchema,
});
export const abortedSchema = z.object({
  Result: z.object({ outcome: z.literal('aborted'), reason: z.string() }),
});

export type Tallies = z.infer<typeof talliesSchema>;
export type Context = z.infer<typeof contextSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;
export type NoiseOfOriginal = z.infer<typeof noiseSchema>;
export type PrivacyJson = z.infer<typeof privacySchema>;
