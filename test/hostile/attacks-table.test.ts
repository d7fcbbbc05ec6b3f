/** The table of doc/privacy.md names the attacks that are tests here, and no others. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readProjectFile, tableBelow } from '../doc/documents.js';

/** Files of this folder that test no attack: the model, and this. */
const NO_ATTACKS = ['original-model', 'attacks-table'];

/** The titles of the attacks that a file tests. */
function attacksOf(file: string): string[] {
  const source = readProjectFile(`test/hostile/${file}.test.ts`);
  return [...source.matchAll(/^describe\((['"])(.*)\1, /gm)].map(([, , title]) => title!);
}

/** Compiled tests stand beside each other as their sources do. */
function filesWithAttacks(): string[] {
  return readdirSync(fileURLToPath(new URL('.', import.meta.url)))
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => name.slice(0, -'.test.js'.length))
    .filter((name) => !NO_ATTACKS.includes(name));
}

describe('the table of attacks in doc/privacy.md', () => {
  const rows = tableBelow('doc/privacy.md', 'Attacks that are tests');

  it('names every attack that is a test, beside the file that has it', () => {
    const tested = filesWithAttacks().flatMap((file) =>
      attacksOf(file).map((attack) => `${attack}: [${file}](../test/hostile/${file}.test.ts)`),
    );
    expect(tested.length).to.be.greaterThan(12);
    expect(rows.map(([attack, , , test]) => `${attack}: ${test}`)).to.have.members(tested);
  });

  it('says of each what the original gives and what happens here', () => {
    for (const row of rows) for (const cell of row) expect(cell).not.to.equal('');
  });
});
