/** What an outcome says about its match lists: the names of their files, and what is in them. */
import { z } from 'zod';

/** Of one kind of match list, a label a list, in their order; undefined if the file does not say. */
export type ListLabels = {
  readonly file: readonly string[] | undefined;
  readonly content: readonly string[] | undefined;
};

/** By kind, in the words of this program's config (config/list-bins.ts). */
export type LabelsOfLists = ReadonlyMap<string, ListLabels>;

/** A round has no more lists of a kind (protocol/limits.ts). */
const LISTS_MAX = 1000;
const LABEL_LENGTH_MAX = 200;

const texts = z.array(z.string().transform(toLabel)).min(1).max(LISTS_MAX).optional().catch(undefined);

/** Ours: doc/protocol.md, "Results". */
const ownSchema = z.object({
  match_lists: z
    .array(z.object({ kind: z.string(), names: texts, contents: texts }))
    .optional()
    .catch(undefined),
});

/** PrivCount 2.0's keys (spec/rounds.md, section 2): the files that were configured, and summaries of the lists read. */
const ORIGINAL_KINDS: Readonly<Record<string, readonly [files: string, contents: string]>> = {
  domains: ['domain_files', 'domain_lists'],
  countries: ['country_files', 'country_lists'],
  autonomousSystems: ['as_files', 'as_raw_lists'],
  hsdirStores: ['hsdir_store_files', 'hsdir_store_lists'],
  hsdirFetches: ['hsdir_fetch_files', 'hsdir_fetch_lists'],
  circuitFailures: ['circuit_failure_files', 'circuit_failure_lists'],
  onionAddresses: ['onion_address_files', 'onion_address_lists'],
};

/** Of the tally's part of an outcome, `Context.TallyServer.Config`. What is not as it should be says nothing. */
export function parseListLabels(config: Readonly<Record<string, unknown>>): LabelsOfLists {
  const own = ownSchema.parse(config).match_lists ?? [];
  const original = Object.entries(ORIGINAL_KINDS).map(([kind, [files, contents]]) => ({
    kind,
    names: texts.parse(config[files])?.map(baseName),
    contents: texts.parse(config[contents]),
  }));
  return new Map(
    [...original, ...own]
      .filter(({ names, contents }) => names !== undefined || contents !== undefined)
      .map(({ kind, names, contents }) => [kind, { file: names, content: contents }]),
  );
}

/** What a terminal would obey, and what XML does not have, is neither in a label. */
function toLabel(text: string): string {
  return text.slice(0, LABEL_LENGTH_MAX).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}

function baseName(path: string): string {
  return path.replace(/^.*\//, '');
}
