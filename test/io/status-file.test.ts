import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { files } from '../../src/io/files.js';
import { readStatusFile, statusFile } from '../../src/io/status-file.js';
import { type Status } from '../../src/roles/status-board.js';
import { withFolder } from './temporary-folder.js';

const STATUS: Status = {
  version: 1,
  role: 'keeper',
  name: 'keeper-1',
  network: 'test',
  software: 'privcount 4',
  writtenAtMs: 2,
  startedAtMs: 1,
  phase: 'waiting for a round',
  rounds: [],
  tally: {},
  warnings: [],
};

describe('the file of the status', () => {
  it(
    'gives back what was written, for the owner alone',
    withFolder((folder) => {
      statusFile(files, folder).write(STATUS);
      expect(readStatusFile(files, folder)).to.deep.equal(STATUS);
      expect(statSync(join(folder, 'status.json')).mode & 0o777).to.equal(0o600);
      expect(JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8'))).to.deep.equal(STATUS);
    }),
  );

  it(
    'is none where there is none, or one that this version does not know',
    withFolder((folder) => {
      expect(readStatusFile(files, folder)).to.equal(undefined);
      for (const text of ['', 'no JSON', '{}', JSON.stringify({ ...STATUS, version: 2 }), '[]']) {
        writeFileSync(join(folder, 'status.json'), text);
        expect(readStatusFile(files, folder), text).to.equal(undefined);
      }
    }),
  );
});
