/** The smallest pieces of the messages' schemas. */
import { z } from 'zod';
import { COLLECTORS_MAX, GENERATIONS_MAX, NAME_LENGTH_MAX, REASON_LENGTH_MAX } from './limits.js';

/** A node's name in network.yaml. */
export const nodeName = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(/^[A-Za-z0-9._-]+$/);

/** What a peer says ends up in logs and results: no line ends or escape sequences. */
export function plainText(lengthMax: number) {
  return z
    .string()
    .max(lengthMax)
    .regex(/^\P{Cc}*$/u);
}

export const reason = plainText(REASON_LENGTH_MAX);

function hexOf(bytes: number) {
  return z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
}

export const digest = hexOf(32);
export const roundId = hexOf(16);
export const x25519Key = hexOf(32);

export const timeMs = z.int().min(0);
export const generation = z.int().min(1).max(GENERATIONS_MAX);

/** The collectors of a released set: who, which of its seeds' masks are in its report, and the report's digest. */
export const releasedSet = z
  .array(
    z.strictObject({
      collector: nodeName,
      generations: z.array(generation).min(1).max(GENERATIONS_MAX),
      report: digest,
    }),
  )
  .min(1)
  .max(COLLECTORS_MAX);

export type ReleasedSet = z.infer<typeof releasedSet>;
