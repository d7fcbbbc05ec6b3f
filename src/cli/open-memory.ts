/** Opens a node's memory of its rounds; one that can't be read is for the operator to look at, never to be passed over. */
import { OperatorError } from './operator-error.js';
import { PrivacyMemory, type MemoryFile } from '../roles/privacy-memory.js';
import { EXIT } from './exit-codes.js';

export function openMemory(file: MemoryFile, stateFolder: string): PrivacyMemory {
  try {
    return new PrivacyMemory(file);
  } catch (error) {
    const text =
      `what the rounds of the node in ${stateFolder} have cost is not written as this version writes it; wanted: a newer ` +
      'version (do not restore an old copy of the folder: it would forget rounds)';
    throw new OperatorError(text, EXIT.usage, { cause: error });
  }
}
