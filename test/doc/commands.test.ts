import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { projectPath, readProjectFile, tableBelow } from './documents.js';

const FOLDER = 'src/cli/commands';

/** The first word of each command, as its file names it. */
function commands(): string[] {
  return readdirSync(projectPath(FOLDER)).flatMap((name) =>
    [...readProjectFile(`${FOLDER}/${name}`).matchAll(/^ {2}command: '([a-z]+)/gm)].map(([, word]) => word!),
  );
}

describe('the commands in doc/operating.md', () => {
  it('are all that there are', () => {
    const written = tableBelow('doc/operating.md', 'Commands').map(([command]) => command!.split(' ')[0]);
    expect(written).to.have.members(commands());
    expect(written).to.have.length(new Set(written).size);
  });
});
