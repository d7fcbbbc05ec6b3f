/** Opens a node's store, with what an operator can mend said in the operator's words. */
import { join } from 'node:path';
import { type Identity } from '../crypto/identity.js';
import { stateKey } from '../crypto/state-key.js';
import { openStore, openStoreReadOnly } from '../io/sqlite-store.js';
import { StoreError } from '../io/store-error.js';
import { type Store, type StoreReader } from '../roles/store-port.js';
import { EXIT } from './exit-codes.js';
import { OperatorError } from './operator-error.js';

/** One for each node: the state folder belongs to it alone. */
function storePath(stateFolder: string): string {
  return join(stateFolder, 'state.db');
}

/** For the node itself; a second process with the same state folder is refused. Throws OperatorError. */
export function openNodeStore(stateFolder: string, identity: Identity): Store & { close(): void } {
  return withKey(identity, (key) => openStore(storePath(stateFolder), { key }));
}

/** For commands that look at a node, running or not; undefined if it never ran. Throws OperatorError. */
export function readNodeStore(
  stateFolder: string,
  identity: Identity,
): (StoreReader & { close(): void }) | undefined {
  return withKey(identity, (key) => openStoreReadOnly(storePath(stateFolder), { key }));
}

function withKey<Opened>(identity: Identity, open: (key: Uint8Array) => Opened): Opened {
  const key = stateKey(identity);
  try {
    return open(key);
  } catch (error) {
    throw error instanceof StoreError ? inOperatorsWords(error) : error;
  } finally {
    key.fill(0);
  }
}

function inOperatorsWords(error: StoreError): Error {
  const text = `${error.message}; wanted: ${error.wanted}`;
  switch (error.fault) {
    case 'in-use':
      return new OperatorError(text, EXIT.unavailable, { cause: error });
    case 'machine':
      return new OperatorError(text, EXIT.failure, { cause: error });
    case 'not-private':
    case 'foreign':
    case 'version':
    case 'damaged':
    case 'other-key':
      return new OperatorError(text, EXIT.usage, { cause: error });
  }
}
