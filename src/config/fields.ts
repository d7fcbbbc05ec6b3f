/** Schemas of single values. The message of each says what would be right; yaml-file.ts adds what is wrong. */
import { z } from 'zod';

const MS_PER_SECOND = 1000;
/** PrivCount's longest rounds took days; a plan takes up to 32 (protocol/limits.ts). */
const PERIOD_MS_MAX = 32 * 86_400_000;
const TEXT_CHARACTERS_MAX = 4096;

export function wholeNumber(min: number, max: number): z.ZodNumber {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function numberFrom(min: number, max: number): z.ZodNumber {
  const error = `a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** A number above 0. */
export function positiveNumber(max: number): z.ZodNumber {
  const error = Number.isFinite(max) ? `a number above 0 and at most ${max}` : 'a number above 0';
  return z.number({ error }).gt(0, { error }).max(max, { error });
}

/** A period in seconds as in PrivCount's files, 1/1000 s and up; the value is in milliseconds. */
export function periodMs(maxMs = PERIOD_MS_MAX): z.ZodType<number> {
  return seconds(1, maxMs);
}

/** The same, and 0 for none. */
export function waitMs(maxMs = PERIOD_MS_MAX): z.ZodType<number> {
  return seconds(0, maxMs);
}

function seconds(minMs: number, maxMs: number): z.ZodType<number> {
  const error = `seconds, ${minMs / MS_PER_SECOND} to ${maxMs / MS_PER_SECOND}`;
  return z
    .number({ error })
    .min(minMs / MS_PER_SECOND, { error })
    .max(maxMs / MS_PER_SECOND, { error })
    .transform(toMs);
}

function toMs(seconds: number): number {
  return Math.round(seconds * MS_PER_SECOND);
}

export function flag(): z.ZodBoolean {
  return z.boolean({ error: 'true or false' });
}

/** One of some words. */
export function choice<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `one of: ${words.join(', ')}` });
}

/** Text that matches; `wanted` says what. */
export function text(pattern: RegExp, wanted: string): z.ZodString {
  return z
    .string({ error: wanted })
    .max(TEXT_CHARACTERS_MAX, { error: wanted })
    .regex(pattern, { error: wanted });
}

/** 32 bytes in hexadecimal; the value is in lower case. */
export function hex32(what: string): z.ZodType<string> {
  return text(/^[0-9a-fA-F]{64}$/, `${what}, 64 hexadecimal digits`).transform((digits) =>
    digits.toLowerCase(),
  );
}

export function port(): z.ZodNumber {
  return wholeNumber(1, 65_535);
}

/** A map with these keys and no others. */
export function section<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `one of: ${keys}` : `a map with some of the keys ${keys}`,
  });
}

/** One item, or a list of 1 to `max`; faults keep the place that they have in the file. */
export function oneOrList<Item extends z.ZodType>(
  item: Item,
  { what, max, wanted }: { readonly what: string; readonly max: number; readonly wanted: string },
): z.ZodType<z.output<Item>[]> {
  const list = listOf(item, what, max).min(1, { error: wanted });
  return z.unknown().transform((value, refinement) => {
    if (value === undefined) {
      refinement.addIssue({ code: 'custom', message: wanted });
      return z.NEVER;
    }
    if (Array.isArray(value)) return read(list, value, refinement) ?? z.NEVER;
    const single = read(item, value, refinement);
    return single === undefined ? z.NEVER : [single];
  });
}

/** Undefined if the value is refused; its faults are then the refinement's. */
function read<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  refinement: z.core.$RefinementCtx,
): z.output<Schema> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) refinement.addIssue({ ...issue });
  return undefined;
}

/** A list of at most `max`. */
export function listOf<Item extends z.ZodType>(item: Item, what: string, max: number): z.ZodArray<Item> {
  const error = `a list of ${what}, at most ${max}`;
  return z.array(item, { error }).max(max, { error });
}
