/** Lists and tables that nodes keep by digest (roles/ports.ts). */
import { join } from 'node:path';
import { type ArtifactCache, type Files } from '../roles/ports.js';

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
