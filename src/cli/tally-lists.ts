/** The match lists that the tally's config.yaml names: read, checked together, and made ready to travel. */
import { basename } from 'node:path';
import { toCanonicalList, type ListKind } from '../collection/lists/list-texts.js';
import {
  buildMatchLists,
  type ListFinding,
  type ListTexts,
  type ListTextKind,
} from '../collection/match-lists.js';
import { checkNoFaults, type ConfigFault } from '../config/config-error.js';
import { type TallyConfig } from '../config/tally-config.js';
import { md5Hex } from '../crypto/primitives.js';
import { type Plan } from '../protocol/plan.js';
import { artifactDigest } from '../roles/artifacts.js';
import { type ListLabel, toListLabel } from '../roles/list-label.js';
import { startProgress } from './progress.js';
import { readSource } from './read-config.js';

export type TravellingLists = {
  readonly lists: Plan['lists'];
  /** The lists' bytes by digest. */
  readonly artifacts: ReadonlyMap<string, Uint8Array>;
  /** What outcomes say about a list, by its digest. */
  readonly labels: ReadonlyMap<string, ListLabel>;
};

type ListFile = { readonly path: string; readonly bytes: Uint8Array };
type FilesOfKinds = ReadonlyMap<ListTextKind, readonly ListFile[]>;

/** Throws ConfigError with every fault of every list. */
export function readMatchLists(config: TallyConfig, warn: (message: string) => void): TravellingLists {
  const filesOf = readFiles(config);
  const texts: ListTexts = Object.fromEntries(
    [...filesOf].map(([kind, files]) => [kind, files.map(({ bytes }) => bytes)]),
  );
  const { rejectOverlappingLists: rejectOverlaps } = config;
  const { faults, warnings } = buildMatchLists(texts, { rejectOverlaps, md5Hex });
  checkNoFaults(faults.map((finding) => toFault(finding, filesOf)));
  for (const { kind, list, problem } of warnings) warn(`${placeOf(filesOf, kind, list)}: ${problem}`);
  const total = [...filesOf.values()].reduce((sum, files) => sum + files.length, 0);
  const progress = startProgress({ label: 'reading match lists', total });
  const artifacts = new Map<string, Uint8Array>();
  const labels = new Map<string, ListLabel>();
  const lists = [...filesOf].map(([kind, files]) => ({
    kind,
    digests: files.map(({ path, bytes }) => {
      const text = kind === 'asPrefixes' ? bytes : toCanonicalList(kind, bytes).text;
      const digest = artifactDigest(text);
      artifacts.set(digest, text);
      labels.set(digest, toListLabel(kind, basename(path), text));
      progress.advance();
      return digest;
    }),
  }));
  progress.end();
  return { lists, artifacts, labels };
}

function readFiles({ lists, asPrefixFiles }: TallyConfig): FilesOfKinds {
  const kinds = Object.entries(lists) as [ListKind, readonly string[]][];
  const paths: [ListTextKind, readonly string[]][] = [
    ...kinds,
    ['asPrefixes', asPrefixFiles === undefined ? [] : [asPrefixFiles.ipv4, asPrefixFiles.ipv6]],
  ];
  return new Map(
    paths
      .filter(([, files]) => files.length > 0)
      .map(([kind, files]) => [
        kind,
        files.map((path) => ({ path, bytes: readSource(path, 'a match list').bytes })),
      ]),
  );
}

function toFault({ kind, list, problem }: ListFinding, filesOf: FilesOfKinds): ConfigFault {
  const wanted =
    kind === 'asPrefixes'
      ? 'lines of network/length, a tab and a number'
      : 'one item a line, in one list only';
  return { file: placeOf(filesOf, kind, list), key: '', problem, wanted };
}

/** The file, or all files of the kind if the finding is about them together. */
function placeOf(filesOf: FilesOfKinds, kind: ListTextKind, list: number | undefined): string {
  const files = filesOf.get(kind) ?? [];
  return list === undefined ? files.map(({ path }) => path).join(', ') : files[list]!.path;
}
