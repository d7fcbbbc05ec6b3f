/** What is in a folder that a command is to write into. */
import { readdirSync } from 'node:fs';
import { hasCode } from '../io/files.js';
import { EXIT } from './exit-codes.js';
import { OperatorError } from './operator-error.js';

/** Empty if the folder is not there. Throws OperatorError if it is something else, or may not be read. */
export function folderEntries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    const reason = hasCode(error, 'ENOTDIR') ? 'is not a folder' : `can't be read: ${String(error)}`;
    throw new OperatorError(`${path} ${reason}`, EXIT.usage, { cause: error });
  }
}
