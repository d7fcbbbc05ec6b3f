/** Opens a node's memory of its rounds; one that can't be read is for the operator to look at, never to be passed over. */
import { ConfigError } from '../config/config-error.js';
import { files } from '../io/files.js';
import { memoryFile, memoryPath } from '../io/memory-file.js';
import { PrivacyMemory } from '../roles/privacy-memory.js';

export function openMemory(stateFolder: string): PrivacyMemory {
  try {
    return new PrivacyMemory(memoryFile(files, stateFolder));
  } catch (error) {
    const fault = {
      file: memoryPath(stateFolder),
      key: '',
      problem: "is not what this version writes, so what this node's rounds have cost is not known",
      wanted: 'the file as it was (do not restore an old copy: it would forget rounds), or a newer version',
    };
    throw new ConfigError([fault], { cause: error });
  }
}
