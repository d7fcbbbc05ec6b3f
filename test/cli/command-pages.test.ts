import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { commandSummaries } from '../../src/cli/command-page.js';
import { commandPages } from '../../src/cli/commands/command-pages.js';
import { OperatorError } from '../../src/cli/operator-error.js';

describe('privcount command-pages', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'privcount-pages-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function write(): Promise<void> {
    await commandPages.handler({ folder: join(folder, 'commands'), _: [], $0: 'privcount' });
  }

  const pathOf = (name: string): string => join(folder, 'commands', `${name}.md`);

  it('is not among the commands that it writes about', async () => {
    await write();
    const names = [...commandSummaries().map(({ name }) => `${name}.md`), 'README.md'];
    expect(readdirSync(join(folder, 'commands'))).to.have.members(names);
    expect(names).not.to.include('command-pages.md');
  });

  it('keeps what a person has written, and mends what stands between the marks', async () => {
    await write();
    const page = readFileSync(pathOf('version'), 'utf8');
    const outdated = page.replace('print the version', 'print something else');
    writeFileSync(pathOf('version'), `${outdated}\n## Example\n`);
    await write();
    expect(readFileSync(pathOf('version'), 'utf8')).to.equal(`${page}\n## Example\n`);
  });

  it('has the help of commands within a command', async () => {
    await write();
    const page = readFileSync(pathOf('results'), 'utf8');
    for (const name of ['list', 'show', 'compare', 'export', 'extrapolate'])
      expect(page).to.include(`\`\`\`text\nprivcount results ${name} `);
  });

  it('leaves a page without marks as it is, and names it', async () => {
    await write();
    writeFileSync(pathOf('demo'), '# mine\n');
    let thrown: unknown;
    await write().catch((error: unknown) => (thrown = error));
    expect(thrown).to.be.instanceOf(OperatorError);
    expect(String(thrown)).to.include('demo.md has no marks');
    expect(readFileSync(pathOf('demo'), 'utf8')).to.equal('# mine\n');
  });
});
