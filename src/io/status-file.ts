/** The status of a node, as a file in its state folder (roles/status-reporter.ts). */
import { join } from 'node:path';
import { type Files } from '../roles/ports.js';
import { type Status, statusSchema } from '../roles/status-board.js';
import { type StatusWriter } from '../roles/status-reporter.js';

export type WrittenStatus =
  | { readonly kind: 'status'; readonly status: Status }
  /** The node has not run yet. */
  | { readonly kind: 'none' }
  /** A node of another version wrote it, or something else did. */
  | { readonly kind: 'unreadable' };

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

export function readStatusFile(files: Files, stateFolder: string): WrittenStatus {
  const bytes = files.read(pathOf(stateFolder));
  if (bytes === undefined) return { kind: 'none' };
  const status = parse(new TextDecoder().decode(bytes));
  return status === undefined ? { kind: 'unreadable' } : { kind: 'status', status };
}

function parse(text: string): Status | undefined {
  try {
    return statusSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
