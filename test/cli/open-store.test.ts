import { expect } from 'chai';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../src/cli/exit-codes.js';
import { openNodeStore, readNodeStore } from '../../src/cli/open-store.js';
import { OperatorError } from '../../src/cli/operator-error.js';
import { Identity } from '../../src/crypto/identity.js';
import { memoryIn, storeMemory } from '../../src/roles/store-memory.js';
import { withFolder } from '../io/temporary-folder.js';

const identity = new Identity(new Uint8Array(32).fill(1));
const otherIdentity = new Identity(new Uint8Array(32).fill(2));

function refusalOf(task: () => unknown): OperatorError {
  try {
    task();
  } catch (error) {
    expect(error).to.be.instanceOf(OperatorError);
    return error as OperatorError;
  }
  throw new Error('nothing was thrown');
}

describe("a node's store", () => {
  it(
    "keeps the node's memory of its rounds, which can be read while the node runs",
    withFolder((folder) => {
      expect(readNodeStore(folder, identity)).to.equal(undefined);
      const store = openNodeStore(folder, identity);
      const memory = storeMemory(store);
      expect(memory.read()).to.equal(undefined);
      memory.write('{"rounds": "é"}');
      memory.write('{"rounds": "größer"}');
      expect(memory.read()).to.equal('{"rounds": "größer"}');
      const reader = readNodeStore(folder, identity)!;
      expect(memoryIn(reader)).to.equal('{"rounds": "größer"}');
      reader.close();
      store.close();
      const again = openNodeStore(folder, identity);
      expect(storeMemory(again).read()).to.equal('{"rounds": "größer"}');
      again.close();
    }),
  );

  it(
    'tells the operator who else has it, in one sentence',
    withFolder((folder) => {
      const store = openNodeStore(folder, identity);
      const error = refusalOf(() => openNodeStore(folder, identity));
      expect(error.exitCode).to.equal(EXIT.unavailable);
      expect(error.message).to.equal(
        `another privcount uses ${join(folder, 'state.db')}; wanted: one privcount for each state folder: ` +
          'stop the other, or give this one another folder',
      );
      store.close();
    }),
  );

  it(
    'tells the operator what is wrong with the files, and what would be right',
    withFolder((folder) => {
      const store = openNodeStore(folder, identity);
      storeMemory(store).write('{}');
      store.close();
      const path = join(folder, 'state.db');
      for (const open of [openNodeStore, readNodeStore]) {
        const foreign = refusalOf(() => open(folder, otherIdentity));
        expect(foreign.exitCode).to.equal(EXIT.usage);
        expect(foreign.message).to.equal(
          `the entry memory of ${path} was written by another key, or has been changed; ` +
            'wanted: the key file and the state folder of one node',
        );
      }
      chmodSync(path, 0o644);
      expect(refusalOf(() => openNodeStore(folder, identity)).message).to.equal(
        `${path} can be used by others (mode 0644); wanted: chmod 600 ${path}`,
      );
    }),
  );

  it(
    'tells the operator where no folder can be made',
    withFolder((folder) => {
      mkdirSync(join(folder, 'state.db'), { mode: 0o700 });
      const error = refusalOf(() => openNodeStore(folder, identity));
      expect([error.exitCode, error.message.includes('is not a plain file')]).to.deep.equal([
        EXIT.usage,
        true,
      ]);
      const file = join(folder, 'file');
      writeFileSync(file, '');
      const below = refusalOf(() => openNodeStore(join(file, 'state'), identity));
      expect(below.exitCode).to.equal(EXIT.failure);
      expect(below.message).to.match(/^can't lock .*state\.db\.lock: ENOTDIR/);
    }),
  );
});
