import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { files } from '../../src/io/files.js';
import { readStatusFile, statusFile } from '../../src/io/status-file.js';
import { STATUS_VERSION, type Status } from '../../src/roles/status-board.js';
import { withFolder } from './temporary-folder.js';

const STATUS: Status = {
  version: STATUS_VERSION,
  role: 'keeper',
  name: 'keeper-1',
  network: 'test',
  software: 'privcount 4',
  writtenAtMs: 2,
  startedAtMs: 1,
  phase: 'waiting for a round',
  rounds: [],
  endedRounds: { released: 2, aborted: 1, unknown: 0 },
  tally: {},
  warnings: [],
};

describe('the file of the status', () => {
  it(
    'gives back what was written, for the owner alone',
    withFolder((folder) => {
      statusFile(files, folder).write(STATUS);
      expect(readStatusFile(files, folder)).to.deep.equal({ kind: 'status', status: STATUS });
      expect(statSync(join(folder, 'status.json')).mode & 0o777).to.equal(0o600);
      expect(JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8'))).to.deep.equal(STATUS);
    }),
  );

  it(
    'is none where there is none',
    withFolder((folder) => {
      expect(readStatusFile(files, folder)).to.deep.equal({ kind: 'none' });
    }),
  );

  it(
    'can not be read where another version wrote it, or something else',
    withFolder((folder) => {
      const older = { ...STATUS, version: 1, rounds: [{ roundId: 'ab', phase: 'keyed', sinceMs: 1 }] };
      const newer = { ...STATUS, version: STATUS_VERSION + 1 };
      const texts = ['', 'no JSON', '{}', '[]', ...[older, newer].map((status) => JSON.stringify(status))];
      for (const text of texts) {
        writeFileSync(join(folder, 'status.json'), text);
        expect(readStatusFile(files, folder), text).to.deep.equal({ kind: 'unreadable' });
      }
    }),
  );
});
