import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
import { documents, hasProjectFile, readProjectFile } from './documents.js';

type Link = { readonly from: string; readonly path: string; readonly anchor: string | undefined };

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Links to files and headings of this project. */
function linksOf(from: string): Link[] {
  return [...withoutCode(readProjectFile(from)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path, anchor] = target.split('#');
      return { from, path: path === '' ? from : normalize(join(dirname(from), path!)), anchor };
    });
}

/** The anchors that GitHub gives to a document's headings. */
function anchorsOf(path: string): string[] {
  const text = readProjectFile(path).replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('links in the documents', () => {
  const links = documents().flatMap(linksOf);

  it('lead to files that are there', () => {
    const broken = links.filter(({ path }) => !hasProjectFile(path));
    expect(broken.map(({ from, path }) => `${from} -> ${path}`)).to.deep.equal([]);
  });

  it('lead to headings that are there', () => {
    const broken = links.filter(
      ({ path, anchor }) => anchor !== undefined && hasProjectFile(path) && !anchorsOf(path).includes(anchor),
    );
    expect(broken.map(({ from, path, anchor }) => `${from} -> ${path}#${anchor}`)).to.deep.equal([]);
  });
});
