/** What nodes remember, in files and in memory (roles/store-ports.ts); a database takes their place with issue 4 of 10. */
import { join } from 'node:path';
import { toHex } from '../core/hex.js';
import { type Files } from '../roles/ports.js';
import { type ArtifactCache, type CollectorStore, type KeeperStore } from '../roles/store-ports.js';

/**
 * A file for each round that the keeper has seen, with its vote once there is one, in `rounds` below the state folder. They
 * are never removed: a vote holds for ever, and a year of daily rounds is 365 files of 400 bytes.
 */
export function keeperFiles(files: Files, stateFolder: string): KeeperStore {
  const pathOf = (roundId: string): string => join(stateFolder, 'rounds', `${roundId}.json`);
  const write = (roundId: string, content: object): void => {
    files.writeWhole(
      pathOf(roundId),
      new TextEncoder().encode(`${JSON.stringify({ roundId, ...content })}\n`),
    );
  };
  return {
    hasSeen: (roundId) => files.read(pathOf(roundId)) !== undefined,
    markSeen: (roundId) => write(roundId, {}),
    saveVote: (roundId, { proposalDigest, vote }) => {
      // The file decides, so that it holds for a keeper that was started anew too.
      if (hasVote(files.read(pathOf(roundId)))) throw new Error(`round ${roundId} has a vote already`);
      write(roundId, { proposalDigest, vote: toHex(vote) });
    },
  };
}

/** A file that can't be read as what was written may have held a vote. */
function hasVote(bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined) return false;
  const content: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return typeof content !== 'object' || content === null || 'vote' in content;
}

/** The report of the round under way. */
export function collectorMemory(): CollectorStore {
  const reports = new Map<string, unknown>();
  return {
    saveReport: (roundId, report) => void reports.set(roundId, report),
    forget: (roundId) => void reports.delete(roundId),
  };
}

/** One file a list or table, named by its digest, in `artifacts` below the state folder. */
export function artifactFiles(
  files: Files,
  stateFolder: string,
  digestOf: (bytes: Uint8Array) => string,
): ArtifactCache {
  const pathOf = (digest: string): string => join(stateFolder, 'artifacts', digest);
  return {
    get: (digest) => {
      const bytes = files.read(pathOf(digest));
      return bytes !== undefined && digestOf(bytes) === digest ? bytes : undefined;
    },
    put: (digest, bytes) => files.writeWhole(pathOf(digest), bytes),
  };
}
