import { expect } from 'chai';
import { documents, readProjectFile } from './documents.js';

type Manifest = {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

const manifest = JSON.parse(readProjectFile('package.json')) as Manifest;
const decisions = documents().filter((path) => path.startsWith('doc/decisions/'));

function titleOf(path: string): string {
  return readProjectFile(path).split('\n', 1)[0]!;
}

describe('doc/decisions', () => {
  it('has one decision for each package that the program needs', () => {
    for (const name of Object.keys(manifest.dependencies)) {
      const about = decisions.filter((path) => titleOf(path).includes(`\`${name}\``));
      expect(about, name).to.have.length(1);
    }
  });

  it('names every package that only developers need', () => {
    const tools = readProjectFile('doc/decisions/0009-development-tools.md');
    for (const name of Object.keys(manifest.devDependencies)) expect(tools).to.include(`\`${name}\``);
  });

  it('numbers them one after the other', () => {
    const numbers = decisions.map((path) => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1]).sort();
    expect(numbers).to.deep.equal(numbers.map((_, at) => String(at + 1).padStart(4, '0')));
  });
});

describe('commands in the documents', () => {
  it('are scripts of package.json where they begin with npm run', () => {
    for (const path of documents()) {
      for (const [, script] of readProjectFile(path).matchAll(/npm run (?:-s )?([a-z:]+)/g)) {
        expect(manifest.scripts, path).to.have.property(script!);
      }
    }
  });
});
