import { expect } from 'chai';
import { documents, readProjectFile } from './documents.js';

type Section = { readonly title: string; readonly text: string };

/** An answer is read at a glance. */
const ANSWER_CHARACTERS_MAX = 700;
const MEANING_CHARACTERS_MAX = 400;

function sectionsOf(path: string, level: string): Section[] {
  const [, ...parts] = `\n${readProjectFile(path)}`.split(`\n${level} `);
  return parts.map((part) => {
    const [title, ...rest] = part.split('\n');
    return { title: title!, text: rest.join('\n').split('\n#')[0]!.trim() };
  });
}

describe('doc/glossary.md', () => {
  const terms = sectionsOf('doc/glossary.md', '##');

  it('has each term once, in the order of the alphabet', () => {
    const titles = terms.map(({ title }) => title);
    expect(titles).to.have.length.greaterThan(40);
    expect(titles).to.deep.equal([...new Set(titles)].sort());
  });

  it('gives each a meaning in one short paragraph', () => {
    for (const { title, text } of terms) {
      expect(text, title).to.match(/^[A-Z0-9][^\n]*\.$/);
      expect(text.length, title).to.be.lessThan(MEANING_CHARACTERS_MAX);
    }
  });

  it('leaves out no role, and no word that is a heading of results', () => {
    const titles = terms.map(({ title }) => title);
    expect(titles).to.include.members([
      'tally',
      'keeper',
      'collector',
      'counter',
      'bin',
      'total',
      'interval',
    ]);
  });
});

describe('doc/faq.md', () => {
  const questions = sectionsOf('doc/faq.md', '###');

  it('asks some two dozen questions, each once', () => {
    const titles = questions.map(({ title }) => title);
    expect(titles).to.have.length.greaterThan(24);
    expect(titles).to.have.length(new Set(titles).size);
    for (const title of titles) expect(title).to.match(/\?$/);
  });

  it('answers each in one short paragraph', () => {
    for (const { title, text } of questions) {
      expect(text, title).to.match(/^\S[^\n]*\.$/);
      expect(text.length, title).to.be.lessThan(ANSWER_CHARACTERS_MAX);
    }
  });
});

/** The word on the right is the one that is used; see doc/glossary.md. */
const OTHER_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bshare holders?\b/i, 'keeper'],
  [/\bmask holders?\b/i, 'keeper'],
  [/\baggregators?\b/i, 'tally'],
  [/\bconfidence intervals?\b/i, 'interval'],
  [/\bdata collection phase\b/i, 'round'],
  [/\bnoise scale\b/i, 'sigma'],
  [/\bconfig file\b/i, 'configuration, or config.yaml'],
  [/\bbehavior|\bcolor\b|\banonymize/i, 'British spelling'],
];

describe('words in the documents', () => {
  for (const [pattern, wanted] of OTHER_WORDS) {
    it(`do not include ${pattern.source}, since it is: ${wanted}`, () => {
      const found = documents().filter((path) => pattern.test(proseOf(path)));
      expect(found).to.deep.equal([]);
    });
  }
});

function proseOf(path: string): string {
  return readProjectFile(path)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, '');
}
