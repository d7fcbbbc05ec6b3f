/** The status of a node, as a file in its state folder (roles/status-reporter.ts). */
import { join } from 'node:path';
import { type Files } from '../roles/ports.js';
import { type Status, statusSchema } from '../roles/status-board.js';
import { type StatusWriter } from '../roles/status-reporter.js';

function pathOf(stateFolder: string): string {
  return join(stateFolder, 'status.json');
}

export function statusFile(files: Files, stateFolder: string): StatusWriter {
  return {
    write: (status) =>
      files.writeWhole(
        pathOf(stateFolder),
        new TextEncoder().encode(`${JSON.stringify(status, undefined, 2)}\n`),
      ),
  };
}

/** Undefined if there is none, or none that this version can read. */
export function readStatusFile(files: Files, stateFolder: string): Status | undefined {
  const bytes = files.read(pathOf(stateFolder));
  if (bytes === undefined) return undefined;
  try {
    return statusSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}
