import { expect } from 'chai';
import { commandLine, UsageError } from '../../src/cli/command-line.js';
import { commandSummaries, toCommandIndex, toCommandPage } from '../../src/cli/command-page.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { commandLinesIn } from './command-lines.js';
import { documents, hasProjectFile, readProjectFile, tableBelow } from './documents.js';

const FOLDER = 'doc/commands';
const names = commandSummaries().map(({ name }) => name);

function pageOf(name: string): string {
  return readProjectFile(`${FOLDER}/${name}.md`);
}

class Taken extends Error {}

/** Why the program would not take this; undefined if it would. It is parsed and checked, and no command is run. */
async function refusal(words: readonly string[]): Promise<string | undefined> {
  const parser = commandLine([]).middleware(() => {
    throw new Taken();
  });
  try {
    await parser.parseAsync([...words]);
    throw new Error(`${words.join(' ')} was run`);
  } catch (error) {
    if (error instanceof Taken) return undefined;
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

describe('the commands in doc/operating.md', () => {
  it('are all that there are', () => {
    const written = tableBelow('doc/operating.md', 'Commands').map(([command]) => command!.split(' ')[0]);
    expect(written).to.have.members(names);
    expect(written).to.have.length(names.length);
  });
});

describe('the pages in doc/commands', () => {
  it('are one for each command, and the index', () => {
    const written = documents().filter((path) => path.startsWith(`${FOLDER}/`));
    expect(written).to.have.members([...names, 'README'].map((name) => `${FOLDER}/${name}.md`));
  });

  for (const name of names) {
    it(`have what privcount ${name} --help prints: else run privcount command-pages doc/commands`, async () => {
      expect(hasProjectFile(`${FOLDER}/${name}.md`), 'is there').to.equal(true);
      expect(await toCommandPage(pageOf(name), name)).to.equal(pageOf(name));
    });
  }

  it('are listed in the index, as the program describes them', () => {
    expect(toCommandIndex(pageOf('README'))).to.equal(pageOf('README'));
  });

  it('say of each command what it is for, and its exit codes', () => {
    for (const name of names) {
      const [intro, codes] = [pageOf(name).split('\n')[2], pageOf(name).split('## Exit codes\n')[1]];
      expect(intro, name).to.match(/^[A-Z].{40,}\.$/);
      const written = [...codes!.matchAll(/^- \*\*(\d)\*\*: /gm)].map(([, code]) => Number(code));
      expect(written, name).to.include(EXIT.fine);
      expect(Object.values(EXIT), name).to.include.members(written);
      expect(written, name).to.deep.equal([...new Set(written)].sort());
    }
  });

  it('are found again in a page that a person wrote around them, and not in one without marks', async () => {
    const page = await toCommandPage(undefined, 'version');
    expect(await toCommandPage(`before\n${page!}after\n`, 'version')).to.equal(`before\n${page!}after\n`);
    expect(await toCommandPage('no marks', 'version')).to.equal(undefined);
    expect(toCommandIndex('no marks')).to.equal(undefined);
  });
});

describe('command lines in the documents', () => {
  const lines = documents().flatMap((path) => commandLinesIn(path).map((line) => ({ ...line, path })));

  it('are found, in blocks and within sentences', () => {
    const of = (path: string): string[] => commandLinesIn(path).map(({ words }) => words.join(' '));
    expect(of('INSTALL.md')).to.include('init FOLDER --collect-period 60 --injected');
    expect(of('DEPLOY.md')).to.include('keygen tally --tls -o identity.key');
    expect(of('doc/commands/counters.md')).to.include('counters --match ^ExitWebStreamCount$');
    expect(lines.filter(({ isWhole }) => isWhole)).to.have.length.greaterThan(40);
    expect(lines.filter(({ isWhole }) => !isWhole)).to.have.length.greaterThan(40);
  });

  for (const { path, words, isWhole } of lines) {
    it(`are such that the program takes: ${words.join(' ')} (${path})`, async () => {
      const refused = await refusal(words);
      if (isWhole || refused === undefined) expect(refused).to.equal(undefined);
      // What a sentence leaves out may be missing, and nothing in it unknown.
      else
        expect(refused.startsWith('Not enough') ? await refusal([...words, 'FILE']) : refused).not.to.match(
          /^Unknown/,
        );
    });
  }

  it('would be refused with a command, an option, or a value that there is not', async () => {
    expect(await refusal(['frobnicate'])).to.include('frobnicate');
    expect(await refusal(['show', 'file.json', '--frobnicate'])).to.include('frobnicate');
    expect(await refusal(['noise', '--preset', 'frobnicate'])).to.include('frobnicate');
    expect(await refusal(['results', 'list', 'folder', '--frobnicate'])).to.include('frobnicate');
    expect(await refusal(['show'])).to.be.a('string');
  });
});
